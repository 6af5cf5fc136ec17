//! Token endpoints: the request, and what is wrong when they give no token.

use super::answer;
use crate::{
    Attempt, ClientAuth, ErrorKind, Grant, GrantBody, GrantFrom, GrantKind, Headers, HttpReply, HttpRequest, Method,
    Place, Scheme, Secret, StoredToken, TimeFormat, TokenValue, TransportError, address,
    auth::{
        self,
        fault::{GrantFailure, TokenFault},
        sign,
    },
    client::{Link, Session},
    clock, event,
    limit::{Permit, TooLong, admit},
    place::Look,
    retry,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::{Either, select};
use std::{pin::pin, time::Duration};
use tracing::Span;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// How often a request is sent where a repeat is safe.
const ATTEMPTS: u32 = 3;
/// The wait before the second, doubled for the third.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest wait for the endpoint's own limits, or for what it asks for.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// A failed request, and whether another can help.
struct Failed {
    failure: GrantFailure,
    repeats: bool,
    /// What came of the request, where one was sent.
    attempt: Option<Attempt>,
}

impl Failed {
    fn new(failure: GrantFailure, repeats: bool) -> Self {
        Self {
            failure,
            repeats,
            attempt: None,
        }
    }
}

/// Asks until there is a token, or no use in asking.
pub(super) async fn ask(
    session: &Session,
    grant: &'static Grant,
    refresh_token: Option<&Secret>,
) -> Result<StoredToken, GrantFailure> {
    let link = session.link();
    let mut attempts = 1;
    let (mut tried, mut waited) = (Vec::new(), Duration::ZERO);
    loop {
        let mut failed = match once(session, grant, refresh_token, attempts - 1).await {
            Ok(token) => return Ok(token),
            Err(failed) => failed,
        };
        tried.extend(failed.attempt.map(|attempt| Attempt {
            number: attempts,
            waited_before: waited,
            ..attempt
        }));
        let pause = PAUSE * attempts;
        let pause = pause.mul_f64(0.75 + clock::fraction(&*link.randomness) / 2.0);
        let wait = failed.failure.retry_after.unwrap_or(pause);
        if !failed.repeats || attempts >= ATTEMPTS || wait > MAX_WAIT {
            failed.failure.tried = tried;
            return Err(failed.failure);
        }
        event::token_request_repeats(session, &failed.failure, wait);
        link.clock.sleep(wait).await;
        waited = wait;
        attempts += 1;
    }
}

/// One request under the limits of the endpoint, which are its own.
async fn once(
    session: &Session,
    grant: &'static Grant,
    refresh_token: Option<&Secret>,
    resends: u32,
) -> Result<StoredToken, Failed> {
    let link = session.link();
    let keys = session.token_budgets(grant);
    let since = link.clock.now();
    let admitted = admit(&link.budgets, keys, &link.clock, Some(MAX_WAIT)).await;
    let waited = link.clock.now().saturating_duration_since(since);
    let permit = admitted.map_err(|too_long| limited(&too_long))?;
    let request = request(session, grant, refresh_token).await;
    let request = request.map_err(|failure| Failed::new(failure, false))?;
    let span = event::attempt(&request, resends);
    let since = link.clock.now();
    let sent = send(session, grant, request, permit, &span).await;
    sent.map_err(|(kind, failed)| {
        event::token_request_failed(&span, &failed.failure);
        let attempt = Attempt {
            number: 1,
            kind: kind.unwrap_or(ErrorKind::Token(failed.failure.fault)),
            status: failed.failure.status,
            request_id: None,
            waited_before: Duration::ZERO,
            waited_for_limits: waited,
            took: link.clock.now().saturating_duration_since(since),
        };
        Failed {
            attempt: Some(attempt),
            ..failed
        }
    })
}

/// One exchange. A failure without an answer has a kind of its own.
async fn send(
    session: &Session,
    grant: &'static Grant,
    request: HttpRequest,
    mut permit: Permit,
    span: &Span,
) -> Result<StoredToken, (Option<ErrorKind>, Failed)> {
    let link = session.link();
    let asked = link.clock.wall();
    permit.sent(link.default_timeout());
    let exchange = tracing::Instrument::instrument(exchange(link, request), span.clone());
    let reply = match exchange.await {
        Ok(reply) => reply,
        Err(error) => {
            permit.failed();
            let kind = if error.is_timeout() {
                ErrorKind::Timeout
            } else {
                ErrorKind::Network
            };
            return Err((Some(kind), unanswered(grant, &error)));
        }
    };
    event::answered(span, reply.status, reply.body.len());
    permit.hear(&reply);
    let result = match reply.status {
        200..300 => answer::read(grant, &reply, asked)
            .map_err(|failure| Failed::new(refined(session, grant, &reply, failure), false)),
        _ => Err(refused(session, grant, &reply)),
    };
    let closed_for = result.as_ref().err().and_then(|failed| {
        let is_limited = failed.failure.fault == TokenFault::Limited;
        is_limited.then(|| failed.failure.retry_after.unwrap_or(PAUSE))
    });
    permit.answered(closed_for);
    result.map_err(|failed| (None, failed))
}

async fn exchange(link: &Link, request: HttpRequest) -> Result<HttpReply, TransportError> {
    let timeout = link.default_timeout();
    match select(link.transport.exchange(request), pin!(link.clock.sleep(timeout))).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(TransportError::timeout(format!("nothing came within {timeout:?}"))),
    }
}

