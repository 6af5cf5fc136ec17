//! Where the token goes, and where it never shows.

mod support;

use serde_json::json;
use support::*;
use tollgate::{
    Anonymous, Client, Connection, ErrorKind, HttpReply, Kind, Limit, Per, Ring, Rule, ScriptedTransport, Secret,
    Settings, Spec, StatusMatch,
};

says! {
    Things = GET;
    Public = Spec { id: "status.get", path: "/status", scopes: &[], holders: &[], ..GET };
    Upload = Spec { id: "files.put", path: "/files/{id}", settings: &Settings { host: Some(0), ..PLAIN }, ..GET };
    InPath = Spec { id: "bots.get", path: "/bot{token}/me", ..GET };
    Hinted = Spec { settings: &Settings { classify: RULES, ..PLAIN }, ..GET };
    Limited = Spec { settings: &Settings { limits: &[&Limit { limit: 1, per: &[Per::Token], ..PER_TOKEN }], ..PLAIN }, ..GET };
}

const RULES: &[Rule] = &[Rule {
    status: &[StatusMatch::Exact(401)],
    kind: Kind::Unauthorized,
    hint: Some("the header is X-API-TOKEN"),
    ..Rule::DEFAULT
}];

fn always(reply: &HttpReply) -> ScriptedTransport {
    let reply = reply.clone();
    ScriptedTransport::answering(move |_| (ms(0), Ok(reply.clone())))
}

#[tokio::test]
async fn every_scheme_puts_the_token_where_it_belongs() {
    let script = always(&ok());
    let connection = connection(script.clone());
    let extra = |value: &str| Source(tollgate::Credential::value(&Source::new(SECRET)).clone().with(1, value));
    let _ = Client::new(&connection, Source::new(SECRET))
        .call(ask::<Things>())
        .send()
        .await;
    let _ = Client::new(&connection, extra("7")).call(ask::<Things>()).send().await;
    let _ = Client::new(&connection, InQuery::new("a b&c"))
        .call(ask::<Things>())
        .send()
        .await;
    let cookie = InCookie(tollgate::Credential::value(&InCookie::new("abc")).clone().with(1, "t1"));
    let _ = Client::new(&connection, cookie).call(ask::<Things>()).send().await;
    let basic = Basic(
        tollgate::Credential::value(&Basic::new("user"))
            .clone()
            .with(1, "pa:ss"),
    );
    let _ = Client::new(&connection, basic).call(ask::<Things>()).send().await;
    let requests = script.requests();
    assert_eq!(requests[0].header("X-API-TOKEN"), Some(SECRET));
    // An optional field that is not set leaves its header out.
    assert_eq!(
        (requests[0].header("x-extra"), requests[1].header("x-extra")),
        (None, Some("id=7"))
    );
    assert_eq!(requests[2].url(), "https://api.toy.example/v1/things?key=a%20b%26c");
    assert_eq!(requests[3].header("cookie"), Some("sid=abc; tenant=t1"));
    assert_eq!(requests[4].header("authorization"), Some("Basic dXNlcjpwYTpzcw=="));
    assert!(
        requests
            .iter()
            .all(|request| request.headers().get("x-api-token").is_none())
    );
}

#[tokio::test]
async fn a_public_operation_shows_no_token() {
    let script = always(&ok());
    let connection = connection(script.clone());
    Client::new(&connection, Source::new(SECRET))
        .call(ask::<Public>())
        .send()
        .await
        .unwrap();
    Client::new(&connection, Anonymous)
        .call(ask::<Public>())
        .send()
        .await
        .unwrap();
    assert!(
        script
            .requests()
            .iter()
            .all(|request| request.secret_headers().iter().next().is_none())
    );
}

#[tokio::test]
async fn a_declared_host_gets_the_token_too() {
    let script = always(&ok());
    let mut ask = ask::<Upload>();
    ask.id = Some("a/b".to_owned());
    client(&script).call(ask).send().await.unwrap();
    assert_eq!(script.requests()[0].url(), "https://uploads.toy.example/files/a%2Fb");
    assert_eq!(script.requests()[0].header("x-api-token"), Some(SECRET));
}

/// Or else a test against a local server would send its tokens to the provider.
#[test]
fn with_another_base_url_no_host_stays_where_it_was() {
    let builder = Connection::<Toy>::builder().transport(ScriptedTransport::new());
    let error = builder.base_url("http://127.0.0.1:8080").build().unwrap_err();
    assert!(error.to_string().contains("`.host(\"uploads\", …)`"), "{error}");
}

#[test]
fn plain_http_is_refused_except_to_loopback() {
    let build = |url: &str| {
        Connection::<Toy>::builder()
            .base_url(url)
            .host("uploads", "https://uploads.toy.example")
            .transport(ScriptedTransport::new())
            .build()
    };
    let error = build("http://api.toy.example").unwrap_err();
    assert!(error.to_string().contains("plain http"), "{error}");
    assert!(build("http://127.0.0.1:8080/v1").is_ok());
    let host = |url: &str| {
        Connection::<Toy>::builder()
            .host("uploads", url)
            .transport(ScriptedTransport::new())
            .build()
    };
    assert!(host("http://uploads.toy.example").is_err());
    assert!(host("http://[::1]:9").is_ok());
    let unknown = Connection::<Toy>::builder()
        .host("nowhere", "https://x.example")
        .build()
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "the environment `production` has no host `nowhere`"
    );
}

