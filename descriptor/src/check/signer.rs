//! Signers: what the built-in ones are told, and the holes of what any signer is told.

use super::{Check, duration::parse_duration, find, json, secret::looks_secret, template::parse_template};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::model::{SignerOption, TemplatePart};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Value};

/// An option of a built-in signer.
struct Known {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// What an option is.
#[derive(Clone, Copy)]
enum Kind {
    /// A template over fields and variables.
    Text,
    /// The same, and never written out in the file.
    Secret,
    /// One of these.
    Word(&'static [&'static str]),
    /// Whole seconds, and whether none are a duration, too.
    Seconds { zero: bool },
    /// A template that may hold parts of the request.
    Payload,
    /// Names and values whose texts may hold parts of the request; these names are written by the signer itself.
    Map { own: &'static [&'static str] },
}

const fn required(name: &'static str, kind: Kind) -> Known {
    Known {
        name,
        kind,
        required: true,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Known {
    Known {
        name,
        kind,
        required: false,
    }
}

const KEY_ENCODINGS: &[&str] = &["text", "base64", "hex"];

const JWT_ALGORITHMS: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

const JWT: &[Known] = &[
    required("algorithm", Kind::Word(JWT_ALGORITHMS)),
    required("key", Kind::Secret),
    required("lifetime", Kind::Seconds { zero: false }),
    optional("key_encoding", Kind::Word(KEY_ENCODINGS)),
    optional("key_id", Kind::Text),
    optional("skew", Kind::Seconds { zero: true }),
    optional("claims", Kind::Map { own: &["iat", "exp"] }),
    optional("header", Kind::Map { own: &["alg", "kid"] }),
];

const HMAC: &[Known] = &[
    required("key", Kind::Secret),
    required("payload", Kind::Payload),
    optional("algorithm", Kind::Word(&["sha256", "sha512", "sha384", "sha1"])),
    optional("key_encoding", Kind::Word(KEY_ENCODINGS)),
    optional("encoding", Kind::Word(&["hex", "base64", "base64url"])),
    optional("timestamp", Kind::Word(&["unix", "unix_ms", "rfc3339", "http_date"])),
];

const AWS_SIGV4: &[Known] = &[
    required("region", Kind::Text),
    required("service", Kind::Text),
    required("key_id", Kind::Text),
    required("key", Kind::Secret),
    optional("session_token", Kind::Text),
];

/// Parts of the request that may stand in a claim.
const IN_CLAIMS: &[&str] = &["method", "host", "path", "query", "body_sha256", "timestamp", "nonce"];

/// Parts of the request that may stand in what is signed.
const IN_PAYLOAD: &[&str] = &[
    "method",
    "host",
    "path",
    "query",
    "body",
    "body_sha256",
    "timestamp",
    "nonce",
];

const BUILT_IN: [&str; 3] = ["jwt", "hmac", "aws_sigv4"];

fn built_in(signer: &str) -> Option<&'static [Known]> {
    match signer {
        "jwt" => Some(JWT),
        "hmac" => Some(HMAC),
        "aws_sigv4" => Some(AWS_SIGV4),
        _ => None,
    }
}

/// What a placement of a signer may hold beside the token's fields and variables.
pub(super) fn in_placements(signer: &str) -> &'static [&'static str] {
    match signer {
        "jwt" => &["signature"],
        _ => &["signature", "timestamp", "nonce"],
    }
}

impl<'d> Check<'d> {
    /// What a signer is told and where its signature goes, whether or not a token uses it.
    pub(super) fn check_signer(&mut self, scheme: &'d syntax::Scheme, signer: &'d syntax::Signer) {
        let Some(known) = built_in(&signer.name) else {
            self.check_own_signer(&signer.name);
            for (_, value) in &signer.options {
                self.check_option_texts(&value.value, value.span);
            }
            return;
        };
        let name = &signer.name.value;
        for option in known.iter().filter(|option| option.required) {
            if find(&signer.options, option.name).is_none() && !is_misspelt(signer, known, option.name) {
                let problem = format!("the signer `{name}` needs the option `{}`", option.name);
                self.push(
                    Diagnostic::new(Code::MissingKey, signer.name.span, problem)
                        .help(format!("add it to `options`: `{}`", example(option))),
                );
            }
        }
        for (key, value) in &signer.options {
            match known.iter().find(|option| option.name == key.value) {
                Some(option) => self.check_known_option(option, key, value),
                None => self.push(
                    Diagnostic::new(
                        Code::UnknownKey,
                        key.span,
                        format!("the signer `{name}` has no option `{}`", key.value),
                    )
                    .help_nearest(key, known.iter().map(|option| option.name)),
                ),
            }
        }
        self.check_key_encoding(signer);
        self.check_signature_goes_somewhere(scheme, signer);
    }