fn limited(too_long: &TooLong) -> Failed {
    let TooLong { limit, wait } = *too_long;
    let message = format!("the limit `{limit}` lets no token request go for another {wait:?}");
    let mut failure = GrantFailure::new(TokenFault::Limited, message);
    failure.retry_after = Some(wait);
    let failure = failure.advise("keep tokens beyond the process: `.token_store(…)` of the connection");
    Failed::new(failure, false)
}

/// A request whose answer is lost may have used a refresh token up, which is then taken for a stolen one when it is shown
/// again. Client credentials can be shown as often as one likes.
fn unanswered(grant: &Grant, error: &TransportError) -> Failed {
    let message = format!("the token endpoint did not answer: {error}");
    let repeats = grant.kind == GrantKind::ClientCredentials && !error.is_final();
    Failed::new(GrantFailure::new(TokenFault::Unavailable, message), repeats)
}

/// Where providers say when to come back.
const RETRY_AFTER: &[Place] = &[Place {
    formats: &[TimeFormat::Seconds, TimeFormat::HttpDate],
    ..Place::header("retry-after")
}];

fn refused(session: &Session, grant: &Grant, reply: &HttpReply) -> Failed {
    let look = Look::at(reply);
    let code = look.text(&answer::CODE);
    let fault = fault(grant.kind, reply.status, code.as_deref());
    let description = look.text(&answer::DESCRIPTION);
    let mut message = what(session, grant, fault, reply.status);
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        message.push_str(": ");
        message.push_str(&description);
    }
    let mut failure = GrantFailure::new(fault, message);
    failure.code = code;
    failure.status = Some(reply.status);
    failure.retry_after = retry::hint(&look, RETRY_AFTER, session.link().clock.wall());
    failure.advice = advice(session, grant, fault, reply.status);
    // These say that nothing was done. Of the others only client credentials are sure to have used nothing up.
    let nothing_done = matches!(reply.status, 429 | 503);
    let may_help = matches!(fault, TokenFault::Limited | TokenFault::Unavailable);
    let repeats = may_help && (nothing_done || grant.kind == GrantKind::ClientCredentials);
    Failed::new(failure, repeats)
}

/// A success without a token may hold what is wrong.
fn refined(session: &Session, grant: &Grant, reply: &HttpReply, failure: GrantFailure) -> GrantFailure {
    match failure.code {
        None => failure,
        Some(_) => refused(session, grant, reply).failure,
    }
}

