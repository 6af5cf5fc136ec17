//! Generated clients whose tokens are short-lived, against the mock of the same descriptor.

use std::time::Duration;
use tollgate::{ErrorKind, FileStore, HttpReply, Kind, ScriptedTransport, TokenFault};
use tollgate_mock::{Builder, Mock, Running, ScriptedFault};

tollgate::provider!("../descriptor/tests/good/harbor.yaml");

use harbor::{ApiKey, Buoy, Client, Connection, Delegate, Guest, Machine, Pilot, Robot, Visit, berths::ListBerths};

async fn start(settings: impl FnOnce(Builder) -> Builder) -> Running {
    let model = tollgate_tests::load("descriptor/tests/good/harbor.yaml").unwrap();
    settings(Mock::builder(model)).start().await.unwrap()
}

fn builder(mock: &Running) -> tollgate::ConnectionBuilder<harbor::Harbor> {
    let builder = Connection::builder().base_url(mock.base_url());
    let urls = mock.token_urls().into_iter();
    urls.fold(builder, |builder, (token, url)| builder.token_url(token, url))
}

fn field(mock: &Running, token: &str, number: u32, field: &str) -> String {
    mock.token(token).unwrap().number(number).field(field).unwrap()
}

fn machine(mock: &Running, number: u32) -> Machine {
    let field = |name| field(mock, "machine", number, name);
    Machine::new(field("client_id"), field("client_secret"))
}

#[tokio::test]
async fn every_grant_gets_a_token_that_the_provider_takes() {
    let mock = start(|mock| mock).await;
    let connection = builder(&mock).build().unwrap();
    let value = |token, name| field(&mock, token, 1, name);

    let machine = machine(&mock, 1);
    Client::with(&connection, machine.clone()).verify().await.unwrap();
    let robot = Robot::new(value("robot", "client_id"), value("robot", "client_secret"));
    Client::with(&connection, robot).verify().await.unwrap();
    let buoy = Buoy::new(value("buoy", "client_id"), value("buoy", "client_secret"));
    Client::with(&connection, buoy).verify().await.unwrap();
    let pilot = Pilot::new(value("pilot", "user"), value("pilot", "password"));
    Client::with(&connection, pilot).verify().await.unwrap();
    let delegate = |name| value("delegate", name);
    let delegate = Delegate::new(
        delegate("client_id"),
        delegate("client_secret"),
        delegate("refresh_token"),
    );
    Client::with(&connection, delegate).verify().await.unwrap();

    // Tokens that operations yield, the last with one that an operation yields, too.
    let api_key = ApiKey::new(mock.token("api_key").unwrap().value());
    Client::with(&connection, Visit::new(&api_key, "ann/1"))
        .verify()
        .await
        .unwrap();
    let visit = Visit::new(&machine, "bea");
    Client::with(&connection, visit.clone()).verify().await.unwrap();
    Client::with(&connection, Guest::new(&visit, "carl"))
        .verify()
        .await
        .unwrap();

    let report = mock.report();
    for token in ["machine", "robot", "buoy", "pilot", "delegate"] {
        assert_eq!(report.token_requests(token), 1, "{token}");
    }
    assert_eq!(report.calls("visits.open"), 2);
    assert_eq!(report.calls("visits.invite"), 1);
    assert_eq!(report.unmatched, 0, "{report}");
}

