//! What follows from a value that could not be read. That value has its diagnostic, and one mistake is one diagnostic.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::Sources;
use crate::syntax::outline::Outline;

/// Blocks that the rest of a descriptor names.
const DEFINITIONS: [&str; 9] = [
    "environments",
    "variables",
    "schemes",
    "tokens",
    "scopes",
    "roles",
    "rate_limits",
    "pagers",
    "models",
];

/// Blocks that say nothing of who may call what.
const UNGUARDED: [&str; 5] = ["models", "rate_limits", "pagers", "retry", "webhooks"];

/// The values that could not be read, each as the keys that it stands under.
pub(super) struct Unread<'s> {
    sources: &'s Sources,
    outline: Outline,
    values: Vec<Vec<String>>,
}

impl<'s> Unread<'s> {
    /// What the mistakes of the earlier stage have taken away; nothing if they have not.
    pub(super) fn new<'e>(sources: &'s Sources, earlier: impl Iterator<Item = &'e Diagnostic>) -> Option<Self> {
        let mut lost = earlier.filter(|diagnostic| takes_away(diagnostic.code)).peekable();
        lost.peek()?;
        let outline = Outline::of(sources);
        let keys = |diagnostic: &Diagnostic| match diagnostic.code {
            // Nothing of a file that is not there can be known.
            code if is_of_file(code) => Vec::new(),
            _ => outline.keys(diagnostic.span).into_iter().map(str::to_owned).collect(),
        };
        let values = lost.map(keys).collect();
        Some(Self {
            sources,
            outline,
            values,
        })
    }

    /// Whether this may be said only because a value is missing.
    pub(super) fn explains(&self, diagnostic: &Diagnostic) -> bool {
        if diagnostic.severity == Severity::Lint {
            return true;
        }
        let Some(claim) = claim(diagnostic.code) else {
            return false;
        };
        let place = self.outline.keys(diagnostic.span);
        self.values.iter().any(|value| match claim {
            Claim::Absent => is_beside(value, &place) || says_what_fails(value) && says_what_fails(&place),
            Claim::Unfit => is_beside(value, &place) || is_used_by(value, &place),
            Claim::Misplaced => is_beside(value, &place) || block_of(value).is_none_or(|block| block == "models"),
            Claim::Refused => block_of(value).is_none_or(|block| !UNGUARDED.contains(&block)),
            Claim::Unknown => {
                let name = self.sources.snippet(diagnostic.span);
                is_beside(value, &place) || may_define(value, name.trim_matches(['"', '\'', '{', '}']), &place)
            }
        })
    }
}

/// What a diagnostic says of two parts of a descriptor.
#[derive(Clone, Copy)]
enum Claim {
    /// Something should stand in the same entry, or above it.
    Absent,
    /// Two parts contradict each other.
    Unfit,
    /// A place is none of this body.
    Misplaced,
    /// Nobody may make a call, by the matrix.
    Refused,
    /// A name stands for nothing.
    Unknown,
}

/// Nothing for what is wrong with a text in itself.
fn claim(code: Code) -> Option<Claim> {
    match code {
        Code::MissingKey | Code::OperationWithoutScope | Code::BadTemplate | Code::TimeWithoutFormat => {
            Some(Claim::Absent)
        }
        Code::WrongType
        | Code::ConflictingKeys
        | Code::UncallableOperation
        | Code::ByTokenOutsideScope
        | Code::ParamWithoutHole
        | Code::BatchOnNonArray
        | Code::RouteTwice => Some(Claim::Unfit),
        Code::BadPlace => Some(Claim::Misplaced),
        Code::HealthCheckRefused | Code::GrantCallRefused | Code::ScopeWithoutToken => Some(Claim::Refused),
        Code::DanglingName => Some(Claim::Unknown),
        _ => None,
    }
}

/// Whether a mistake of reading leaves something out that later rules would miss.
fn takes_away(code: Code) -> bool {
    is_of_file(code)
        || matches!(
            code,
            Code::NeedsQuotes
                | Code::AmbiguousScalar
                | Code::MissingKey
                | Code::WrongType
                | Code::UnknownWord
                | Code::NoRoute
                | Code::BadNumber
                | Code::OutOfVersion
        )
}

fn is_of_file(code: Code) -> bool {
    matches!(
        code,
        Code::YamlSyntax | Code::MergeKey | Code::SeveralDocuments | Code::OverBudget | Code::Include
    )
}

/// Whether `place` is in the entry that lacks the value, or on a level below it.
fn is_beside(value: &[String], place: &[&str]) -> bool {
    let entry = match value.first().map(String::as_str) {
        Some("resources") if value.get(2).is_some_and(|key| key == "operations") => 4,
        Some(block) if block == "resources" || DEFINITIONS.contains(&block) => 2,
        _ => 1,
    };
    let around = value.get(..entry.min(value.len().saturating_sub(1))).unwrap_or(&[]);
    around.len() <= place.len() && around.iter().zip(place).all(|(left, right)| left == right)
}

/// `classify` of one level looks where `errors` of another says.
fn says_what_fails(keys: &[impl AsRef<str>]) -> bool {
    keys.iter().any(|key| matches!(key.as_ref(), "errors" | "classify"))
}

fn block_of(value: &[String]) -> Option<&str> {
    value.first().map(String::as_str)
}

/// Whether the value may define what is used at the place. How a budget counts is nobody else's concern, and one
/// definition does not contradict another.
fn is_used_by(value: &[String], place: &[&str]) -> bool {
    let defines = block_of(value).is_none_or(|block| DEFINITIONS.contains(&block) && block != "rate_limits");
    defines && place.first().is_none_or(|block| !DEFINITIONS.contains(block))
}

/// Whether the value may have been where `name` is defined.
fn may_define(value: &[String], name: &str, place: &[&str]) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let block = block_of(value).unwrap_or_default();
    match block {
        "environments" if value.len() <= 3 => true,
        "tokens" if place.first() == Some(&"schemes") => true,
        "models" if name.starts_with('$') => true,
        "resources" if place.first() == Some(&"rate_limits") => true,
        _ => value.len() <= 1 || value.iter().any(|key| key == name || key == last),
    }
}