    /// A signer that the application gives: a name, and no misspelt built-in one.
    fn check_own_signer(&mut self, name: &Spanned<String>) {
        if suggest::nearest(name, BUILT_IN).is_none() {
            return self.check_snake_case(name, "signer");
        }
        let problem = format!("the signer `{}` is almost a built-in one", name.value);
        self.push(Diagnostic::new(Code::UnknownWord, name.span, problem).help_nearest(name, BUILT_IN));
    }

    fn check_known_option(&mut self, option: &Known, key: &Spanned<String>, value: &Spanned<Value>) {
        let text = match (&value.value, option.kind) {
            (Value::Map(entries), Kind::Map { own }) => return self.check_named_values(key, entries, own),
            (_, Kind::Map { .. }) => return self.wrong_option(key, value.span, "names and values"),
            (Value::Text(text), _) => Spanned::new(text.clone(), value.span),
            (Value::Number(number), Kind::Seconds { .. }) => Spanned::new(number.clone(), value.span),
            (_, Kind::Seconds { .. }) => return self.wrong_option(key, value.span, "a duration, `10m`"),
            _ => return self.wrong_option(key, value.span, "a text; quote it"),
        };
        match option.kind {
            Kind::Word(words) if !words.contains(&text.as_str()) => {
                self.unknown_word(&format!("`{}`", key.value), &text, words.iter().copied());
            }
            Kind::Seconds { zero } => self.check_seconds(&text, zero),
            Kind::Word(_) | Kind::Map { .. } => {}
            Kind::Text | Kind::Payload => _ = self.read_template(&text),
            Kind::Secret => {
                let parsed = self.read_template(&text);
                // What looks like a secret is told of with all others.
                if parsed.is_some_and(|parsed| parsed.holes.is_empty()) && !looks_secret(&text) {
                    self.push(
                        Diagnostic::new(
                            Code::SecretInFile,
                            text.span,
                            format!("`{}` stands in the file", key.value),
                        )
                        .label("is read by whoever reads this file")
                        .help("make it a field of the token, and write its name in braces: `\"{key}\"`"),
                    );
                }
            }
        }
    }

    fn check_named_values(&mut self, key: &Spanned<String>, entries: &syntax::Entries<Spanned<Value>>, own: &[&str]) {
        for (name, value) in entries {
            if own.contains(&name.value.as_str()) {
                let problem = format!("`{}` of `{}` is written by the signer", name.value, key.value);
                let help = match name.as_str() {
                    "kid" => "use the option `key_id`",
                    "alg" => "use the option `algorithm`",
                    _ => "use the options `lifetime` and `skew`",
                };
                self.push(Diagnostic::new(Code::ReservedName, name.span, problem).help(help));
            }
            self.check_option_texts(&value.value, value.span);
        }
    }

    fn check_seconds(&mut self, text: &Spanned<String>, zero: bool) {
        match parse_duration(text) {
            Some(duration) if duration.is_zero() && zero => {}
            Some(duration) if duration.subsec_nanos() > 0 => self.push(
                Diagnostic::new(Code::BadDuration, text.span, "a fraction of a second")
                    .label("these times are counted in whole seconds"),
            ),
            _ => _ = self.check_duration(text),
        }
    }

    fn wrong_option(&mut self, key: &Spanned<String>, span: Span, wanted: &str) {
        let problem = format!("the option `{}` is something else", key.value);
        self.push(Diagnostic::new(Code::WrongType, span, problem).label(format!("expected {wanted}")));
    }

