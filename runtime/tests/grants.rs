//! Short-lived tokens: one request for all who wait, in time, and again when one is refused.

mod support;

use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use support::{grants::*, *};
use tollgate::{Client, ErrorKind, HttpReply, Kind, ScriptedTransport, Spec, TokenFault, Transport, TransportError};

says! {
    Things = Spec { holders: &["Machine"], ..GET };
    Make = Spec { id: "things.make", method: tollgate::Method::Post, idempotent: false, holders: &["Machine"], ..GET };
}

type Failed = tollgate::Error<Failure>;

async fn call<T: tollgate::Credential>(client: &Client<T>) -> Result<(), Failed> {
    client.call(ask::<Things>()).send().await.map(drop)
}

fn machine(script: &ScriptedTransport) -> Client<Machine> {
    Client::new(&short(script).build().unwrap(), Machine::new())
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_waiters_ask_once() {
    let desk = Desk::new().delay(ms(200));
    let script = desk.script();
    let connection = short(&script).build().unwrap();
    // As many clients, so that nothing but the credentials is what they have in common.
    let calls = (0..1000).map(|_| {
        let client = Client::new(&connection, Machine::new());
        tokio::spawn(async move { call(&client).await })
    });
    let calls: Vec<_> = calls.collect();
    for task in calls {
        task.await.unwrap().unwrap();
    }
    assert_eq!(token_requests(&script).len(), 1);
    assert_eq!(shown(&script), vec!["granted-1"; 1000]);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_may_go_away() {
    let desk = Desk::new().delay(ms(200));
    let script = desk.script();
    let client = machine(&script);
    let leader = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    tokio::time::sleep(ms(50)).await;
    let follower = tokio::spawn(async move { call(&client).await });
    tokio::time::sleep(ms(50)).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    follower.await.unwrap().unwrap();
    assert_eq!(token_requests(&script).len(), 1);
    assert_eq!(shown(&script), ["granted-1"]);
}

#[test]
fn whoever_asks_may_lose_its_runtime() {
    let desk = Desk::new().delay(ms(200));
    let script = desk.script();
    let start = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(true).build().unwrap()
    };
    let lost = start();
    let client = lost.block_on(async { machine(&script) });
    lost.block_on(async {
        let client = client.clone();
        let _ = tokio::time::timeout(ms(50), async move { call(&client).await }).await;
    });
    drop(lost);
    start().block_on(async { call(&client).await.unwrap() });
    assert_eq!(token_requests(&script).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_before_it_ends_while_it_is_still_shown() {
    let desk = Desk::new().expires_in(Some(3600)).delay(ms(2000));
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    // It is good for an hour but for ten seconds, and due five minutes times 0.75 before that.
    pass(3300).await;
    call(&client).await.unwrap();
    assert_eq!((token_requests(&script).len(), shown(&script).len()), (1, 2));
    pass(150).await;
    let before = tokio::time::Instant::now();
    call(&client).await.unwrap();
    assert_eq!(before.elapsed(), ms(0), "nobody waits for the next token");
    pass(5).await;
    call(&client).await.unwrap();
    assert_eq!(shown(&script), ["granted-1", "granted-1", "granted-1", "granted-2"]);
    assert_eq!(token_requests(&script).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_used_in_time_is_replaced_before_it_is_shown() {
    let desk = Desk::new().expires_in(Some(60));
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    pass(58).await;
    call(&client).await.unwrap();
    assert_eq!(shown(&script), ["granted-1", "granted-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_end_nobody_knows_is_kept_until_it_is_refused() {
    let desk = Desk::new().expires_in(None);
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    pass(30 * 24 * 3600).await;
    call(&client).await.unwrap();
    desk.revoke();
    call(&client).await.unwrap();
    assert_eq!(shown(&script), ["granted-1", "granted-1", "granted-1", "granted-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_the_call_is_tried_once_more() {
    let desk = Desk::new();
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    desk.revoke();
    // A method that is never repeated blindly: a request without a good token does nothing.
    client.call(ask::<Make>()).send().await.unwrap();
    assert_eq!(shown(&script), ["granted-1", "granted-1", "granted-2"]);
    assert_eq!(token_requests(&script).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn many_refusals_of_one_token_ask_once() {
    let desk = Desk::new().delay(ms(200));
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    desk.revoke();
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { call(&client).await })
    });
    for task in calls.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(token_requests(&script).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_that_is_refused_too_is_an_error_and_no_loop() {
    let desk = Desk::new();
    let script = desk.script();
    let client = machine(&script);
    desk.refuse_all(true);
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer(Kind::Unauthorized));
    assert_eq!(shown(&script), ["granted-1", "granted-2"]);
    // The tokens are not at fault. To ask for more of them would use the day's ten up.
    for _ in 0..20 {
        call(&client).await.unwrap_err();
    }
    assert_eq!(token_requests(&script).len(), 2);
    assert_eq!(shown(&script).len(), 22);
    pass(31).await;
    desk.refuse_all(false);
    desk.revoke();
    call(&client).await.unwrap();
    assert_eq!(token_requests(&script).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_while_its_successor_cannot_be_got() {
    let desk = Desk::new().expires_in(Some(3600));
    let script = desk.script();
    let client = machine(&script);
    call(&client).await.unwrap();
    for _ in 0..3 {
        desk.then(Ok(HttpReply::new(503)));
    }
    pass(3400).await;
    for _ in 0..10 {
        call(&client).await.unwrap();
    }
    pass(30).await;
    assert!(shown(&script).iter().all(|token| token == "granted-1"));
    assert_eq!(token_requests(&script).len(), 4, "three tries, and then a pause");
    call(&client).await.unwrap();
    pass(1).await;
    call(&client).await.unwrap();
    assert_eq!(shown(&script).last().unwrap(), "granted-2");
}

#[tokio::test(start_paused = true)]
async fn a_dead_endpoint_is_asked_less_and_less_and_not_forever_given_up() {
    let desk = Desk::new();
    let script = desk.script();
    let client = machine(&script);
    for _ in 0..3 {
        desk.then(Ok(HttpReply::new(503)));
    }
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { call(&client).await })
    });
    for task in calls.collect::<Vec<_>>() {
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unavailable));
        assert!(error.to_string().contains("the token endpoint is down"), "{error}");
    }
    assert_eq!(token_requests(&script).len(), 3, "one asked, three times, for all");
    let error = call(&client).await.unwrap_err();
    assert!(error.retry_after().is_some_and(|wait| wait <= ms(1250)), "{error}");
    assert_eq!(token_requests(&script).len(), 3);
    pass(2).await;
    call(&client).await.unwrap();
    assert_eq!(token_requests(&script).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn client_credentials_are_shown_again_when_no_answer_came() {
    let desk = Desk::new();
    let script = desk.script();
    desk.then(Err(TransportError::network("the connection was reset")));
    call(&machine(&script)).await.unwrap();
    assert_eq!(token_requests(&script).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_whose_answer_is_lost_is_not_shown_again_at_once() {
    let desk = Desk::new();
    let script = desk.script();
    desk.then(Err(TransportError::network("the connection was reset")));
    let client = Client::new(&short(&script).build().unwrap(), Delegate::new());
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unavailable));
    assert_eq!(token_requests(&script).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_refresh_token_replaces_the_old_one() {
    let desk = Desk::new();
    let script = desk.script();
    let given = |token: &str, refresh: &str| {
        let body = json!({ "access_token": token, "expires_in": 60, "refresh_token": refresh });
        Ok(HttpReply::new(200).json(&body))
    };
    desk.then(given("granted-1", "second"));
    desk.then(given("granted-2", "third"));
    let client = Client::new(&short(&script).build().unwrap(), Delegate::new());
    for _ in 0..3 {
        call(&client).await.unwrap();
        pass(60).await;
    }
    let requests = token_requests(&script);
    let bodies: Vec<_> = requests
        .iter()
        .map(|request| String::from_utf8_lossy(request.body()).into_owned())
        .collect();
    let asked = |token| format!("grant_type=refresh_token&refresh_token={token}");
    assert_eq!(bodies, [asked(REFRESH), asked("second"), asked("third")]);
    assert!(
        requests
            .iter()
            .all(|request| request.secret_headers().get("authorization").is_some())
    );
}

#[tokio::test(start_paused = true)]
async fn the_token_endpoint_has_a_limit_of_its_own() {
    let desk = Desk::new().expires_in(Some(1));
    let script = desk.script();
    let client = machine(&script);
    for _ in 0..10 {
        call(&client).await.unwrap();
        pass(2).await;
    }
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Limited));
    assert!(error.to_string().contains("`token_endpoint`"), "{error}");
    assert!(
        error.retry_after().is_some_and(|wait| wait > Duration::from_hours(23)),
        "{error}"
    );
    assert_eq!(token_requests(&script).len(), 10);
}

#[tokio::test(start_paused = true)]
async fn each_failure_of_the_endpoint_says_what_it_is() {
    let oauth = |status, code: &str| Ok(HttpReply::new(status).json(&json!({ "error": code })));
    let cases = [
        (
            oauth(401, "invalid_client"),
            TokenFault::Refused,
            "the client id or its secret was refused",
        ),
        (
            oauth(400, "unauthorized_client"),
            TokenFault::Refused,
            "the client id or its secret was refused",
        ),
        (
            Ok(HttpReply::new(403)),
            TokenFault::Refused,
            "the client id or its secret was refused",
        ),
        (
            oauth(400, "invalid_grant"),
            TokenFault::Ended,
            "the refresh token has expired or was revoked",
        ),
        (
            oauth(400, "invalid_scope"),
            TokenFault::Unexpected,
            "does not take the request",
        ),
        (
            oauth(200, "invalid_client"),
            TokenFault::Refused,
            "the client id or its secret was refused",
        ),
        (
            Ok(HttpReply::new(200).body("<html>")),
            TokenFault::Unexpected,
            "the answer holds no token",
        ),
        (
            Ok(HttpReply::new(500)),
            TokenFault::Unavailable,
            "the token endpoint is down",
        ),
        (
            Err(TransportError::timeout("nothing came")),
            TokenFault::Unavailable,
            "did not answer: nothing came",
        ),
        (
            Ok(HttpReply::new(302).header("location", "https://evil.example/")),
            TokenFault::Unexpected,
            "the token endpoint redirects",
        ),
    ];
    for (answer, fault, text) in cases {
        let desk = Desk::new();
        let script = desk.script();
        desk.then(answer);
        let client = Client::new(&short(&script).build().unwrap(), Delegate::new());
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token(fault), "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(script.requests().len(), 1, "nothing was sent without a token: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_is_read_in_every_format_by_the_providers_own_clock() {
    // The provider's clock is an hour ahead of the client's, which says noon.
    let date = "Sat, 21 Nov 2026 13:00:00 GMT";
    for until in [
        json!("2026-11-21T13:05:00Z"),
        json!(1_795_266_300),
        json!("Sat, 21 Nov 2026 13:05:00 GMT"),
    ] {
        let desk = Desk::new();
        let script = desk.script();
        let body = json!({ "session": "granted-1", "until": until });
        desk.then(Ok(HttpReply::new(200).header("date", date).json(&body)));
        let client = Client::new(&short(&script).build().unwrap(), Person::new());
        call(&client).await.unwrap();
        pass(200).await;
        call(&client).await.unwrap();
        assert_eq!(token_requests(&script).len(), 1, "{until}");
        pass(95).await;
        call(&client).await.unwrap();
        assert_eq!(token_requests(&script).len(), 2, "{until}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_descriptor_says_how_long_a_token_lasts_where_the_answer_does_not() {
    let desk = Desk::new();
    let script = desk.script();
    let client = Client::new(&short(&script).build().unwrap(), Person::new());
    call(&client).await.unwrap();
    pass(400).await;
    call(&client).await.unwrap();
    pass(199).await;
    call(&client).await.unwrap();
    assert_eq!(shown(&script), ["granted-1", "granted-1", "granted-2"]);
    let request = &token_requests(&script)[0];
    assert_eq!(
        String::from_utf8_lossy(request.body()),
        "login=ann%40short.example&password=fake%2Bs3cret%2Fof+%22machine%22"
    );
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_called_with_another_token_that_is_got_itself() {
    let desk = Desk::new();
    let script = desk.script();
    let connection = short(&script).build().unwrap();
    let client = Client::new(&connection, Session::new(&Machine::new(), "a/b"));
    call(&client).await.unwrap();
    let requests = script.requests();
    let sent: Vec<_> = requests
        .iter()
        .map(|request| (request.path().to_owned(), request.header("authorization")))
        .collect();
    assert_eq!(
        sent,
        [
            ("/v1/oauth/token".to_owned(), None),
            ("/v1/customers/a%2Fb/sessions".to_owned(), Some("Bearer granted-1")),
            ("/v1/things".to_owned(), Some("Bearer granted-2")),
        ]
    );
    assert_eq!(requests[1].query(), [("via".to_owned(), "web".to_owned())]);
    // Another customer is another token, by the same one.
    call(&Client::new(&connection, Session::new(&Machine::new(), "c")))
        .await
        .unwrap();
    assert_eq!((token_requests(&script).len(), desk.given()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_while_a_token_is_got() {
    let desk = Desk::new().delay(ms(5000));
    let script = desk.script();
    let client = machine(&script);
    let error = client
        .call(ask::<Things>())
        .deadline(ms(1000))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    // Whoever comes later has the token that was asked for.
    pass(5).await;
    call(&client).await.unwrap();
    assert_eq!(token_requests(&script).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_which_other_type_the_value_looks_like() {
    let desk = Desk::new();
    let script = desk.script();
    desk.refuse_all(true);
    let connection = short(&script).build().unwrap();
    let hint = |value: &'static str| {
        let client = Client::new(&connection, Live::new(value));
        async move { call(&client).await.unwrap_err().hint().unwrap() }
    };
    assert!(
        hint("store_123")
            .await
            .contains("its value looks like one of a `Store` token")
    );
    assert!(!hint("live_123").await.contains("looks like"));
    assert!(!hint("neither").await.contains("looks like"));
}

/// A transport, a clock or whatever else is somebody else's.
#[tokio::test(start_paused = true)]
async fn a_panic_in_asking_is_told_to_all_who_wait_and_the_next_call_asks_again() {
    let desk = Desk::new();
    let panics = Arc::new(AtomicBool::new(true));
    let script = {
        let (inner, panics) = (desk.script(), Arc::clone(&panics));
        ScriptedTransport::answering(move |request| {
            assert!(!panics.load(Ordering::SeqCst), "a transport of somebody else's");
            let answer = futures_util::FutureExt::now_or_never(inner.exchange(request.clone()));
            (Duration::ZERO, answer.unwrap())
        })
    };
    let client = Client::new(&short(&script).build().unwrap(), Machine::new());
    let (one, two, three) = tokio::join!(call(&client), call(&client), call(&client));
    for answer in [one, two, three] {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unexpected), "{error}");
        assert!(error.to_string().contains("panicked"), "{error}");
    }
    panics.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(2)).await;
    call(&client).await.unwrap();
    assert_eq!(desk.given(), 1);
}
