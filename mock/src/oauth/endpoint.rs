//! A token request: whether it is as declared, and who asks.

use super::Issued;
use crate::arrival::Arrival;
use crate::auth::{Identity, Keyring, capture, read_scheme};
use crate::place;
use crate::reply::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tollgate_descriptor::model::{
    ClientAuth, Grant, GrantBody, GrantFrom, GrantKind, Model, Template, TemplatePart, Token, TokenId,
};
use url::form_urlencoded;

/// Why a token request gets none, as OAuth says it (RFC 6749, section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Denied {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    fn request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }

    fn client(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", message)
    }

    fn grant(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_grant", message)
    }

    fn unknown() -> Self {
        Self::client("nobody is known here")
    }

    /// Whether this request came farther than another.
    pub(super) fn is_nearer(&self, other: &Self) -> bool {
        let rank = |denied: &Self| match denied.code {
            "invalid_request" | "unsupported_grant_type" => 0,
            "invalid_client" => 1,
            _ => 2,
        };
        rank(self) > rank(other)
    }

    pub(crate) fn reply(&self) -> Reply {
        let body = json!({ "error": self.code, "error_description": self.message });
        let mut reply = Reply::json(self.status, &body);
        if self.status == 401 {
            reply
                .headers
                .push(("WWW-Authenticate".to_owned(), "Basic realm=\"mock\"".to_owned()));
        }
        reply
    }
}

type Fields = Vec<(String, String)>;

/// Who asks for a token of this type.
pub(super) fn asker(
    model: &Model,
    keyring: &Keyring,
    issued: &Issued,
    id: TokenId,
    arrival: &Arrival,
) -> Result<Identity, Denied> {
    let token = model.token(id);
    let grant = token.grant.as_ref();
    let parts = grant.and_then(|grant| match &grant.from {
        GrantFrom::Url {
            client_auth,
            body,
            params,
            ..
        } => Some((grant, client_auth, *body, params)),
        GrantFrom::Call { .. } => None,
    });
    let (grant, client_auth, body, params) = parts.ok_or_else(Denied::unknown)?;
    if arrival.method != "POST" {
        return Err(Denied::new(405, "invalid_request", "a token is asked for by POST"));
    }
    let given = given(body, arrival)?;
    let value = |name: &str| {
        given
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    check_grant_type(grant, params, &value)?;
    let mut fields = client(token, client_auth, arrival, &value)?;
    for (name, template) in params {
        fields.extend(param(model, token, name, template, value(name))?);
    }
    if grant.kind == GrantKind::RefreshToken {
        let shown = value("refresh_token").ok_or_else(|| Denied::request("`refresh_token` is missing"))?;
        return refresher(keyring, issued, id, &fields, shown);
    }
    let identity = keyring.credentials(id, &fields);
    let identity = identity.ok_or_else(|| Denied::client("these are not the test credentials of any token"))?;
    if issued.refused.contains(&identity.to_string()) {
        Err(Denied::client("the credentials are not taken any more"))
    } else {
        Ok(identity)
    }
}

/// Name and value of each parameter.
fn given(body: GrantBody, arrival: &Arrival) -> Result<Fields, Denied> {
    let media = arrival.media().unwrap_or_default();
    let expected = match body {
        GrantBody::Form => "application/x-www-form-urlencoded",
        GrantBody::Json => "application/json",
    };
    if media != expected {
        return Err(Denied::request(format!("the body is `{media}`, and not `{expected}`")));
    }
    match body {
        GrantBody::Form => Ok(form_urlencoded::parse(&arrival.body).into_owned().collect()),
        GrantBody::Json => {
            let object = arrival.json.as_ref().ok().and_then(Value::as_object);
            let object = object.ok_or_else(|| Denied::request("the body is no JSON object"))?;
            let pair = |(name, value): (&String, &Value)| Some((name.clone(), place::text(value)?));
            Ok(object.iter().filter_map(pair).collect())
        }
    }
}

fn check_grant_type<'v>(
    grant: &Grant,
    params: &[(String, Template)],
    value: &impl Fn(&str) -> Option<&'v str>,
) -> Result<(), Denied> {
    let expected = match grant.kind {
        GrantKind::ClientCredentials => "client_credentials",
        GrantKind::RefreshToken => "refresh_token",
        GrantKind::Exchange => return Ok(()),
    };
    if params.iter().any(|(name, _)| name == "grant_type") || value("grant_type") == Some(expected) {
        return Ok(());
    }
    Err(Denied::new(
        400,
        "unsupported_grant_type",
        format!("`grant_type` is not `{expected}`"),
    ))
}

