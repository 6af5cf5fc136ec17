//! What a caller says about one call, on a clock that stands still.

mod support;

use std::time::Duration;
use support::*;
use tokio::time::Instant;
use tollgate::{
    ErrorKind, HttpReply, KeyPlace, Kind, Limit, Method, Pager, PagerKind, Path, RetryPolicy, ScriptedTransport,
    Settings, Spec, TransportError, When,
};

const SLOW: Limit = Limit {
    limit: 1,
    window: Duration::from_mins(10),
    ..PER_TOKEN
};

const BY_LINK: Pager = Pager {
    kind: PagerKind::Link { rel: "next" },
    items: Path::ROOT,
    page_size: None,
    total: None,
    stop_short: false,
};

says! {
    Get = Spec { settings: &Settings { retry: Some(&RETRY), ..PLAIN }, ..GET };
    Bare = Spec { settings: &PLAIN, ..GET };
    Post = Spec { method: Method::Post, idempotent: false, settings: &PLAIN, ..GET };
    Keyed = Spec { method: Method::Post, idempotent: false, idempotency_key: Some(KeyPlace::Header("idempotency-key")), settings: &PLAIN, ..GET };
    Scarce = Spec { settings: &Settings { limits: &[&SLOW], ..PLAIN }, ..GET };
    Limited = Spec { settings: &Settings { limits: &[&PER_TOKEN], retry: Some(&RETRY), ..PLAIN }, ..GET };
    Listed = Spec { settings: &Settings { limits: &[&PER_TOKEN], ..PLAIN }, pager: Some(&BY_LINK), ..GET };
    Pushed = Spec {
        method: Method::Post,
        settings: &Settings { limits: &[&PER_TOKEN], ..PLAIN },
        batch: Some(tollgate::BatchSpec { max_items: 1 }),
        ..GET
    };
}

fn down() -> HttpReply {
    HttpReply::new(503)
}

