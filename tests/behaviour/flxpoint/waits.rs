//! What happens after a refusal, and when exactly.

use super::{scripted_account, scripted_channel};
use crate::behaviour::support::{ms, ok, scripted, secs, timed};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;
use tollgate::{ErrorKind, HttpReply, Kind, ScriptedTransport, TransportError};
use tollgate_providers::flxpoint::{Channel, Client, ErrorBody, account::GetAccount, listings::CountVariants};

fn limited(seconds: u64) -> HttpReply {
    let body = json!({ "error": "Rate limit exceeded", "data": { "limit": 2, "window": "1s" } });
    HttpReply::new(429)
        .header("Retry-After", &seconds.to_string())
        .json(&body)
}

fn counted() -> HttpReply {
    ok(&json!({ "count": 5 }))
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_429_is_waited_out_as_the_provider_asks() {
    let (script, arrivals) = timed([limited(1), limited(2), limited(3), limited(4), counted()]);
    let client = scripted_channel(&script);
    let answer = client
        .listings()
        .count_variants(CountVariants::new())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.count, 5);
    assert_eq!(arrivals.millis(), [0, 1000, 3000, 6000, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_that_outlasts_five_attempts_is_an_error_with_what_the_provider_said() {
    let (script, arrivals) = timed([limited(1)]);
    let client = scripted_channel(&script);
    let error = client
        .listings()
        .count_variants(CountVariants::new())
        .send()
        .await
        .unwrap_err();
    assert_eq!(arrivals.millis(), [0, 1000, 2000, 3000, 4000]);
    assert!(error.is(Kind::RateLimited));
    assert_eq!((error.attempts(), error.waited()), (5, secs(4)));
    assert_eq!((error.status(), error.retry_after()), (Some(429), Some(secs(1))));
    let Some(ErrorBody::RateLimitError(body)) = error.body() else {
        panic!("{error:?}")
    };
    assert_eq!(body.data.as_ref().and_then(|data| data.limit), Some(2));
    assert_eq!(
        error.to_string(),
        "`listings.count_variants` was rate limited (429): Rate limit exceeded; help: 2 requests in any second per \
         token, whoever sends them; retry after 1s; 5 attempts: 5 times 429; waited 4s"
    );
}

#[tokio::test(start_paused = true)]
async fn a_429_holds_back_everyone_who_shares_the_token() {
    let (script, arrivals) = timed([limited(3), counted()]);
    let client = scripted_channel(&script);
    let refused = client.listings().count_variants(CountVariants::new()).send();
    let later = async {
        tokio::time::sleep(ms(500)).await;
        scripted_channel(&script)
            .listings()
            .count_variants(CountVariants::new())
            .send()
            .await
    };
    let other = async {
        tokio::time::sleep(ms(600)).await;
        let other = Client::with(&scripted(&script), Channel::new("another secret"));
        other.listings().count_variants(CountVariants::new()).send().await
    };
    let (refused, later, other) = tokio::join!(refused, later, other);
    refused.and(later).and(other).unwrap();
    // Only the one with another token went ahead.
    assert_eq!(arrivals.millis(), [0, 600, 3000, 3000]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_longest_is_an_error_at_once() {
    let (script, arrivals) = timed([limited(61), counted()]);
    let client = scripted_channel(&script);
    let call = || client.listings().count_variants(CountVariants::new()).send();
    let refused = call().await.unwrap_err();
    assert!(refused.is(Kind::RateLimited));
    assert_eq!((refused.attempts(), refused.waited()), (1, Duration::ZERO));
    assert_eq!(refused.retry_after(), Some(secs(61)));
    assert!(
        refused.hint().unwrap().contains("longer wait than `max_wait`"),
        "{refused}"
    );

    // The budget stays closed for that long, so the next call is not even sent.
    let next = call().await.unwrap_err();
    assert_eq!(next.kind(), ErrorKind::Wait);
    assert_eq!((next.attempts(), next.retry_after()), (0, Some(secs(61))));
    assert!(next.to_string().contains("would wait too long"), "{next}");
    assert_eq!(arrivals.millis(), [0]);
    tokio::time::sleep(secs(61)).await;
    call().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_waits_double_from_one_second() {
    let (script, arrivals) = timed([HttpReply::new(503)]);
    let error = scripted_account(&script)
        .account()
        .get(GetAccount::new())
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unavailable));
    assert_eq!(arrivals.millis(), [0, 1000, 3000, 7000, 15_000]);
    assert_eq!((error.attempts(), error.waited()), (5, secs(15)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_a_timeout_and_a_read_asks_again() {
    let never = || Err(TransportError::network("too late to matter"));
    let script = ScriptedTransport::new().then_after(secs(3600), never()).then(counted());
    let client = scripted_channel(&script);
    let began = Instant::now();
    client
        .listings()
        .count_variants(CountVariants::new())
        .send()
        .await
        .unwrap();
    // Half a minute for the attempt, and a second before the next.
    assert_eq!(began.elapsed(), secs(31));
    assert_eq!(script.requests().len(), 2);
}