fn fault(kind: GrantKind, status: u16, code: Option<&str>) -> TokenFault {
    match (code, status) {
        (Some("invalid_grant"), _) if kind == GrantKind::RefreshToken => TokenFault::Ended,
        (Some("invalid_client" | "unauthorized_client" | "access_denied" | "invalid_grant"), _) => TokenFault::Refused,
        (Some("temporarily_unavailable" | "server_error"), _) => TokenFault::Unavailable,
        (Some("slow_down"), _) | (_, 429) => TokenFault::Limited,
        (Some("invalid_request" | "invalid_scope" | "unsupported_grant_type" | "invalid_target"), _) => {
            TokenFault::Unexpected
        }
        (_, 401 | 403) => TokenFault::Refused,
        (_, 408 | 500..) => TokenFault::Unavailable,
        _ => TokenFault::Unexpected,
    }
}

fn what(session: &Session, grant: &Grant, fault: TokenFault, status: u16) -> String {
    match fault {
        TokenFault::Refused if has_client(session) && grant.kind != GrantKind::Exchange => {
            "the client id or its secret was refused".to_owned()
        }
        TokenFault::Refused => "the credentials were refused".to_owned(),
        TokenFault::Ended => "the refresh token has expired or was revoked".to_owned(),
        TokenFault::Limited => "there were too many token requests".to_owned(),
        TokenFault::Unavailable => "the token endpoint is down".to_owned(),
        TokenFault::Unexpected if (300..400).contains(&status) => "the token endpoint redirects".to_owned(),
        // No endpoint speaks of the store.
        TokenFault::Unexpected | TokenFault::Store => "the token endpoint does not take the request".to_owned(),
    }
}

fn has_client(session: &Session) -> bool {
    session.token().field("client_id").is_some()
}

fn advice(session: &Session, grant: &Grant, fault: TokenFault, status: u16) -> Option<String> {
    let token = session.token_type();
    match fault {
        TokenFault::Refused if has_client(session) && grant.kind != GrantKind::Exchange => Some(format!(
            "check `client_id` and `client_secret` of the `{token}` token, and that they are of this environment"
        )),
        TokenFault::Refused => Some(format!("check the values of the `{token}` token")),
        TokenFault::Ended => Some(format!("get a new refresh token, and make a `{token}` token of it")),
        TokenFault::Unexpected if (300..400).contains(&status) => {
            Some("redirects are not followed, since the secret would go along; the address may have changed".to_owned())
        }
        TokenFault::Unexpected => Some("the descriptor may have to follow the provider: see `grant`".to_owned()),
        TokenFault::Limited | TokenFault::Unavailable | TokenFault::Store => None,
    }
}

