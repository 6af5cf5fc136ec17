//! The catalogue of problems.

use std::fmt;

/// Whether a problem stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The descriptor has no meaning as written.
    Error,
    /// The descriptor is sound, and probably not what its author wants. Silenced by `allow`, with a reason.
    Lint,
}

macro_rules! codes {
    ($($variant:ident $id:literal $name:literal $title:literal;)*) => {
        /// A kind of problem. Its number never changes its meaning, and is never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every kind, errors first, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable number, `E011` for an error and `L003` for a lint.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The stable name in snake case, `unknown_key`. `allow` takes it as well as the number.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The kind in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means, an example of it, and the way out, as Markdown.
            #[must_use]
            pub fn explain(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("explain/", $id, ".md")),)* }
            }
        }
    };
}

codes! {
    YamlSyntax "E001" "yaml_syntax" "the file is not YAML";
    NeedsQuotes "E002" "needs_quotes" "a value that needs quotes";
    AmbiguousScalar "E003" "ambiguous_scalar" "an unquoted text that YAML reads as something else";
    DuplicateKey "E004" "duplicate_key" "one key twice";
    MergeKey "E005" "merge_key" "a merge key";
    Tag "E006" "tag" "a YAML tag";
    SeveralDocuments "E007" "several_documents" "several documents in one file";
    OverBudget "E008" "over_budget" "too large, too deep, or too many aliases";
    Include "E009" "include" "an included file that cannot be taken";
    EntryInTwoFiles "E010" "entry_in_two_files" "one entry in two files";
    UnknownKey "E011" "unknown_key" "a key that does not exist";
    MissingKey "E012" "missing_key" "a required key is absent";
    WrongType "E013" "wrong_type" "a value of the wrong type";
    UnknownWord "E014" "unknown_word" "a word outside the words that may stand there";
    ConflictingKeys "E015" "conflicting_keys" "keys that exclude each other";
    TwoMethods "E016" "two_methods" "two methods on one operation";
    NoRoute "E017" "no_route" "an operation without method and path";
    LanguageVersion "E018" "language_version" "an unknown version of the language";
    NotSupportedYet "E019" "not_supported_yet" "a word of the language that this version cannot generate yet";
    OutOfVersion "E020" "out_of_version" "not part of version 1";
    EmptyReason "E021" "empty_reason" "an opt-out without a reason";

    DanglingName "E030" "dangling_name" "a name that nothing defines";
    BadName "E031" "bad_name" "a name that cannot be one";
    ReservedName "E032" "reserved_name" "a name that is built in";
    CollidingNames "E033" "colliding_names" "two names that become one in Rust";
    BadDuration "E034" "bad_duration" "not a duration";
    BadPattern "E035" "bad_pattern" "not a regular expression";
    BadTemplate "E036" "bad_template" "not a template";
    BadPlace "E037" "bad_place" "not a place";
    BadTypeExpression "E038" "bad_type_expression" "not a type";
    BadUrl "E039" "bad_url" "not a URL";
    BadDate "E040" "bad_date" "not a date";
    BadSize "E041" "bad_size" "not a size";
    BadNumber "E042" "bad_number" "a number out of range";
    BadHeaderName "E043" "bad_header_name" "not the name of a header";
    PlainHttp "E044" "plain_http" "plain http outside loopback";
    OperationWithoutScope "E045" "operation_without_scope" "an operation without a scope";
    ScopeWithoutToken "E046" "scope_without_token" "a scope that no token holds";
    UncallableOperation "E047" "uncallable_operation" "an operation that no token may call";
    ByTokenOutsideScope "E048" "by_token_outside_scope" "`by_token` names a token outside the scope";
    ParamWithoutHole "E049" "param_without_hole" "a path param without a hole";
    BatchOnNonArray "E050" "batch_on_non_array" "a batch of something that is not an array";
    TimeWithoutFormat "E051" "time_without_format" "a place of a time without a format";
    HealthCheckRefused "E052" "health_check_refused" "a health check that the token may not call";
    RouteTwice "E053" "route_twice" "one route twice";
    SecretInFile "E054" "secret_in_file" "a secret in the file";
    OverrideHitsNothing "E055" "override_hits_nothing" "an override that hits nothing";
    EndlessType "E056" "endless_type" "a type that contains itself without end";
    SecretDenied "E057" "secret_denied" "a secret that is declared as none";
    GrantCallRefused "E060" "grant_call_refused" "an operation that cannot be called for a token";

    UnusedToken "L001" "unused_token" "a token that no operation accepts";
    UnplacedToken "L002" "unplaced_token" "a token that is never placed in a request";
    NoHealthCheck "L003" "no_health_check" "a token without a health check";
    ListWithoutPager "L004" "list_without_pager" "a list without a pager";
    ClashingEnv "L005" "clashing_env" "two secrets in one environment variable";
    DroppedHeader "L006" "dropped_header" "inner `headers` that drop an outer one";
    BlindRetry "L007" "blind_retry" "a POST that would be repeated blindly";
    DanglingReplacement "L008" "dangling_replacement" "`deprecated.use` names nothing";
    StaleFacts "L009" "stale_facts" "facts older than a year";
    UntakenOperations "L010" "untaken_operations" "operations of the OpenAPI file neither taken nor skipped";
    UnusedModel "L011" "unused_model" "a model that nothing uses";
    UnusedAllow "L012" "unused_allow" "an `allow` that silences nothing";
}

impl Code {
    /// The kind with this number or name, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.id().eq_ignore_ascii_case(text) || code.name().eq_ignore_ascii_case(text))
    }

    /// An error for `E…`, a lint for `L…`.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.id().starts_with('L') {
            Severity::Lint
        } else {
            Severity::Error
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