    /// The templates inside of a value.
    fn check_option_texts(&mut self, value: &Value, span: Span) {
        match value {
            Value::Text(text) => _ = self.read_template(&Spanned::new(text.clone(), span)),
            Value::List(items) => items
                .iter()
                .for_each(|item| self.check_option_texts(&item.value, item.span)),
            Value::Map(entries) => entries
                .iter()
                .for_each(|(_, item)| self.check_option_texts(&item.value, item.span)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Only a shared secret has an encoding: other keys are PEM.
    fn check_key_encoding(&mut self, signer: &syntax::Signer) {
        let word = |name: &str| {
            let (key, value) = signer.options.iter().find(|(key, _)| key.value == name)?;
            match &value.value {
                Value::Text(text) => Some((key.span, text.as_str())),
                _ => None,
            }
        };
        if let (Some((encoding, _)), Some((algorithm, word))) = (word("key_encoding"), word("algorithm"))
            && signer.name.value == "jwt"
            && JWT_ALGORITHMS.contains(&word)
            && !word.starts_with("HS")
        {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    encoding,
                    format!("the key of `{word}` is PEM, and has no other encoding"),
                )
                .secondary(algorithm, "the algorithm")
                .help("leave `key_encoding` out"),
            );
        }
    }

    fn check_signature_goes_somewhere(&mut self, scheme: &'d syntax::Scheme, signer: &syntax::Signer) {
        let mut placements = scheme
            .header
            .iter()
            .chain(&scheme.query)
            .chain(&scheme.cookie)
            .chain(&scheme.body)
            .peekable();
        if signer.name.value == "aws_sigv4" {
            if let Some((name, _)) = placements.peek() {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        name.span,
                        "`aws_sigv4` writes its headers itself",
                    )
                    .label("a place for its signature")
                    .help("leave it out; a constant header is one of `headers`"),
                );
            }
            return;
        }
        let may_hold = |template: &Spanned<String>| {
            let holes = parse_template(template).map(|parsed| parsed.holes).unwrap_or_default();
            let mut holes = holes.iter();
            // One that is almost it is told as what it is.
            holes.any(|(hole, _)| suggest::nearest(hole, ["signature"]).is_some())
        };
        if !placements.any(|(_, template)| template.contains("{signature}") || may_hold(template)) {
            self.push(
                Diagnostic::new(
                    Code::MissingKey,
                    signer.name.span,
                    format!("the signature of `{}` goes nowhere", signer.name.value),
                )
                .help(
                    "say where: `header: { X-Signature: \"{signature}\" }`, or `query`, or `body` for token requests",
                ),
            );
        }
    }

    /// What the signer of a token's scheme is told: the holes are those of this token.
    pub(super) fn check_signer_options(
        &mut self,
        signer: &'d syntax::Signer,
        fields: &[&str],
        token: &Spanned<String>,
    ) -> Vec<(String, SignerOption)> {
        let known = built_in(&signer.name);
        let mut options = Vec::new();
        for (key, value) in &signer.options {
            let kind = known.and_then(|known| known.iter().find(|option| option.name == key.value));
            let kind = kind.map(|option| option.kind);
            let request = match kind {
                Some(Kind::Payload) => IN_PAYLOAD,
                Some(Kind::Map { .. }) => IN_CLAIMS,
                _ => &[],
            };
            match (&value.value, kind) {
                (Value::Map(entries), _) => {
                    for (name, value) in entries {
                        let option = self.check_option(value, request, fields, token);
                        options.push((format!("{}.{}", key.value, name.value), option));
                    }
                }
                (Value::Text(text), Some(Kind::Seconds { .. })) => {
                    let seconds = parse_duration(text).unwrap_or_default().as_secs();
                    options.push((key.value.clone(), SignerOption::Json(seconds.to_string())));
                }
                _ => {
                    let option = self.check_option(value, request, fields, token);
                    options.push((key.value.clone(), option));
                }
            }
        }
        options
    }

    fn check_option(
        &mut self,
        value: &Spanned<Value>,
        request: &[&str],
        fields: &[&str],
        token: &Spanned<String>,
    ) -> SignerOption {
        if let Value::Text(text) = &value.value {
            let text = Spanned::new(text.clone(), value.span);
            return match parse_template(&text) {
                Ok(parsed) => SignerOption::Text(self.check_scheme_holes(&text, parsed, Some(request), fields, token)),
                // Reported with the scheme's entry.
                Err(_) => SignerOption::Text(crate::model::Template::default()),
            };
        }
        self.check_holes_within(value, request, fields, token);
        SignerOption::Json(json::text(&value.value))
    }

    fn check_holes_within(
        &mut self,
        value: &Spanned<Value>,
        request: &[&str],
        fields: &[&str],
        token: &Spanned<String>,
    ) {
        match &value.value {
            Value::Text(text) => {
                let text = Spanned::new(text.clone(), value.span);
                if let Ok(parsed) = parse_template(&text) {
                    self.check_scheme_holes(&text, parsed, Some(request), fields, token);
                }
            }
            Value::List(items) => items
                .iter()
                .for_each(|item| self.check_holes_within(item, request, fields, token)),
            Value::Map(entries) => entries
                .iter()
                .for_each(|(_, item)| self.check_holes_within(item, request, fields, token)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether an option that is not known is the misspelt one that is missed, which is then one mistake.
fn is_misspelt(signer: &syntax::Signer, known: &[Known], wanted: &str) -> bool {
    let names = || known.iter().map(|option| option.name);
    let unknown = signer
        .options
        .iter()
        .filter(|(key, _)| names().all(|name| name != key.value));
    unknown
        .filter_map(|(key, _)| suggest::nearest(key, names()))
        .any(|meant| meant == wanted)
}

/// How an option is written.
fn example(option: &Known) -> String {
    let name = option.name;
    match option.kind {
        Kind::Word(words) => format!("{name}: {}", words.first().copied().unwrap_or_default()),
        Kind::Seconds { .. } => format!("{name}: 10m"),
        Kind::Payload => format!("{name}: \"{{method}}{{path}}{{body}}\""),
        Kind::Map { .. } => format!("{name}: {{ … }}"),
        Kind::Text | Kind::Secret => format!("{name}: \"{{{name}}}\""),
    }
}

impl SignerOption {
    /// Whether it holds this field.
    pub(super) fn holds(&self, field: &str) -> bool {
        match self {
            Self::Text(template) => {
                let is_field = |part: &TemplatePart| matches!(part, TemplatePart::Hole(name) if name == field);
                template.0.iter().any(is_field)
            }
            Self::Json(text) => text.contains(&format!("{{{field}}}")),
        }
    }
}
