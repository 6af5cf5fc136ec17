//! Four token types in four schemes, and what roles leave of them.

use super::{corner, scripted_account};
use crate::behaviour::support::{Stage, always, is_alone_with, ok};
use serde_json::json;
use tollgate::{Kind, ScriptedTransport};
use tollgate_scope_tests::acme::{
    Account, Acme, Client, Environment, Operator, Partner, Store,
    account::WhoAccount,
    audit::{ListAudit, ReportAudit},
    role::{Everything, Seller},
    stock::CountStock,
};

fn identity() -> ScriptedTransport {
    always(ok(&json!({ "data": { "kind": "someone" } })))
}

#[tokio::test]
async fn each_token_type_is_verified_by_a_call_that_it_may_make() {
    let stage = Stage::<Acme>::new().await;
    stage.account(1).verify().await.unwrap();
    stage.store().verify().await.unwrap();
    stage.partner::<Everything>(Some("everything")).verify().await.unwrap();
    stage.operator().verify().await.unwrap();
    let tokens: Vec<_> = stage
        .report()
        .requests
        .into_iter()
        .filter_map(|request| request.token)
        .collect();
    assert_eq!(tokens, ["account", "store", "partner-everything", "operator"]);
}

#[tokio::test]
async fn a_value_with_less_of_a_role_than_its_type_says_is_found_out() {
    let stage = Stage::<Acme>::new().await;
    let error = stage.partner::<Everything>(Some("seller")).verify().await.unwrap_err();
    assert!(error.is(Kind::OutOfScope), "{error}");
    assert!(
        error.to_string().contains("takes `Partner` or `Operator` tokens"),
        "{error}"
    );
    // What the role does list, the value may do.
    stage
        .partner::<Seller>(Some("seller"))
        .stock()
        .count(CountStock::new())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_partner_shows_a_header_a_cookie_and_a_query_parameter() {
    let script = identity();
    let connection = corner(&script);
    let partner = || Partner::<Everything>::new("k-e/y=", "tenant&7");
    for token in [partner(), partner().trace("t-1")] {
        Client::with(&connection, token)
            .account()
            .who(WhoAccount::new())
            .send()
            .await
            .unwrap();
    }
    let requests = script.requests();
    assert_eq!(
        requests[0].url(),
        "https://corner.acme.example/api/whoami?tenant=tenant%267"
    );
    assert_eq!(requests[0].header("X-Acme-Key"), Some("k-e/y="));
    assert_eq!(requests[0].header("cookie"), Some("session=k-e/y="));
    assert_eq!(
        requests[0].header("X-Acme-Trace"),
        None,
        "what is optional and not set is left out"
    );
    assert_eq!(requests[1].header("X-Acme-Trace"), Some("t-1"));
}

#[tokio::test]
async fn an_operator_logs_in_with_name_and_password() {
    let script = identity();
    let client = Client::with(&corner(&script), Operator::new("ada", "open sesame:é"));
    client.account().who(WhoAccount::new()).send().await.unwrap();
    assert_eq!(
        script.requests()[0].header("authorization"),
        Some("Basic YWRhOm9wZW4gc2VzYW1lOsOp")
    );
    let client = Client::with(&corner(&script), Store::new("store_0a"));
    client.account().who(WhoAccount::new()).send().await.unwrap();
    assert_eq!(script.requests()[1].header("authorization"), Some("Bearer store_0a"));
}

#[tokio::test]
async fn the_mock_lets_all_of_them_in() {
    let stage = Stage::<Acme>::new().await;
    let who = || WhoAccount::new();
    stage.account(1).account().who(who()).send().await.unwrap();
    stage.store().account().who(who()).send().await.unwrap();
    stage
        .partner::<Everything>(None)
        .account()
        .who(who())
        .send()
        .await
        .unwrap();
    stage.operator().account().who(who()).send().await.unwrap();
    assert_eq!(stage.report().answers("account.who", 200), 4);
}

#[tokio::test]
async fn a_field_of_the_token_stands_in_the_path() {
    let script = always(ok(&json!({ "name": "root", "children": [{ "name": "leaf" }] })));
    let client = Client::with(&corner(&script), Partner::<Everything>::new("key", "a/b"));
    let tree = client.audit().report(ReportAudit::new()).send().await.unwrap();
    assert_eq!(tree.children.unwrap()[0].name, "leaf");
    assert_eq!(
        script.requests()[0].url(),
        "https://corner.acme.example/api/audit/a%2Fb/report?tenant=a%2Fb"
    );
}

#[tokio::test]
async fn a_secret_that_cannot_travel_is_not_sent_and_not_told() {
    let script = identity();
    let client = Client::with(&corner(&script), Account::new("live_\r\nX-Evil: 1"));
    let error = client.account().who(WhoAccount::new()).send().await.unwrap_err();
    assert!(
        error.to_string().contains("`X-Acme-Token`") && !error.to_string().contains("Evil"),
        "{error}"
    );
    let client = Client::with(&corner(&script), Operator::new("a:b", "password"));
    let error = client.account().who(WhoAccount::new()).send().await.unwrap_err();
    assert!(!error.to_string().contains("a:b"), "{error}");
    let client = Client::with(&corner(&script), Partner::<Everything>::new("k; admin=1", "7"));
    let error = client.account().who(WhoAccount::new()).send().await.unwrap_err();
    assert!(
        error.to_string().contains("`session`") && !error.to_string().contains("admin"),
        "{error}"
    );
    assert!(script.requests().is_empty());
}

tollgate::role! {
    /// Looks at what was done, and at nothing else.
    struct Auditor: tollgate_scope_tests::acme [audit]
}

#[tokio::test]
async fn a_role_of_the_application_does_what_it_lists() {
    let stage = Stage::<Acme>::with(|mock| mock.role("auditor", ["audit"]).items(3)).await;
    let client = stage.partner::<Auditor>(Some("auditor"));
    assert_eq!(client.audit().list(ListAudit::new()).send().await.unwrap().len(), 3);
    client.verify().await.unwrap();
}

#[test]
fn a_token_is_read_for_the_environment_that_is_asked_for() {
    let variables = [
        ("ACME_ACCOUNT_TOKEN", "live_1"),
        ("ACME_SANDBOX_ACCOUNT_TOKEN", "test_1"),
        ("ACME_PARTNER_KEY", "key"),
        ("ACME_PARTNER_TENANT", "7"),
        ("ACME_OPERATOR_USER", "ada"),
    ];
    if !is_alone_with(
        "behaviour::acme::tokens::a_token_is_read_for_the_environment_that_is_asked_for",
        &variables,
    ) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let script = identity();
    for environment in [Environment::Production, Environment::Sandbox] {
        let client = Client::with(&corner(&script), Account::from_env_in(environment).unwrap());
        runtime
            .block_on(client.account().who(WhoAccount::new()).send())
            .unwrap();
    }
    let partner = Partner::<Everything>::from_env().unwrap();
    runtime
        .block_on(
            Client::with(&corner(&script), partner)
                .account()
                .who(WhoAccount::new())
                .send(),
        )
        .unwrap();
    let requests = script.requests();
    let shown: Vec<_> = requests
        .iter()
        .map(|request| request.secret_headers().iter().next().unwrap().1)
        .collect();
    assert_eq!(shown, ["live_1", "test_1", "key"]);
    assert!(Store::from_env().is_err());
    let missing = Operator::from_env().unwrap_err().to_string();
    assert!(missing.contains("`ACME_OPERATOR_PASSWORD`"), "{missing}");
}

#[tokio::test]
async fn clients_of_one_connection_are_cheap_to_hand_around() {
    let script = identity();
    let client = scripted_account(&script);
    let task = tokio::spawn(client.clone().account().who(WhoAccount::new()).send());
    task.await.unwrap().unwrap();
    let stored = client.account().who(WhoAccount::new());
    stored.clone().send().await.unwrap();
    stored.send().await.unwrap();
    assert_eq!(script.requests().len(), 3);
}