#[tokio::test]
async fn a_revoked_token_is_replaced_within_the_call() {
    let mock = start(|mock| mock).await;
    let client = Client::with(&builder(&mock).build().unwrap(), machine(&mock, 1));
    client.berths().list(ListBerths::new()).send().await.unwrap();
    mock.revoke("machine");
    client.berths().list(ListBerths::new()).send().await.unwrap();
    let report = mock.report();
    assert_eq!(report.token_requests("machine"), 2);
    assert_eq!(
        (report.answers("berths.list", 200), report.answers("berths.list", 401)),
        (2, 1)
    );
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_replaced() {
    let mock = start(|mock| mock).await;
    let connection = builder(&mock).build().unwrap();
    let value = |name| field(&mock, "delegate", 1, name);
    let token = || Delegate::new(value("client_id"), value("client_secret"), value("refresh_token"));
    let client = Client::with(&connection, token());
    for _ in 0..3 {
        client.berths().list(ListBerths::new()).send().await.unwrap();
        mock.revoke("delegate");
    }
    assert_eq!(mock.report().token_requests("delegate"), 3);
    assert_eq!(mock.report().answers("token:delegate", 200), 3);
}

#[tokio::test]
async fn refused_credentials_are_no_expired_token() {
    let mock = start(|mock| mock).await;
    let connection = builder(&mock).build().unwrap();
    mock.refuse_credentials("machine-2");
    let error = Client::with(&connection, machine(&mock, 2)).verify().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Refused));
    assert_eq!((error.code(), error.status()), (Some("invalid_client"), Some(401)));
    let text = error.to_string();
    assert!(text.contains("the client id or its secret was refused"), "{text}");
    assert!(!text.contains("test-machine"), "{text}");
    assert_eq!(mock.report().calls("berths.list"), 0);

    let value = |name| field(&mock, "delegate", 1, name);
    let stale = Delegate::new(value("client_id"), value("client_secret"), "long-gone-refresh-token");
    let error = Client::with(&connection, stale).verify().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Ended), "{error}");
}

#[tokio::test]
async fn a_provider_that_takes_no_token_is_not_asked_for_ten() {
    // Each token is over as soon as it is there, and the answer does not say so.
    let mock = start(|mock| mock.token_lifetime(Duration::ZERO).token_lifetime_untold()).await;
    let client = Client::with(&builder(&mock).build().unwrap(), machine(&mock, 1));
    for _ in 0..14 {
        client.berths().list(ListBerths::new()).send().await.unwrap_err();
    }
    let report = mock.report();
    assert_eq!(report.token_requests("machine"), 2, "{report}");
    assert_eq!(report.rejected(), 0, "{report}");
}

#[tokio::test]
async fn two_runs_of_a_program_share_one_of_ten_tokens() {
    let mock = start(|mock| mock).await;
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let connection = builder(&mock)
            .token_store(FileStore::new(folder.path()))
            .build()
            .unwrap();
        Client::with(&connection, machine(&mock, 1)).verify().await.unwrap();
    }
    assert_eq!(mock.report().token_requests("machine"), 1);
}

#[tokio::test]
async fn a_hundred_calls_over_the_network_ask_once() {
    let mock = start(|mock| mock.latency(Duration::from_millis(30))).await;
    let client = Client::with(&builder(&mock).build().unwrap(), machine(&mock, 1));
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.berths().list(ListBerths::new()).send().await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(mock.report().token_requests("machine"), 1);
}

#[tokio::test]
async fn a_token_endpoint_that_redirects_gets_no_second_request() {
    let mock = start(|mock| mock).await;
    let elsewhere = start(|mock| mock).await;
    let fault = format!("token:machine=answer:307;Location={}/oauth/token", elsewhere.base_url());
    mock.fault(fault.parse::<ScriptedFault>().unwrap()).unwrap();
    let error = Client::with(&builder(&mock).build().unwrap(), machine(&mock, 1))
        .verify()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unexpected), "{error}");
    assert!(error.to_string().contains("redirects"), "{error}");
    assert_eq!(elsewhere.report().total(), 0);
}

#[test]
fn a_token_that_an_operation_yields_is_asked_for_with_values_of_the_environment() {
    let api_key = ApiKey::new("not-a-real-key");
    let error = Visit::from_env(&api_key).unwrap_err().to_string();
    assert!(error.contains("HARBOR_CUSTOMER"), "{error}");
}

/// Its `retry` says nothing of `wait_from`.
#[tokio::test(start_paused = true)]
async fn retry_after_is_heard_where_the_descriptor_does_not_say_where_waits_stand() {
    let busy = |seconds: &str| HttpReply::new(429).header("retry-after", seconds);
    let script = ScriptedTransport::new()
        .then(busy("4"))
        .then(busy("4"))
        .then(HttpReply::new(200).body("{}"))
        .then(busy("3600"));
    let connection = Connection::builder().transport(script.clone()).build().unwrap();
    let client = Client::with(&connection, ApiKey::new("fake-key"));
    let started = tokio::time::Instant::now();
    client.berths().list(ListBerths::new()).send().await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(8));

    let error = client.berths().list(ListBerths::new()).send().await.unwrap_err();
    assert!(error.is(Kind::RateLimited), "{error}");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(started.elapsed(), Duration::from_secs(8));
}
