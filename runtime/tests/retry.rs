//! Repeats, on a clock that stands still.

mod support;

use std::time::Duration;
use support::*;
use tokio::time::Instant;
use tollgate::{
    ErrorKind, HttpReply, KeyPlace, Kind, Method, Path, Place, Retry, ScriptedTransport, Settings, Spec, Step,
    TimeFormat, TransportError, When,
};

says! {
    Get = Spec { settings: &Settings { retry: Some(&RETRY), ..PLAIN }, ..GET };
    Post = Spec { method: Method::Post, idempotent: false, settings: &Settings { retry: Some(&RETRY), ..PLAIN }, ..GET };
    Keyed = Spec {
        method: Method::Post,
        idempotent: false,
        idempotency_key: Some(KeyPlace::Header("idempotency-key")),
        settings: &Settings { retry: Some(&RETRY), ..PLAIN },
        ..GET
    };
    KeyedElements = Spec {
        method: Method::Post,
        idempotent: false,
        idempotency_key: Some(KeyPlace::Body(Path(&[Step::Each, Step::Name("key")]))),
        settings: &Settings { retry: Some(&RETRY), ..PLAIN },
        ..GET
    };
    Jittery = Spec { settings: &Settings { retry: Some(&Retry { jitter: 0.5, ..RETRY }), ..PLAIN }, ..GET };
    Picky = Spec { settings: &Settings { retry: Some(&Retry { when: &[When::Kind(Kind::RateLimited)], ..RETRY }), ..PLAIN }, ..GET };
    Once = Spec { settings: &PLAIN, ..GET };
    Quick = Spec { settings: &Settings { retry: Some(&RETRY), timeout: Some(Duration::from_secs(2)), ..PLAIN }, ..GET };
    BodySays = Spec { settings: &Settings { retry: Some(&Retry { wait_from: WAIT_IN_BODY, ..RETRY }), ..PLAIN }, ..GET };
}

const WAIT_IN_BODY: &[Place] = &[Place {
    formats: &[TimeFormat::Milliseconds],
    ..Place::body(&[Step::Name("retryAfterMs")])
}];