/// A parameter of the body. It may be secret.
type Pair = (&'static str, Zeroizing<String>);

async fn request(
    session: &Session,
    grant: &'static Grant,
    refresh_token: Option<&Secret>,
) -> Result<HttpRequest, GrantFailure> {
    let unsendable = |why: String| GrantFailure::new(TokenFault::Unexpected, why);
    let GrantFrom::Url {
        url,
        client_auth,
        body,
        params,
    } = &grant.from
    else {
        return Err(unsendable("the grant has no token endpoint".to_owned()));
    };
    let link = session.link();
    let value = session.token();
    let mut headers = Headers::new();
    headers.push("user-agent", link.user_agent.clone());
    headers.push("accept", "application/json");
    let mut request = HttpRequest {
        method: Method::Post,
        url: link
            .address
            .token_url(value.spec().name)
            .map_err(|error| unsendable(error.to_string()))?
            .clone(),
        template: url,
        headers,
        secret_headers: Headers::new(),
        body: Bytes::new(),
    };
    let mut pairs = pairs(link, grant, params, value, refresh_token).map_err(unsendable)?;
    // A signature that stands in the body is made before the body, any other over it.
    let stands_in_body = match client_auth {
        ClientAuth::Scheme(Scheme::Signed(signed)) => sign::writes_body(signed).then_some(*signed),
        _ => None,
    };
    if let Some(signed) = stands_in_body {
        let mut params = sign::BodyParams::new();
        let signed = sign::sign(&mut request, Some(&mut params), signed, value, link).await;
        signed.map_err(unsendable)?;
        pairs.extend(params.into_iter().map(|(name, value)| (name, Zeroizing::new(value))));
    }
    if matches!(client_auth, ClientAuth::Body) {
        show_in_body(&mut pairs, value);
    }
    let (media, text) = match body {
        GrantBody::Form => ("application/x-www-form-urlencoded", form(&pairs)),
        GrantBody::Json => ("application/json", json(&pairs)),
    };
    request.headers.push("content-type", media);
    request.body = Bytes::from(text);
    if stands_in_body.is_none() {
        let shown = show_client(&mut request, client_auth, value, link).await;
        shown.map_err(unsendable)?;
    }
    Ok(request)
}

fn pairs(
    link: &Link,
    grant: &Grant,
    params: &[(&'static str, &'static str)],
    value: &TokenValue,
    refresh_token: Option<&Secret>,
) -> Result<Vec<Pair>, String> {
    let mut pairs: Vec<Pair> = Vec::new();
    let grant_type = match grant.kind {
        GrantKind::ClientCredentials => Some("client_credentials"),
        GrantKind::RefreshToken => Some("refresh_token"),
        GrantKind::Exchange => None,
    };
    let is_told = |name: &str| params.iter().any(|(told, _)| *told == name);
    if let Some(grant_type) = grant_type.filter(|_| !is_told("grant_type")) {
        pairs.push(("grant_type", Zeroizing::new(grant_type.to_owned())));
    }
    if grant.kind == GrantKind::RefreshToken {
        let token = refresh_token.or_else(|| value.field("refresh_token"));
        let token = token.ok_or("the token has no refresh token")?;
        pairs.push(("refresh_token", Zeroizing::new(token.expose().to_owned())));
    }
    for (name, template) in params {
        let text = address::fill(template, |hole| match value.field(hole) {
            Some(secret) => Ok(secret.expose().to_owned()),
            None if auth::is_optional(value, hole) => Err(None),
            None => link
                .address
                .variable(hole)
                .map(str::to_owned)
                .ok_or_else(|| Some(format!("`{hole}` has no value"))),
        });
        match text {
            Ok(text) => pairs.push((*name, Zeroizing::new(text))),
            Err(None) => {}
            Err(Some(missing)) => return Err(missing),
        }
    }
    Ok(pairs)
}

/// Shows who asks, beside the body.
async fn show_client(
    request: &mut HttpRequest,
    client_auth: &'static ClientAuth,
    value: &TokenValue,
    link: &Link,
) -> Result<(), String> {
    match client_auth {
        ClientAuth::None | ClientAuth::Body => Ok(()),
        ClientAuth::Basic => {
            let (Some(id), Some(secret)) = (value.field("client_id"), value.field("client_secret")) else {
                return Err("the token has no `client_id` and `client_secret`".to_owned());
            };
            let value = format!("Basic {}", basic(id.expose(), secret.expose()));
            auth::put(request, "authorization", value)
        }
        ClientAuth::Scheme(scheme) => auth::apply(request, scheme, value, link).await,
    }
}

/// Shows who asks, in the body.
fn show_in_body(pairs: &mut Vec<Pair>, value: &TokenValue) {
    for name in ["client_id", "client_secret"] {
        let is_told = pairs.iter().any(|(told, _)| *told == name);
        if let Some(secret) = value.field(name).filter(|_| !is_told) {
            pairs.push((name, Zeroizing::new(secret.expose().to_owned())));
        }
    }
}

/// Both sides are encoded as in forms, as OAuth has it (RFC 6749, section 2.3.1).
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(id), encode(secret)));
    STANDARD.encode(pair.as_bytes())
}

fn form(pairs: &[Pair]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        form.append_pair(name, value);
    }
    form.finish()
}

fn json(pairs: &[Pair]) -> String {
    let object = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    serde_json::Value::Object(object.collect()).to_string()
}
