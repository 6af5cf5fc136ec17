//! Schemes: how tokens travel, read and written.

use super::{Carrier, Placement, Scheme, Template, TemplatePart, Token};
use crate::arrival::Arrival;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Fields of a token by name.
type Fields = Vec<(String, String)>;

/// Takes the fields of a token out of a request: `None` where the request carries none of them, an error that says what
/// is wrong where it carries some.
pub(super) fn read(token: &Token, arrival: &Arrival) -> Result<Option<Fields>, String> {
    read_scheme(token, &token.scheme, arrival)
}

/// The same by another scheme than the token's own.
pub(crate) fn read_scheme(token: &Token, scheme: &Scheme, arrival: &Arrival) -> Result<Option<Fields>, String> {
    match scheme {
        Scheme::None | Scheme::Signed(_) => Ok(Some(Vec::new())),
        Scheme::Basic { username, password } => read_basic(username, password, arrival),
        Scheme::Placed(placements) => read_placed(token, placements, arrival),
    }
}

pub(super) fn read_placed(
    token: &Token,
    placements: &[Placement],
    arrival: &Arrival,
) -> Result<Option<Fields>, String> {
    let is_optional = |template: &Template| {
        let optional = |name: &str| token.fields.iter().any(|field| field.name == name && field.optional);
        template
            .0
            .iter()
            .any(|part| matches!(part, TemplatePart::Hole(name) if optional(name)))
    };
    let mut fields = Vec::new();
    let mut missing = Vec::new();
    let mut seen = false;
    for placement in placements {
        let Some(value) = value(placement, arrival) else {
            if !is_optional(&placement.value) {
                missing.push(label(placement));
            }
            continue;
        };
        match capture(&placement.value, &value) {
            Some(captured) => fields.extend(captured),
            None => return Err(misfit(placement, &value)),
        }
        seen |= !is_optional(&placement.value);
    }
    match (seen, missing.is_empty()) {
        (false, _) => Ok(None),
        (true, true) => Ok(Some(fields)),
        (true, false) => Err(format!(
            "{} is missing beside the rest of the token",
            missing.join(" and ")
        )),
    }
}

