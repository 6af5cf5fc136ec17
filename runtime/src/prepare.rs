//! From an operation to a request that lacks nothing but the token.

use crate::{
    EncodeError, HttpRequest, Operation, Request, Spec, address, client::Session, clock, error::Failure,
    limit::BudgetKey, pages::Turn,
};
use bytes::Bytes;
use std::sync::Arc;

/// How long a URL may be: longer ones cannot be sent, and providers take far less.
const LONGEST_URL: usize = 65_534;

/// What every attempt of a call sends.
pub(crate) struct Prepared {
    pub(crate) spec: &'static Spec,
    pub(crate) http: HttpRequest,
    pub(crate) budgets: Arc<[BudgetKey]>,
    #[cfg(feature = "redis")]
    pub(crate) shared: Option<crate::limit::shared::Group>,
    pub(crate) shows_token: bool,
    /// Whether it may be sent twice.
    pub(crate) is_safe: bool,
}

/// An idempotency key of the caller's.
#[derive(Clone, Debug)]
pub(crate) struct CallersKey {
    pub(crate) text: String,
    /// The first of the elements that this request is about, where a call becomes several requests.
    pub(crate) from: Option<usize>,
}

/// Encodes an operation. Keys are made here, before the first attempt, so that all attempts have the same.
pub(crate) fn prepare<Op: Operation>(
    session: &Session,
    operation: &Op,
    key: Option<&CallersKey>,
    turn: Option<&mut Turn>,
) -> Result<Prepared, Failure> {
    let mut request = Request::new(Op::SPEC);
    operation.encode(&mut request);
    finish(session, request, key, turn)
}

/// A request that is written already.
pub(crate) fn of_request(session: &Session, request: Request) -> Result<Prepared, Failure> {
    finish(session, request, None, None)
}

fn finish(
    session: &Session,
    mut request: Request,
    key: Option<&CallersKey>,
    turn: Option<&mut Turn>,
) -> Result<Prepared, Failure> {
    let spec = request.spec();
    let refused = |why: &dyn std::fmt::Display| Failure::request(spec, session, why);
    let mut next_url = None;
    if let Some(pager) = spec.pager {
        let mut first = Turn::default();
        let turn = turn.unwrap_or(&mut first);
        turn.apply(pager, &mut request).map_err(|why| refused(&why))?;
        next_url = turn.next_url();
    }
    put_key(session, &mut request, key).map_err(|why| refused(&why))?;
    if let Some(mistake) = request.mistake() {
        return Err(mistaken(session, spec, mistake));
    }
    let http = http_request(session, &request, next_url)?;
    let shows_token = !spec.holders.is_empty();
    let budgets = session.budgets(spec, shows_token, request.params());
    Ok(Prepared {
        spec,
        http,
        #[cfg(feature = "redis")]
        shared: session.shared_budgets(&budgets, spec, shows_token, request.params()),
        budgets,
        shows_token,
        is_safe: spec.idempotent || spec.idempotency_key.is_some(),
    })
}

fn mistaken(session: &Session, spec: &'static Spec, mistake: &EncodeError) -> Failure {
    let mut failure = Failure::request(spec, session, mistake);
    if let EncodeError::BatchTooLong { .. } | EncodeError::BodyTooLong { .. } = mistake {
        failure.advise("send less at a time; an operation that can be split has `send_all()`");
    }
    failure.is_body_too_long = matches!(mistake, EncodeError::BodyTooLong { .. });
    failure
}

fn put_key(session: &Session, request: &mut Request, key: Option<&CallersKey>) -> Result<(), &'static str> {
    let Some(place) = request.spec().idempotency_key else {
        return match key {
            Some(_) => Err("the operation takes no idempotency key"),
            None => Ok(()),
        };
    };
    let randomness = &*session.link().randomness;
    let per_element = matches!(place, crate::KeyPlace::Body(path) if path.0.contains(&crate::Step::Each));
    let mut count = 0;
    request.put_key(place, &mut || {
        let nth = count;
        count += 1;
        match key {
            None => clock::uuid(randomness).to_string(),
            Some(CallersKey { text, from }) if per_element => format!("{text}-{}", from.unwrap_or(0) + nth),
            Some(CallersKey { text, from: Some(from) }) => format!("{text}-{from}"),
            Some(CallersKey { text, from: None }) => text.clone(),
        }
    });
    Ok(())
}

fn http_request(session: &Session, request: &Request, next_url: Option<url::Url>) -> Result<HttpRequest, Failure> {
    let spec = request.spec();
    let link = session.link();
    let refused = |why: &dyn std::fmt::Display| Failure::request(spec, session, why);
    let url = match next_url {
        Some(url) => url,
        None => first_url(session, request)?,
    };
    let length = url.as_str().len();
    if length > LONGEST_URL {
        let why = format_args!(
            "the URL would be {length} bytes long, and may be {LONGEST_URL}; help: send less in the query"
        );
        return Err(refused(&why));
    }
    let mut headers = crate::Headers::with_capacity(spec.settings.headers.len() + request.headers().len() + 3, 160);
    headers.push("user-agent", &link.user_agent);
    for (name, template) in spec.settings.headers {
        if request.headers().iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
            continue;
        }
        let value = address::fill(template, |variable| {
            let value = link.address.variable(variable);
            value.ok_or_else(|| format!("the variable `{variable}` has no value"))
        });
        let value = value.map_err(|why| refused(&why))?;
        // A transport would refuse it as if the network had failed, and the call would be repeated.
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(refused(&format_args!(
                "the header `{name}` would hold a control character; help: look at the variables in `{template}`"
            )));
        }
        headers.push(name, value);
    }
    for (name, value) in request.headers() {
        headers.push(name, value);
    }
    if let Some(accept) = spec.accept.filter(|_| headers.get("accept").is_none()) {
        headers.push("accept", accept);
    }
    let content = request.content().map_err(|mistake| mistaken(session, spec, &mistake))?;
    let mut body = Bytes::new();
    if let Some(content) = content {
        headers.push("content-type", content.media);
        body = content.bytes;
    }
    Ok(HttpRequest {
        method: spec.method,
        url,
        template: spec.path,
        headers,
        secret_headers: crate::Headers::new(),
        body,
    })
}

fn first_url(session: &Session, request: &Request) -> Result<url::Url, Failure> {
    let spec = request.spec();
    let link = session.link();
    let mut url = link.host(spec.settings).clone();
    let path = request.filled_path(url.path().trim_end_matches('/'), |name| {
        let field = || session.token().field(name).map(|secret| secret.expose().to_owned());
        link.address.variable(name).map(str::to_owned).or_else(field)
    });
    url.set_path(&path.map_err(|mistake| Failure::request(spec, session, mistake))?);
    let query = request.encoded_query();
    if !query.is_empty() {
        url.set_query(Some(&query));
    }
    Ok(url)
}