fn down() -> HttpReply {
    HttpReply::new(503)
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_attempts_end() {
    let script = ScriptedTransport::new()
        .then(down())
        .then(down())
        .then(down())
        .then(down())
        .then(ok());
    let started = Instant::now();
    let error = client(&script).call(ask::<Get>()).send().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(1 + 2 + 4));
    assert!(error.is(Kind::Unavailable));
    assert_eq!(
        (error.attempts(), error.waited(), error.status()),
        (4, Duration::from_secs(7), Some(503))
    );
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn jitter_shortens_a_wait_by_a_random_share() {
    let script = ScriptedTransport::new().then(down()).then(ok());
    let started = Instant::now();
    client(&script).call(ask::<Jittery>()).send().await.unwrap();
    assert!((ms(500)..=ms(1000)).contains(&started.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_asks_for_wins() {
    let hinted = |seconds: &str| HttpReply::new(429).header("Retry-After", seconds);
    let script = ScriptedTransport::new()
        .then(hinted("3.5"))
        .then(hinted("0"))
        .then(ok());
    let started = Instant::now();
    client(&script).call(ask::<Get>()).send().await.unwrap();
    // `0` is no hint: the second wait is the client's own.
    assert_eq!(started.elapsed(), ms(3500 + 2000));

    let script = ScriptedTransport::new()
        .then(HttpReply::new(503).json(&serde_json::json!({"retryAfterMs": 250})))
        .then(ok());
    let started = Instant::now();
    client(&script).call(ask::<BodySays>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(250));
}

#[tokio::test(start_paused = true)]
async fn a_hint_longer_than_the_longest_wait_is_an_error_that_carries_it() {
    let script = ScriptedTransport::new().then(HttpReply::new(429).header("retry-after", "61"));
    let started = Instant::now();
    let error = client(&script).call(ask::<Get>()).send().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.is(Kind::RateLimited));
    assert!(error.to_string().contains("retry after 61s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_post_is_repeated_only_when_it_was_refused_for_its_rate() {
    let network = || TransportError::network("connection reset");
    let script = ScriptedTransport::new().then(down());
    let error = client(&script).call(ask::<Post>()).send().await.unwrap_err();
    assert_eq!((error.attempts(), script.requests().len()), (1, 1));

    let script = ScriptedTransport::new().then_fails(network());
    let error = client(&script).call(ask::<Post>()).send().await.unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::Network, 1));

    let script = ScriptedTransport::new().then(HttpReply::new(429)).then(ok());
    client(&script).call(ask::<Post>()).send().await.unwrap();
    assert_eq!(script.requests().len(), 2);

    let script = ScriptedTransport::new().then_fails(network()).then(down()).then(ok());
    client(&script).call(ask::<Get>()).send().await.unwrap();
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn only_what_the_descriptor_lists_is_repeated() {
    let script = ScriptedTransport::new().then(down());
    let error = client(&script).call(ask::<Picky>()).send().await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    let script = ScriptedTransport::new().then(HttpReply::new(404));
    let error = client(&script).call(ask::<Get>()).send().await.unwrap_err();
    assert!(error.is(Kind::NotFound));
    assert_eq!(error.attempts(), 1);
    let script = ScriptedTransport::new().then(HttpReply::new(429).header("retry-after", "9"));
    let error = client(&script).call(ask::<Once>()).send().await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.retry_after()),
        (1, Some(Duration::from_secs(9)))
    );
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_is_the_same_for_all_attempts_and_makes_them_safe() {
    let script = ScriptedTransport::new()
        .then(down())
        .then_fails(TransportError::network("reset"))
        .then(ok())
        .then(ok());
    let client = client(&script);
    client.call(ask::<Keyed>()).send().await.unwrap();
    client
        .call(ask::<Keyed>())
        .idempotency_key("mine")
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert!(uuid::Uuid::parse_str(&keys[0]).is_ok(), "{}", keys[0]);
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys[1], keys[2]);
    assert_eq!(keys[3], "mine");
}

#[tokio::test(start_paused = true)]
async fn every_element_has_a_key_of_its_own_and_keeps_the_one_it_brings() {
    let script = ScriptedTransport::new().then(down()).then(ok()).then(ok());
    let client = client(&script);
    let mut ask = ask::<KeyedElements>();
    ask.body = Some(serde_json::json!([{"n": 1}, {"n": 2, "key": "own"}, {"n": 3}]));
    client.call(ask.clone()).send().await.unwrap();
    client.call(ask).idempotency_key("mine").send().await.unwrap();
    let bodies: Vec<serde_json::Value> = script
        .requests()
        .iter()
        .map(|request| serde_json::from_slice(request.body()).unwrap())
        .collect();
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0][1]["key"], "own");
    assert_ne!(bodies[0][0]["key"], bodies[0][2]["key"]);
    assert_eq!(
        (&bodies[2][0]["key"], &bodies[2][2]["key"]),
        (&"mine-0".into(), &"mine-1".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_for_an_operation_that_takes_none_is_an_error() {
    let script = ScriptedTransport::new();
    let error = client(&script)
        .call(ask::<Get>())
        .idempotency_key("mine")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_in_time() {
    let script = ScriptedTransport::new()
        .then_after(Duration::from_secs(5), Ok(ok()))
        .then(ok());
    let started = Instant::now();
    client(&script).call(ask::<Quick>()).send().await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(2 + 1));
    let script = ScriptedTransport::new().then_after(Duration::from_mins(1), Ok(ok()));
    let error = client(&script).call(ask::<Once>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), Some("nothing came within 30s"));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_is_left_alone() {
    let script = ScriptedTransport::answering(|_| (Duration::ZERO, Ok(HttpReply::new(500))));
    let client = client(&script);
    let mut last = None;
    for _ in 0..50 {
        last = client.call(ask::<Get>()).send().await.err();
    }
    // A hundred repeats are paid for; after them every call is one attempt.
    assert_eq!(script.requests().len(), 50 + 100);
    let last = last.unwrap();
    assert_eq!(last.attempts(), 1);
    assert!(
        last.to_string()
            .contains("too many calls of this connection failed lately"),
        "{last}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_did_not_begin_with_is_sent_again_at_once_whatever_it_is() {
    let turned_away = |script: ScriptedTransport| script.then_fails(TransportError::unprocessed("refused stream"));
    let script = turned_away(turned_away(ScriptedTransport::new())).then(ok());
    let started = Instant::now();
    client(&script).call(ask::<Post>()).send().await.unwrap();
    assert_eq!((started.elapsed(), script.requests().len()), (Duration::ZERO, 3));

    // Not for ever, and not what may have arrived.
    let script = (0..9).fold(ScriptedTransport::new(), |script, _| turned_away(script));
    let error = client(&script).call(ask::<Post>()).send().await.unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::Network, 4));
    let script = ScriptedTransport::new()
        .then_fails(TransportError::network("broken"))
        .then(ok());
    client(&script).call(ask::<Post>()).send().await.unwrap_err();
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_url_that_is_too_long_is_not_sent() {
    let script = ScriptedTransport::new().then(ok());
    let mut long = ask::<Get>();
    long.query = Some("a".repeat(70_000));
    let error = client(&script).call(long).send().await.unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::Request, 0));
    assert!(error.to_string().contains("65534"), "{error}");
}

#[test]
fn without_a_runtime_a_call_is_an_error() {
    let script = ScriptedTransport::new().then(ok());
    let error = futures_util::FutureExt::now_or_never(client(&script).call(ask::<Get>()).send());
    let error = error.unwrap().unwrap_err();
    assert!(error.to_string().contains("no tokio runtime"), "{error}");
}
