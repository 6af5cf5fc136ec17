//! What a subscriber sees. Alone in its file: tests that run beside it without a subscriber would switch its spans off.

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};
use support::{grants::*, *};
use tollgate::{Client, HttpReply, ScriptedTransport, Settings, Spec, TransportError};
use tracing::instrument::WithSubscriber;

says! {
    OfMachine = Spec { holders: &["Machine"], ..GET };
    Retried = Spec { settings: &Settings { retry: Some(&RETRY), limits: &[&PER_TOKEN], ..PLAIN }, ..GET };
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a subscriber writes while this runs.
async fn logged(calls: impl Future<Output = ()>) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    calls.with_subscriber(subscriber).await;
    String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn spans_and_events_tell_the_call_and_never_the_token() {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(429).header("retry-after", "2"))
        .then_fails(TransportError::network("connection reset"))
        .then(ok())
        .then(ok())
        .then(ok());
    let connection = connection(script);
    let client = Client::new(&connection, InQuery::new(SECRET));
    let mut ask = ask::<Retried>();
    ask.query = Some("private".to_owned());
    let log = logged(async {
        client.call(ask).send().await.unwrap();
        client.call(support::ask::<Retried>()).send().await.unwrap();
        client.call(support::ask::<Retried>()).send().await.unwrap();
    })
    .await;
    assert!(!log.contains(SECRET) && !log.contains("private"), "{log}");
    // One span for each call, and one for each attempt.
    assert_eq!(log.matches(": close").count(), 3 + 5, "{log}");
    for text in [
        "otel.name=GET /things",
        "http.request.method=\"GET\"",
        "http.response.status_code=429",
        "http.request.resend_count=2",
        "server.address=\"api.toy.example\"",
        "server.port=443",
        "url.template=\"/things\"",
        "tollgate.token=\"InQuery\"",
        "error.type=\"network\"",
        "error.type=429",
        "otel.status_code=\"ERROR\"",
        "tollgate.attempts=3",
        "tollgate::retry: the attempt failed and is repeated attempt=1 tollgate.operation=\"things.get\"",
        "wait_ms=2000 hinted=true",
        "tollgate::limit: waited for a limit wait_ms=1001",
    ] {
        assert!(log.contains(text), "{text} is missing in {log}");
    }
}

#[tokio::test(start_paused = true)]
async fn token_requests_have_spans_of_their_own_with_all_that_went_wrong() {
    let desk = Desk::new();
    desk.then(Ok(HttpReply::new(503)));
    desk.then(Err(TransportError::timeout("nothing came")));
    let script = desk.script();
    let address = "http://[::1]:8080";
    let connection = short(&script)
        .base_url(address)
        .token_url("elsewhere", address)
        .build()
        .unwrap();
    let client = Client::new(&connection, Machine::new());
    let log = logged(async {
        client.call(ask::<OfMachine>()).send().await.unwrap();
    })
    .await;
    assert!(!log.contains(grants::KEY) && !log.contains("granted-"), "{log}");
    let spans: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("otel.name=POST /oauth/token"))
        .collect();
    let closed = |text: &str| spans.iter().any(|line| line.contains(": close") && line.contains(text));
    assert!(
        closed("http.response.status_code=503") && closed("error.type=503"),
        "{log}"
    );
    assert!(
        closed("http.request.resend_count=1") && closed("error.type=\"token_unavailable\""),
        "{log}"
    );
    assert!(
        closed("http.request.resend_count=2") && closed("http.response.status_code=200"),
        "{log}"
    );
    assert!(closed("server.address=\"::1\"") && closed("server.port=8080"), "{log}");
}
