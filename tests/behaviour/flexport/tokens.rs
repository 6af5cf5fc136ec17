//! The two ways to log in: a key that never ends, and credentials that get a token ten times a day.

use super::{page, scripted_key};
use crate::behaviour::support::{Stage, always, ok, read_all, scripted, sent};
use serde_json::json;
use std::time::Duration;
use tollgate::{ErrorKind, HttpReply, Method, ScriptedTransport, TokenFault};
use tollgate_providers::flexport::{
    Client, Credentials, CredentialsClient, Flexport, role::WithoutPermissions, shipments::ListShipments,
};

/// Gives tokens that end after so many seconds, if that is said, and an empty list to whoever shows one.
fn desk(expires_in: Option<u64>) -> ScriptedTransport {
    let number = std::sync::atomic::AtomicU32::new(0);
    ScriptedTransport::answering(move |request| {
        let reply = if request.path() == "/oauth/token" {
            let number = 1 + number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut granted = json!({ "access_token": format!("granted-{number}") });
            if let Some(seconds) = expires_in {
                granted["expires_in"] = seconds.into();
            }
            HttpReply::new(200).json(&granted)
        } else {
            ok(&page(&json!([]), None))
        };
        (Duration::ZERO, Ok(reply))
    })
}

fn client(script: &ScriptedTransport) -> CredentialsClient<WithoutPermissions> {
    Client::with(&scripted(script), Credentials::new("client-7", "not-a-secret"))
}

fn token_requests(script: &ScriptedTransport) -> usize {
    let requests = script.requests();
    requests
        .iter()
        .filter(|request| request.path() == "/oauth/token")
        .count()
}

#[tokio::test]
async fn an_api_key_travels_as_a_bearer_token() {
    let script = always(ok(&page(&json!([]), None)));
    let client = scripted_key(&script);
    client.shipments().list(ListShipments::new()).send().await.unwrap();
    let request = &script.requests()[0];
    assert_eq!(request.secret_headers().get("Authorization"), Some("Bearer secret"));
}

#[tokio::test(start_paused = true)]
async fn credentials_are_exchanged_as_json_with_an_audience() {
    let script = desk(None);
    let client = client(&script);
    for _ in 0..3 {
        client.shipments().list(ListShipments::new()).send().await.unwrap();
    }
    let requests = script.requests();
    assert_eq!((requests.len(), token_requests(&script)), (4, 1));
    let asked = &requests[0];
    assert_eq!(
        (asked.method(), asked.url()),
        (Method::Post, "https://api.flexport.com/oauth/token")
    );
    assert_eq!(asked.header("Content-Type"), Some("application/json"));
    assert_eq!(
        sent(asked),
        json!({
            "client_id": "client-7",
            "client_secret": "not-a-secret",
            "audience": "https://api.flexport.com",
            "grant_type": "client_credentials",
        })
    );
    for request in &requests[1..] {
        assert_eq!(request.secret_headers().get("Authorization"), Some("Bearer granted-1"));
        assert_eq!(request.header("Flexport-Version"), Some("2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_lasts_a_day_where_the_answer_does_not_say() {
    let script = desk(None);
    let client = client(&script);
    for _ in 0..23 {
        client.shipments().list(ListShipments::new()).send().await.unwrap();
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    assert_eq!(token_requests(&script), 1);
    tokio::time::sleep(Duration::from_hours(2)).await;
    client.shipments().list(ListShipments::new()).send().await.unwrap();
    assert_eq!(token_requests(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_ten_tokens_are_asked_for_in_a_day() {
    let script = desk(Some(1));
    let client = client(&script);
    for _ in 0..10 {
        client.shipments().list(ListShipments::new()).send().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let error = client.shipments().list(ListShipments::new()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Limited));
    assert!(error.to_string().contains("`token_endpoint`"), "{error}");
    assert_eq!(token_requests(&script), 10);
    tokio::time::sleep(Duration::from_hours(24)).await;
    client.shipments().list(ListShipments::new()).send().await.unwrap();
    assert_eq!(token_requests(&script), 11);
}

#[tokio::test]
async fn the_mock_gives_tokens_to_credentials_too() {
    let stage = Stage::<Flexport>::with(|mock| mock.items(3)).await;
    let token = stage
        .mock
        .token("credentials")
        .unwrap()
        .with_role("without_permissions")
        .unwrap();
    let field = |name: &str| token.field(name).unwrap();
    let credentials = Credentials::<WithoutPermissions>::new(field("client_id"), field("client_secret"));
    let client = Client::with(&stage.connection, credentials);
    let ids = read_all(client.shipments().list(ListShipments::new()), |shipment| shipment.id).await;
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(stage.report().rejected(), 0, "{}", stage.report());
}
