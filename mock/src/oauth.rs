//! Short-lived tokens: endpoints that give them, and what they gave.

mod endpoint;

use crate::arrival::Arrival;
use crate::auth::{Identity, Keyring};
use crate::refusal::{set, wait_value};
use crate::reply::Reply;
use crate::route::{Endpoint, base_path};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tollgate_descriptor::model::{
    Grant, GrantFrom, GrantKind, Model, Place, Template, TemplatePart, TimeFormat, TokenId,
};

pub(crate) use endpoint::Denied;

/// How long a token lasts where neither the descriptor nor the builder says.
const LIFETIME: Duration = Duration::from_hours(1);

/// How issued tokens end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifetimes {
    /// Instead of what the descriptor says.
    pub(crate) lifetime: Option<Duration>,
    /// Whether answers keep it to themselves.
    pub(crate) untold: bool,
}

impl Lifetimes {
    fn of(self, grant: &Grant) -> Duration {
        self.lifetime.or(grant.lifetime).unwrap_or(LIFETIME)
    }
}

/// What was issued so far.
#[derive(Debug, Default)]
pub(crate) struct Issued {
    tokens: BTreeMap<String, Token>,
    /// Values that were good once.
    revoked: BTreeSet<String>,
    /// The refresh token that counts, by the label of its owner; the declared one until it is replaced.
    refresh: BTreeMap<String, String>,
    counts: BTreeMap<String, u64>,
    /// Labels whose credentials are not taken any more.
    refused: BTreeSet<String>,
}

#[derive(Debug)]
struct Token {
    identity: Identity,
    /// By the age of the world.
    until: Duration,
}

/// What an issued token is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Good(Identity),
    Expired,
    Revoked,
    Unknown,
}

impl Issued {
    /// What a value is worth at this age of the world.
    pub(crate) fn worth(&self, value: &str, age: Duration) -> Worth {
        match self.tokens.get(value) {
            None if self.revoked.contains(value) => Worth::Revoked,
            None => Worth::Unknown,
            Some(token) if age >= token.until => Worth::Expired,
            Some(token) => Worth::Good(token.identity.clone()),
        }
    }

    /// Takes the tokens of a label no more that were issued so far.
    pub(crate) fn revoke(&mut self, label: &str) {
        let revoked = self
            .tokens
            .extract_if(.., |_, token| token.identity.to_string() == label);
        self.revoked.extend(revoked.map(|(value, _)| value));
    }

    /// Takes the credentials of a label no more.
    pub(crate) fn refuse(&mut self, label: &str) {
        self.refused.insert(label.to_owned());
    }

    fn next(&mut self, what: &str, label: &str) -> String {
        let count = self.counts.entry(format!("{what} {label}")).or_default();
        *count += 1;
        format!("{what}-{label}-{count}")
    }

    /// Issues a token, and writes it into an answer.
    pub(crate) fn issue(
        &mut self,
        grant: &Grant,
        identity: &Identity,
        lifetimes: Lifetimes,
        age: Duration,
        body: &mut Value,
        headers: &mut Vec<(String, String)>,
    ) {
        let label = identity.to_string();
        let value = self.next("issued", &label);
        let lifetime = lifetimes.of(grant);
        let token = Token {
            identity: identity.clone(),
            until: age + lifetime,
        };
        self.tokens.insert(value.clone(), token);
        let response = &grant.response;
        set(&response.token, &json!(value), body, headers);
        if !lifetimes.untold {
            for place in [&response.expires_in, &response.expires_at].into_iter().flatten() {
                set(place, &time(place, lifetime), body, headers);
            }
        }
        if let (Some(place), GrantKind::RefreshToken) = (&response.refresh_token, grant.kind) {
            let refresh = self.next("refresh", &label);
            set(place, &json!(refresh), body, headers);
            self.refresh.insert(label, refresh);
        }
    }
}

/// A length of time where a place has it. Seconds are whole and may be none: nobody waits for them.
fn time(place: &Place, lifetime: Duration) -> Value {
    match place.formats.first() {
        None | Some(TimeFormat::Seconds) => json!(lifetime.as_secs()),
        Some(_) => wait_value(place, lifetime),
    }
}