fn read_basic(username: &Template, password: &Template, arrival: &Arrival) -> Result<Option<Fields>, String> {
    let Some(value) = arrival.header("authorization") else {
        return Ok(None);
    };
    let (scheme, encoded) = value.split_once(' ').unwrap_or((&value, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(format!(
            "the header `Authorization` holds {}, and not `Basic …`",
            first_word(&value)
        ));
    }
    let decoded = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let fields = decoded
        .as_deref()
        .and_then(|pair| pair.split_once(':'))
        .and_then(|(user, secret)| {
            let mut fields = capture(username, user)?;
            fields.extend(capture(password, secret)?);
            Some(fields)
        });
    fields
        .map(Some)
        .ok_or_else(|| "the header `Authorization` holds no `Basic` credentials of the declared form".to_owned())
}

fn value(placement: &Placement, arrival: &Arrival) -> Option<String> {
    match placement.at {
        Carrier::Header => arrival.header(&placement.name),
        Carrier::Query => arrival.query_value(&placement.name).map(str::to_owned),
        Carrier::Cookie => arrival.cookie(&placement.name),
        Carrier::Body => None,
    }
}

/// What the holes of a template hold in a text that fits it.
pub(crate) fn capture(template: &Template, text: &str) -> Option<Fields> {
    let mut fields = Vec::new();
    let mut rest = text;
    let mut parts = template.0.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            TemplatePart::Text(literal) => rest = strip_literal(rest, literal)?,
            TemplatePart::Hole(name) => {
                let end = match parts.peek() {
                    Some(TemplatePart::Text(literal)) => rest.find(literal.as_str())?,
                    Some(TemplatePart::Hole(_)) => 0,
                    None => rest.len(),
                };
                fields.push((name.clone(), rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
    }
    rest.is_empty().then_some(fields)
}

/// Names of authentication schemes (`Bearer`) are the same in any case.
fn strip_literal<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(literal.len())?;
    start.eq_ignore_ascii_case(literal).then_some(rest)
}

fn misfit(placement: &Placement, value: &str) -> String {
    format!(
        "{} holds {}, and not `{}`",
        label(placement),
        first_word(value),
        placement.value
    )
}

/// A word of a header that is safe to repeat: the name of a well-known scheme.
fn first_word(value: &str) -> &'static str {
    const KNOWN: [(&str, &str); 4] = [
        ("bearer", "`Bearer …`"),
        ("basic", "`Basic …`"),
        ("token", "`Token …`"),
        ("digest", "`Digest …`"),
    ];
    let word = value.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    let known = KNOWN.iter().find(|(name, _)| *name == word);
    known.map_or("something else", |(_, shown)| shown)
}

/// What to say where no declared carrier is there.
pub(super) fn nothing_seen(arrival: &Arrival) -> String {
    match arrival.header("authorization") {
        Some(value) => format!(
            "`Authorization: {}` is not read here",
            first_word(&value).trim_matches('`')
        ),
        None => "the request carries no token".to_owned(),
    }
}

fn label(placement: &Placement) -> String {
    match placement.at {
        Carrier::Header => format!("the header `{}`", placement.name),
        Carrier::Query => format!("the query parameter `{}`", placement.name),
        Carrier::Cookie => format!("the cookie `{}`", placement.name),
        Carrier::Body => format!("`{}` in the body", placement.name),
    }
}

/// How a token type travels, for people.
pub(super) fn describe(token: &Token) -> String {
    match &token.scheme {
        Scheme::None => "nothing".to_owned(),
        Scheme::Signed(signed) => format!("a signature by `{}`", signed.signer),
        Scheme::Basic { username, password } => format!("`Authorization: Basic base64({username}:{password})`"),
        Scheme::Placed(placements) => {
            let placed = placements.iter().map(|placement| match placement.at {
                Carrier::Header => format!("`{}: {}`", placement.name, placement.value),
                Carrier::Query => format!("`?{}={}`", placement.name, placement.value),
                Carrier::Cookie => format!("`Cookie: {}={}`", placement.name, placement.value),
                Carrier::Body => format!("`{}` in the body", placement.name),
            });
            placed.collect::<Vec<_>>().join(" with ")
        }
    }
}

/// What `WWW-Authenticate` says, where HTTP has a name for the scheme.
pub(super) fn challenge(token: &Token) -> Option<&'static str> {
    let is_bearer = |placement: &Placement| {
        let first = placement.value.0.first();
        placement.name.eq_ignore_ascii_case("authorization")
            && matches!(first, Some(TemplatePart::Text(text)) if text.starts_with("Bearer "))
    };
    match &token.scheme {
        Scheme::Basic { .. } => Some("Basic realm=\"mock\""),
        Scheme::Placed(placements) if placements.iter().any(is_bearer) => Some("Bearer"),
        Scheme::Placed(_) | Scheme::Signed(_) | Scheme::None => None,
    }
}

pub(super) fn headers(token: &Token, fields: &[(String, String)]) -> Fields {
    match &token.scheme {
        Scheme::None | Scheme::Signed(_) => Vec::new(),
        Scheme::Basic { username, password } => {
            let pair = STANDARD.encode(format!("{}:{}", fill(username, fields), fill(password, fields)));
            vec![("Authorization".to_owned(), format!("Basic {pair}"))]
        }
        Scheme::Placed(placements) => {
            let mut headers = placed(placements, Carrier::Header, fields);
            let cookies = placed(placements, Carrier::Cookie, fields).into_iter();
            let cookies: Vec<_> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
            if !cookies.is_empty() {
                headers.push(("Cookie".to_owned(), cookies.join("; ")));
            }
            headers
        }
    }
}

pub(super) fn query(token: &Token, fields: &[(String, String)]) -> Fields {
    match &token.scheme {
        Scheme::Placed(placements) => placed(placements, Carrier::Query, fields),
        Scheme::Basic { .. } | Scheme::Signed(_) | Scheme::None => Vec::new(),
    }
}

fn placed(placements: &[Placement], at: Carrier, fields: &[(String, String)]) -> Fields {
    let placements = placements.iter().filter(|placement| placement.at == at);
    placements
        .map(|placement| (placement.name.clone(), fill(&placement.value, fields)))
        .collect()
}

fn fill(template: &Template, fields: &[(String, String)]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Hole(name) => {
            let field = fields.iter().find(|(field, _)| field == name);
            field.map_or_else(|| format!("test-{name}"), |(_, value)| value.clone())
        }
    };
    template.0.iter().map(part).collect()
}