/// What the client shows of itself.
fn client<'v>(
    token: &Token,
    client_auth: &ClientAuth,
    arrival: &Arrival,
    value: &impl Fn(&str) -> Option<&'v str>,
) -> Result<Fields, Denied> {
    match client_auth {
        ClientAuth::None => Ok(Vec::new()),
        ClientAuth::Basic => basic(arrival),
        ClientAuth::Body => {
            let names = ["client_id", "client_secret"];
            let declared = |name: &&&str| token.fields.iter().any(|field| field.name == ***name);
            let shown = names.iter().filter(declared).map(|name| match value(name) {
                Some(value) => Ok(((*name).to_owned(), value.to_owned())),
                None => Err(Denied::client(format!("`{name}` is missing in the body"))),
            });
            shown.collect()
        }
        ClientAuth::Scheme(scheme) => match read_scheme(token, scheme, arrival) {
            Ok(Some(fields)) => Ok(fields),
            Ok(None) => Err(Denied::client("the client does not show who it is")),
            Err(seen) => Err(Denied::client(seen)),
        },
    }
}

fn basic(arrival: &Arrival) -> Result<Fields, Denied> {
    let value = arrival.header("authorization").unwrap_or_default();
    let encoded = value.strip_prefix("Basic ").map(str::trim);
    let decoded = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
    let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
    let (id, secret) = pair.ok_or_else(|| Denied::client("`Authorization: Basic …` is expected"))?;
    let decode = |text: &str| {
        let pairs = format!("={text}");
        let mut pairs = form_urlencoded::parse(pairs.as_bytes());
        pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    Ok(vec![
        ("client_id".to_owned(), decode(id)),
        ("client_secret".to_owned(), decode(secret)),
    ])
}

/// What a declared parameter holds of the token's fields.
fn param(model: &Model, token: &Token, name: &str, template: &Template, value: Option<&str>) -> Result<Fields, Denied> {
    let is_variable = |name: &str| model.variables.iter().any(|variable| variable.name == name);
    let is_optional = |name: &str| token.fields.iter().any(|field| field.name == name && field.optional);
    let holes = || {
        template.0.iter().filter_map(|part| match part {
            TemplatePart::Hole(name) => Some(name.as_str()),
            TemplatePart::Text(_) => None,
        })
    };
    let Some(value) = value else {
        return if holes().any(is_optional) {
            Ok(Vec::new())
        } else {
            Err(Denied::request(format!("the parameter `{name}` is missing")))
        };
    };
    let fields = capture(template, value);
    let fields = fields.ok_or_else(|| Denied::request(format!("the parameter `{name}` is not `{template}`")))?;
    Ok(fields.into_iter().filter(|(name, _)| !is_variable(name)).collect())
}

/// Whose refresh token it is. Each is good once where answers replace it.
fn refresher(
    keyring: &Keyring,
    issued: &Issued,
    id: TokenId,
    fields: &[(String, String)],
    shown: &str,
) -> Result<Identity, Denied> {
    let replaced = issued
        .refresh
        .iter()
        .find(|(_, current)| *current == shown)
        .map(|(label, _)| label.clone());
    let declared = keyring.credentials(id, &[("refresh_token".to_owned(), shown.to_owned())]);
    let owner = match (replaced, declared) {
        (Some(label), _) => keyring.labelled(id, &label),
        (None, Some(identity)) if !issued.refresh.contains_key(&identity.to_string()) => Some(identity),
        _ => None,
    };
    let owner = owner.ok_or_else(|| Denied::grant("the refresh token has expired or was used already"))?;
    if issued.refused.contains(&owner.to_string()) {
        return Err(Denied::grant("the refresh token was revoked"));
    }
    if !fields.is_empty() && keyring.credentials(id, fields).as_ref() != Some(&owner) {
        return Err(Denied::client(
            "the client is not the one that the refresh token was given to",
        ));
    }
    Ok(owner)
}