#[tokio::test]
async fn a_token_that_cannot_travel_is_not_sent_and_not_shown() {
    let script = always(&ok());
    let connection = connection(script.clone());
    let errors = [
        Client::new(&connection, Source::new("s3cr3t\r\nx: y"))
            .call(ask::<Things>())
            .send()
            .await
            .unwrap_err(),
        Client::new(&connection, Source::new("s3cr3t-ü"))
            .call(ask::<Things>())
            .send()
            .await
            .unwrap_err(),
        Client::new(&connection, InCookie::new("s3cr3t; x=y"))
            .call(ask::<Things>())
            .send()
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn refusals_say_who_may_call() {
    let script = always(
        &HttpReply::new(401)
            .header("x-request-id", "r-7")
            .json(&json!({"error": "nope", "code": 17})),
    );
    let error = client(&script).call(ask::<Hinted>()).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`things.get` was refused as unauthorized (401): nope [17]; help: the operation `things.get` takes `Source` or \
         `Channel` tokens, this client shows a `Source` token; help: the header is X-API-TOKEN; request id r-7"
    );
    assert_eq!(
        (error.operation(), error.token(), error.code()),
        ("things.get", "Source", Some("17"))
    );
    assert_eq!(error.body(), Some(&Failure("nope".to_owned())));
    let script = always(&HttpReply::new(403));
    let error = client(&script).call(ask::<Public>()).send().await.unwrap_err();
    assert!(
        error
            .hint()
            .unwrap()
            .contains("`status.get` is public, and no token was shown")
    );
}

#[tokio::test]
async fn redirects_are_failures() {
    let script = always(&HttpReply::new(302).header("location", "https://evil.example"));
    let error = client(&script).call(ask::<Things>()).send().await.unwrap_err();
    assert!(
        error.is(Kind::Rejected) && error.to_string().contains("redirects are not followed"),
        "{error}"
    );
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_the_provider_sends_back_is_taken_out() {
    let body = json!({"error": format!("invalid token {SECRET}")});
    let script = always(&HttpReply::new(401).header("x-request-id", SECRET).json(&body));
    let error = client(&script).call(ask::<Things>()).send().await.unwrap_err();
    let shown = format!("{error} {error:?} {error:#?} {:?} {:?}", error.message(), error.hint());
    assert!(shown.contains("invalid token …") && !shown.contains(SECRET), "{shown}");
    // Whoever asks for the bytes gets them.
    assert!(error.raw().windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
}

#[tokio::test]
async fn nothing_prints_the_token() {
    let script = always(&ok());
    let connection = connection(script.clone());
    let token = Source::new(SECRET);
    let client = Client::new(&connection, token.clone());
    let mut ring = Ring::<Toy>::new(&connection);
    ring.insert("one".to_owned(), token.clone());
    let call = client.call(ask::<InPath>());
    let shown = format!(
        "{token:?} {client:?} {connection:?} {ring:?} {call:?} {:?}",
        client.call(list::<Things>()).pages()
    );
    let sending = call.send();
    let shown = format!("{shown} {sending:?}");
    let _ = sending.await;
    let in_query = Client::new(&connection, InQuery::new(SECRET));
    let _ = in_query.call(ask::<Things>()).send().await;
    let _ = client.call(ask::<Things>()).send().await;
    assert!(script.requests()[0].url().contains(SECRET) && script.requests()[1].url().contains(SECRET));
    let shown = format!("{shown} {script:?} {:?} {:?}", script.requests(), Secret::from(SECRET));
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn tokens_of_a_ring_share_a_connection_and_no_budget() {
    let script = always(&ok());
    let mut ring = Ring::<Toy, u32>::new(&connection(script.clone()));
    for key in 0..5 {
        ring.insert(key, Source::new(format!("token-{key}")));
    }
    ring.insert(0, Channel::new("token-0"));
    let started = tokio::time::Instant::now();
    for (_, client) in ring.clients::<Source>() {
        client.call(ask::<Limited>()).send().await.unwrap();
    }
    assert_eq!((script.requests().len(), started.elapsed()), (5, ms(0)));
    // The same value is the same budget, also as another type.
    ring.client::<Channel>(&0)
        .unwrap()
        .call(ask::<Limited>())
        .send()
        .await
        .unwrap();
    assert_eq!(started.elapsed(), ms(1001));
    let missing = ring.client::<Channel>(&3).unwrap_err();
    assert_eq!(missing.to_string(), "no `Channel` token under the name 3");
    assert!(ring.remove::<Source>(&3) && ring.client::<Source>(&3).is_err());
}
