//! Where requests go: environments, hosts that are variables, and a base URL of the caller's.

use crate::behaviour::support::{always, is_alone_with, ok, scripted_with};
use serde_json::json;
use tollgate::{ConnectionBuilder, ConnectionError};
use tollgate_providers::flex_forward::{
    Bearer, Client, Connection, Environment, FlexForward, Variable, couriers::ListCouriers, tracking::GetTracking,
};

type Builder = ConnectionBuilder<FlexForward>;

/// The URL of a call over a connection with these settings.
async fn url(settings: impl FnOnce(Builder) -> Builder) -> String {
    let script = always(ok(&json!([])));
    let client = Client::with(&scripted_with(&script, settings), Bearer::new("secret"));
    client.couriers().list(ListCouriers::new()).send().await.unwrap();
    script.requests()[0].url().to_owned()
}

#[tokio::test]
async fn environments_have_hosts_of_their_own_and_variables_move_them() {
    assert_eq!(url(|builder| builder).await, "https://api.flexforwardship.com/couriers");
    let staging = |builder: Builder| builder.environment(Environment::Staging);
    assert_eq!(url(staging).await, "https://api-staging.flexforwardship.com/couriers");
    let guides = |builder: Builder| builder.variable(Variable::ProductionHost, "api.flexforward.com");
    assert_eq!(url(guides).await, "https://api.flexforward.com/couriers");
    let both = |builder| guides(staging(builder)).variable(Variable::StagingHost, "sandbox.flexforward.com");
    assert_eq!(url(both).await, "https://sandbox.flexforward.com/couriers");
    // The other environment's variable changes nothing.
    assert_eq!(
        url(|builder| guides(staging(builder))).await,
        "https://api-staging.flexforwardship.com/couriers"
    );
}

#[tokio::test]
async fn a_base_url_wins_over_environment_and_variables() {
    let url = url(|builder| {
        let builder = builder
            .environment(Environment::Staging)
            .variable(Variable::StagingHost, "elsewhere.example");
        builder.base_url("http://127.0.0.1:4010/flex")
    });
    assert_eq!(url.await, "http://127.0.0.1:4010/flex/couriers");
}

#[test]
fn a_host_comes_from_the_environment_of_the_process_where_nobody_gives_one() {
    let this =
        "behaviour::flex_forward::hosts::a_host_comes_from_the_environment_of_the_process_where_nobody_gives_one";
    if !is_alone_with(
        this,
        &[
            ("FLEX_FORWARD_HOST", "from.env.example"),
            ("FLEX_FORWARD_STAGING_HOST", ""),
        ],
    ) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let url = |settings: fn(Builder) -> Builder| runtime.block_on(url(settings));
    assert_eq!(url(|builder| builder), "https://from.env.example/couriers");
    let given = url(|builder| builder.variable(Variable::ProductionHost, "given.example"));
    assert_eq!(given, "https://given.example/couriers");
    // An empty variable is none.
    let staging = url(|builder| builder.environment(Environment::Staging));
    assert_eq!(staging, "https://api-staging.flexforwardship.com/couriers");
}

#[test]
fn a_connection_that_would_give_the_token_away_is_refused() {
    let refused =
        |settings: fn(Builder) -> Builder| -> ConnectionError { settings(Connection::builder()).build().unwrap_err() };
    let plain = refused(|builder| builder.base_url("http://api.flexforwardship.com"));
    assert!(
        plain.to_string().contains("is plain http, which would show the token"),
        "{plain}"
    );
    for host in [
        "evil.example/",
        "a@evil.example",
        "evil.example?",
        "evil.example#",
        "evil.example:1",
        "",
    ] {
        let builder = Connection::builder().variable(Variable::ProductionHost, host);
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains("`production_host`"), "{host}: {error}");
    }
}

#[tokio::test]
async fn a_value_in_a_path_stays_in_its_segment() {
    let script = always(ok(&json!({})));
    let client = Client::with(&scripted_with(&script, |builder| builder), Bearer::new("secret"));
    for id in ["a/b?c#d", "..", "é 1"] {
        let _ = client.tracking().get(GetTracking::new(id)).send().await;
    }
    let paths: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.path().to_owned())
        .collect();
    // A value that would leave the path is not sent at all.
    assert_eq!(paths, ["/tracking/a%2Fb%3Fc%23d", "/tracking/%C3%A9%201"]);
}
