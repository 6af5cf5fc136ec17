//! Both ways to log in, and where their secrets come from.

use crate::behaviour::support::{Stage, always, is_alone_with, ok, scripted};
use serde_json::json;
use tollgate::{HttpRequest, Kind};
use tollgate_providers::flex_forward::{
    Bearer, Client, Environment, FlexForward, KeyPair, Token, couriers::ListCouriers, scope,
};

#[tokio::test]
async fn both_logins_are_let_in() {
    let stage = Stage::<FlexForward>::new().await;
    stage
        .bearer()
        .couriers()
        .list(ListCouriers::new())
        .send()
        .await
        .unwrap();
    stage
        .key_pair()
        .couriers()
        .list(ListCouriers::new())
        .send()
        .await
        .unwrap();
    stage.bearer().verify().await.unwrap();
    stage.key_pair().verify().await.unwrap();
    let tokens: Vec<_> = stage
        .report()
        .requests
        .into_iter()
        .filter_map(|request| request.token)
        .collect();
    assert_eq!(tokens, ["bearer", "key_pair", "bearer", "key_pair"]);
}

#[tokio::test]
async fn each_login_shows_its_own_headers_and_no_others() {
    let shown = |request: &HttpRequest| -> Vec<(String, String)> {
        request
            .secret_headers()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let script = always(ok(&json!([])));
    let connection = scripted(&script);
    Client::with(&connection, Bearer::new("secret")).verify().await.unwrap();
    Client::with(&connection, KeyPair::new("key", "token"))
        .verify()
        .await
        .unwrap();
    let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let requests = script.requests();
    assert_eq!(shown(&requests[0]), [owned("Authorization", "Bearer secret")]);
    assert_eq!(
        shown(&requests[1]),
        [owned("x-rr-apikey", "key"), owned("x-rr-apitoken", "token")]
    );
}

#[tokio::test]
async fn half_of_a_key_pair_does_not_do() {
    let stage = Stage::<FlexForward>::new().await;
    let key = stage.mock.token("key_pair").unwrap().field("key").unwrap();
    let error = Client::with(&stage.connection, KeyPair::new(key, "nonsense"))
        .verify()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains("takes `Bearer` or `KeyPair` tokens, this client shows a `KeyPair` token"),
        "{shown}"
    );
    assert!(
        shown.contains("missing or invalid token, or one of the other environment"),
        "{shown}"
    );
}

/// What a client of a token shows.
fn shows<T: Token + scope::AnyToken>(token: T) -> Vec<String> {
    let script = always(ok(&json!([])));
    let client = Client::with(&scripted(&script), token);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime
        .block_on(client.couriers().list(ListCouriers::new()).send())
        .unwrap();
    script.requests()[0]
        .secret_headers()
        .iter()
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn tokens_are_read_from_the_environment_of_the_process() {
    let variables = [
        ("FLEX_FORWARD_TOKEN", " live\n"),
        ("FLEX_FORWARD_STAGING_TOKEN", "staged"),
        ("FLEX_FORWARD_API_KEY", "live key"),
        ("FLEX_FORWARD_API_TOKEN", "live token"),
        ("FLEX_FORWARD_STAGING_API_KEY", "staged key"),
        ("FLEX_FORWARD_STAGING_API_TOKEN", ""),
    ];
    let this = "behaviour::flex_forward::tokens::tokens_are_read_from_the_environment_of_the_process";
    if !is_alone_with(this, &variables) {
        return;
    }
    assert_eq!(shows(Bearer::from_env().unwrap()), ["Bearer live"]);
    assert_eq!(
        shows(Bearer::from_env_in(Environment::Production).unwrap()),
        ["Bearer live"]
    );
    assert_eq!(
        shows(Bearer::from_env_in(Environment::Staging).unwrap()),
        ["Bearer staged"]
    );
    assert_eq!(shows(KeyPair::from_env().unwrap()), ["live key", "live token"]);
    let error = KeyPair::from_env_in(Environment::Staging).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment variable `FLEX_FORWARD_STAGING_API_TOKEN` of the token `KeyPair` is empty"
    );
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let this = "behaviour::flex_forward::tokens::a_variable_that_is_not_set_is_named";
    if !is_alone_with(this, &[("FLEX_FORWARD_API_KEY", "key")]) {
        return;
    }
    let bearer = Bearer::from_env_in(Environment::Staging).unwrap_err().to_string();
    assert_eq!(
        bearer,
        "the environment variable `FLEX_FORWARD_STAGING_TOKEN` of the token `Bearer` is not set"
    );
    let pair = KeyPair::from_env().unwrap_err().to_string();
    assert_eq!(
        pair,
        "the environment variable `FLEX_FORWARD_API_TOKEN` of the token `KeyPair` is not set"
    );
}
