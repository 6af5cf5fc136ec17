//! What an error says, and how.

mod support;

use serde_json::json;
use std::time::Duration;
use support::{grants::*, *};
use tollgate::{Client, ErrorKind, HttpReply, ScriptedTransport, Spec, StoreError, TokenFault, TransportError};

says! {
    Things = GET;
    OfMachine = Spec { holders: &["Machine"], ..GET };
}

/// What would begin a line of its own, colour a terminal, or turn the writing around.
const HOSTILE: &str = "line\nline2 \u{1b}[31mred\r\u{2028}\u{202e}\u{7f}\u{9b}";
const ON_ONE_LINE: &str = "line\\nline2 \\u{1b}[31mred\\r\\u{2028}\\u{202e}\\u{7f}\\u{9b}";

#[tokio::test]
async fn an_error_is_one_line_whatever_the_provider_says() {
    let reply = HttpReply::new(400)
        .header("x-request-id", "id\u{85}\u{2066}")
        .json(&json!({ "error": HOSTILE, "code": "a\tb" }));
    let script = ScriptedTransport::new().then(reply);
    let error = client(&script).call(ask::<Things>()).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`things.get` was refused as invalid (400): {ON_ONE_LINE} [a\\tb]; request id id\\u{{85}}\\u{{2066}}")
    );
    assert!(!format!("{error:?}").contains(char::is_control));
    // Programs get what the provider said.
    assert_eq!((error.message(), error.code()), (Some(HOSTILE), Some("a\tb")));
}

#[tokio::test]
async fn causes_are_one_line_by_themselves_too() {
    let script = ScriptedTransport::new().then_fails(TransportError::refused(HOSTILE));
    let error = client(&script).call(ask::<Things>()).send().await.unwrap_err();
    assert!(error.to_string().ends_with(&format!(": {ON_ONE_LINE}")), "{error}");
    assert_eq!(TransportError::network(HOSTILE).to_string(), ON_ONE_LINE);
    assert_eq!(StoreError::new(HOSTILE).to_string(), ON_ONE_LINE);

    let desk = Desk::new();
    let refusal = json!({ "error": "invalid_client", "error_description": HOSTILE });
    desk.then(Ok(HttpReply::new(401).json(&refusal)));
    let client = Client::new(&short(&desk.script()).build().unwrap(), Machine::new());
    let error = client.call(ask::<OfMachine>()).send().await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("was refused: {ON_ONE_LINE} [")),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_for_want_of_a_token_tells_of_the_requests_for_it() {
    let desk = Desk::new();
    desk.then(Ok(HttpReply::new(503)));
    desk.then(Err(TransportError::network("the connection was reset")));
    desk.then(Ok(HttpReply::new(503)));
    let script = desk.script();
    let client = Client::new(&short(&script).build().unwrap(), Machine::new());
    let error = client.call(ask::<OfMachine>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unavailable));
    // The call itself was not sent.
    assert_eq!((error.attempts(), error.tried().len()), (0, 0));
    assert_eq!(error.waited(), Duration::ZERO);
    let requests: Vec<_> = error.token_requests().iter().collect();
    let told: Vec<_> = requests.iter().map(|one| (one.number, one.kind, one.status)).collect();
    let down = ErrorKind::Token(TokenFault::Unavailable);
    assert_eq!(
        told,
        [
            (1, down, Some(503)),
            (2, ErrorKind::Network, None),
            (3, down, Some(503))
        ]
    );
    let waits: Vec<_> = requests.iter().map(|one| one.waited_before).collect();
    assert_eq!(waits, [ms(0), ms(500), ms(1000)]);
    assert!(
        error.to_string().contains("; 3 token requests: 503, network, 503"),
        "{error}"
    );
    // Whoever comes in the pause after them is told of the same.
    let next = client.call(ask::<OfMachine>()).send().await.unwrap_err();
    assert_eq!(next.token_requests(), error.token_requests());
    assert_eq!(token_requests(&script).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_the_token_was_to_be_got_with_is_told_as_well() {
    let desk = Desk::new();
    for _ in 0..3 {
        desk.then(Ok(HttpReply::new(500)));
    }
    let connection = short(&desk.script()).build().unwrap();
    let client = Client::new(&connection, Session::new(&Machine::new(), "customer"));
    let error = client.call(ask::<OfMachine>()).send().await.unwrap_err();
    let statuses: Vec<_> = error.token_requests().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(500); 3], "{error}");
}