fn always(reply: impl Fn() -> HttpReply + Send + Sync + 'static) -> ScriptedTransport {
    ScriptedTransport::answering(move |_| (Duration::ZERO, Ok(reply())))
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_call_bounds_one_attempt() {
    let script = ScriptedTransport::answering(|_| (Duration::from_secs(5), Ok(ok())));
    let started = Instant::now();
    let call = client(&script).call(ask::<Bare>()).timeout(ms(300));
    let error = call.send().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Timeout, ms(300)));
    assert_eq!(error.message(), Some("nothing came within 300ms"));
    // Longer than the descriptor's is fine, too.
    let call = client(&script).call(ask::<Bare>()).timeout(Duration::from_mins(1));
    assert!(call.send().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_want_no_repeats_or_more_of_them() {
    let script = always(down);
    let error = client(&script)
        .call(ask::<Get>())
        .retry(RetryPolicy::none())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
    // Where the descriptor repeats nothing, what it leaves open is what `retry: {}` would mean.
    let started = Instant::now();
    let policy = RetryPolicy::attempts(6)
        .initial(ms(100))
        .factor(3.0)
        .longest(ms(1000))
        .jitter(0.0);
    let error = client(&script)
        .call(ask::<Bare>())
        .retry(policy)
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        (error.attempts(), started.elapsed()),
        (6, ms(100 + 300 + 900 + 1000 + 1000))
    );
    let error = client(&script).call(ask::<Bare>()).retry(2).send().await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    let only_limits = RetryPolicy::attempts(5).when([When::Kind(Kind::RateLimited)]);
    let error = client(&script)
        .call(ask::<Get>())
        .retry(only_limits)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
    let error = client(&script)
        .call(ask::<Bare>())
        .retry(&RETRY)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn no_caller_makes_an_unsafe_request_be_repeated() {
    let script = always(down);
    let error = client(&script).call(ask::<Post>()).retry(5).send().await.unwrap_err();
    assert_eq!((error.attempts(), script.requests().len()), (1, 1));
    let script = ScriptedTransport::new()
        .then(down())
        .then_fails(TransportError::network("reset"))
        .then(ok());
    client(&script).call(ask::<Keyed>()).retry(5).send().await.unwrap();
    let keys: std::collections::BTreeSet<_> = script
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!((keys.len(), script.requests().len()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_longest_wait_holds_where_the_descriptor_has_none() {
    let script = always(ok);
    let client = client(&script);
    client.call(ask::<Scarce>()).send().await.unwrap();
    let started = Instant::now();
    let call = client.call(ask::<Scarce>()).max_wait(Duration::from_secs(5));
    let error = call.send().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Wait, Duration::ZERO));
    assert!(error.retry_after() > Some(Duration::from_secs(500)), "{error}");
    // And for what the provider asks, in both directions.
    let hinted = || HttpReply::new(429).header("retry-after", "90");
    let script = ScriptedTransport::new().then(hinted()).then(ok());
    let patient = support::client(&script)
        .call(ask::<Get>())
        .max_wait(Duration::from_mins(2));
    patient.send().await.unwrap();
    let script = ScriptedTransport::new().then(hinted());
    let call = support::client(&script)
        .call(ask::<Get>())
        .max_wait(Duration::from_secs(10));
    let error = call.send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_bounds_the_attempt_under_way() {
    let script = ScriptedTransport::answering(|_| (Duration::from_secs(20), Ok(ok())));
    let started = Instant::now();
    let call = client(&script).call(ask::<Get>()).deadline(Duration::from_secs(3));
    let error = call.send().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(3));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 1));
    let text = error.to_string();
    assert!(
        text.contains("the deadline of 3s passed before the answer came"),
        "{text}"
    );
    // The request may have arrived: that is on the error.
    assert_eq!(error.tried().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_line_ends_at_once_where_it_is_known_to_be_missed() {
    let script = always(ok);
    let client = client(&script);
    client.call(ask::<Scarce>()).send().await.unwrap();
    let started = Instant::now();
    let call = client.call(ask::<Scarce>()).deadline(Duration::from_secs(3));
    let error = call.send().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Deadline, Duration::ZERO));
    assert_eq!(error.attempts(), 0);
    let text = error.to_string();
    assert!(
        text.contains("the limit `per_token` lets nobody go for another"),
        "{text}"
    );
    assert!(text.contains("the deadline is in 3s"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_in_line_passes_where_nobody_could_know() {
    // The one in front has the only place, and does not come back in time.
    let script = ScriptedTransport::answering(|_| (Duration::from_secs(25), Ok(ok())));
    let client = client(&script);
    let first = tokio::spawn(client.call(ask::<Scarce>()).send());
    tokio::time::sleep(ms(1)).await;
    let started = Instant::now();
    let call = client.call(ask::<Scarce>()).deadline(Duration::from_secs(7));
    let error = call.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert!(started.elapsed() <= Duration::from_secs(7));
    first.await.unwrap().unwrap();
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_sleeps_for_an_attempt_that_would_come_after_the_deadline() {
    let script = ScriptedTransport::new().then(down()).then(down()).then(ok());
    let started = Instant::now();
    // The first wait is a second, the next one two.
    let call = client(&script).call(ask::<Get>()).deadline(ms(2500));
    let error = call.send().await.unwrap_err();
    assert_eq!(started.elapsed(), ms(1000));
    // It stays the failure that it is, with what the provider said.
    assert!(error.is(Kind::Unavailable));
    assert_eq!((error.attempts(), error.status()), (2, Some(503)));
    let text = error.to_string();
    assert!(
        text.contains("the next attempt would be in 2s, and the deadline is in 1.5s"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_for_a_whole_stream() {
    let next = || HttpReply::new(200).json(&serde_json::json!([1]));
    let count = std::sync::atomic::AtomicU64::new(2);
    let script = ScriptedTransport::answering(move |_| {
        let page = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let link = format!("<https://api.toy.example/v1/things?page={page}>; rel=\"next\"");
        (Duration::ZERO, Ok(next().header("link", &link)))
    });
    let started = Instant::now();
    let mut pages = client(&script).call(list::<Listed>()).deadline(ms(3500)).pages();
    let mut seen = 0;
    let error = loop {
        match pages.next().await.unwrap() {
            Ok(_) => seen += 1,
            Err(error) => break error,
        }
    };
    // Two per second: at 0, 0, 1, 1, 2, 2, 3 and 3 seconds.
    assert_eq!(seen, 8);
    assert!(started.elapsed() < ms(3500));
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert!(pages.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_for_a_whole_batch_part_by_part() {
    let script = always(ok);
    let items = (0..7).map(serde_json::Value::from).collect();
    let put = Put::<Pushed>(items, std::marker::PhantomData);
    let started = Instant::now();
    let batch = client(&script).call(put).deadline(ms(1500)).send_all().await;
    assert!(started.elapsed() < ms(1500));
    let results: Vec<_> = batch.parts().iter().map(|part| part.result.is_ok()).collect();
    assert_eq!(results, [true, true, true, true, false, false, false]);
    assert!(batch.failures().all(|(_, error)| error.kind() == ErrorKind::Deadline));
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_was_tried_is_on_the_error() {
    let script = ScriptedTransport::new()
        .then_after(ms(40), Ok(down().header("x-request-id", &format!("r-1 {SECRET}"))))
        .then_fails(TransportError::network("reset"))
        .then(
            HttpReply::new(429)
                .header("retry-after", "2")
                .header("x-request-id", "r-3"),
        )
        .then(HttpReply::new(404).header("x-request-id", "r-4"));
    let error = client(&script).call(ask::<Limited>()).send().await.unwrap_err();
    let tried = error.tried();
    let kinds: Vec<_> = tried.iter().map(|attempt| (attempt.number, attempt.kind)).collect();
    let answer = |kind| ErrorKind::Answer(kind);
    assert_eq!(
        kinds,
        [
            (1, answer(Kind::Unavailable)),
            (2, ErrorKind::Network),
            (3, answer(Kind::RateLimited)),
            (4, answer(Kind::NotFound)),
        ]
    );
    let waits: Vec<_> = tried.iter().map(|attempt| attempt.waited_before.as_millis()).collect();
    assert_eq!(waits, [0, 1000, 2000, 2000]);
    assert_eq!(tried[0].took, ms(40));
    assert_eq!(tried[2].request_id.as_deref(), Some("r-3"));
    let all = tried
        .iter()
        .map(|attempt| attempt.waited_before + attempt.waited_for_limits);
    assert_eq!(all.sum::<Duration>(), error.waited());
    let text = error.to_string();
    assert!(text.contains("4 attempts: 503, network, 429, 404"), "{text}");
    assert_eq!(tried[0].to_string(), "503 after 40ms");
    assert!(!format!("{error} {error:?} {tried:?}").contains(SECRET));
}

#[tokio::test(start_paused = true)]
async fn a_success_that_does_not_fit_tells_of_the_attempts_before_it() {
    let script = ScriptedTransport::new()
        .then(down())
        .then(HttpReply::new(200).body("nonsense"));
    let error = client(&script).call(ask::<Get>()).send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 2));
    assert_eq!(error.tried().len(), 1);
}