/// A token endpoint and the token types that are asked for there.
#[derive(Debug)]
pub(crate) struct TokenEndpoint {
    path: String,
    first: TokenId,
    others: Vec<TokenId>,
}

/// All token endpoints of a model. `base` is the path of the base URL.
pub(crate) fn endpoints(model: &Model, base: &str) -> Vec<TokenEndpoint> {
    let mut endpoints: Vec<TokenEndpoint> = Vec::new();
    for id in model.token_ids() {
        let Some(path) = path(model, id, base) else {
            continue;
        };
        match endpoints.iter_mut().find(|endpoint| endpoint.path == path) {
            Some(endpoint) => endpoint.others.push(id),
            None => endpoints.push(TokenEndpoint {
                path,
                first: id,
                others: Vec::new(),
            }),
        }
    }
    endpoints
}

fn path(model: &Model, id: TokenId, base: &str) -> Option<String> {
    let token = model.token(id);
    let GrantFrom::Url { url, .. } = &token.grant.as_ref()?.from else {
        return None;
    };
    if is_absolute(url) {
        return Some(format!("/@token/{}{}", token.name, base_path(model, url)));
    }
    Some(format!("{base}{}", base_path(model, url)))
}

fn is_absolute(url: &Template) -> bool {
    !matches!(url.0.first(), Some(TemplatePart::Text(text)) if text.starts_with('/'))
}

/// What stands for the URLs of token endpoints that are not below the base URL, by token type.
pub(crate) fn urls(model: &Model, origin: &str, base: &str) -> Vec<(String, String)> {
    let absolute = |id: &TokenId| {
        let grant = model.token(*id).grant.as_ref();
        grant.is_some_and(|grant| matches!(&grant.from, GrantFrom::Url { url, .. } if is_absolute(url)))
    };
    let ids = model.token_ids().filter(absolute);
    let url = |id| {
        Some((
            model.token(id).name.clone(),
            format!("{origin}{}", path(model, id, base)?),
        ))
    };
    ids.filter_map(url).collect()
}

/// What a token request is called in reports: `token:machine`.
pub(crate) fn operation(model: &Model, id: TokenId) -> String {
    format!("token:{}", model.token(id).name)
}

impl TokenEndpoint {
    /// Whether a path is this endpoint's.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path == path.trim_end_matches('/')
    }

    /// The path, for reports.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Who asks, or why nobody is known.
    pub(crate) fn asker(
        &self,
        model: &Model,
        keyring: &Keyring,
        issued: &Issued,
        arrival: &Arrival,
    ) -> Result<Identity, (TokenId, Denied)> {
        let asker = |id: TokenId| endpoint::asker(model, keyring, issued, id, arrival).map_err(|denied| (id, denied));
        let mut result = asker(self.first);
        for id in &self.others {
            let Err((_, known)) = &result else {
                break;
            };
            // The answer of the one that came farthest says most.
            match asker(*id) {
                Err((_, other)) if !other.is_nearer(known) => {}
                better => result = better,
            }
        }
        result
    }
}

/// The answer of an operation that yields a token: with one that the mock takes.
pub(crate) fn yielded(model: &Model, endpoint: &Endpoint) -> Option<TokenId> {
    model.token_ids().find(|id| {
        let grant = model.token(*id).grant.as_ref();
        grant.is_some_and(|grant| {
            matches!(&grant.from, GrantFrom::Call { resource, operation, .. } if endpoint.is(*resource, *operation))
        })
    })
}

/// Puts an issued token into the answer of an operation.
pub(crate) fn yield_into(
    reply: &mut Reply,
    issued: &mut Issued,
    grant: &Grant,
    identity: &Identity,
    lifetimes: Lifetimes,
    age: Duration,
) {
    let mut body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    issued.issue(grant, identity, lifetimes, age, &mut body, &mut reply.headers);
    if body != Value::Null {
        reply.body = body.to_string().into();
    }
}
