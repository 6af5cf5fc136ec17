//! The right token, the wrong one, and one that nobody knows.

use crate::behaviour::support::{Stage, always, is_alone_with, ok, scripted};
use serde_json::json;
use tollgate::Kind;
use tollgate_providers::flxpoint::{
    Account, Channel, Client, Flxpoint, Source, account::GetAccount, fulfillment_requests::CountFulfillmentRequests,
    listings::CountVariants,
};

const FORBIDDEN: &str =
    "the token is valid but of the wrong type; an account token is no superset of source and channel tokens";

#[tokio::test]
async fn each_token_type_is_verified_by_a_call_that_it_may_make() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.account(1).verify().await.unwrap();
    stage.source(1).verify().await.unwrap();
    stage.channel(1).verify().await.unwrap();
    let report = stage.report();
    for operation in ["account.get", "fulfillment_requests.count", "listings.count_variants"] {
        assert_eq!(report.answers(operation, 200), 1, "{operation}");
    }
}

#[tokio::test]
async fn verify_finds_a_secret_under_the_wrong_name() {
    let stage = Stage::<Flxpoint>::new().await;
    let with = &stage.connection;
    let account = Client::with(with, Account::new(stage.secret("source", 1)))
        .verify()
        .await
        .unwrap_err();
    let source = Client::with(with, Source::new(stage.secret("channel", 1)))
        .verify()
        .await
        .unwrap_err();
    let channel = Client::with(with, Channel::new(stage.secret("source", 2)))
        .verify()
        .await
        .unwrap_err();
    let told = [
        (account, "account.get", "Account"),
        (source, "fulfillment_requests.count", "Source"),
    ];
    for (error, operation, token) in told
        .into_iter()
        .chain([(channel, "listings.count_variants", "Channel")])
    {
        assert!(error.is(Kind::OutOfScope), "{error}");
        assert_eq!(
            (error.status(), error.operation(), error.token()),
            (Some(403), operation, token)
        );
        assert_eq!(error.attempts(), 1, "a refusal is not repeated");
    }
}

#[tokio::test]
async fn a_403_names_the_operation_the_token_who_may_call_it_and_what_to_do() {
    let stage = Stage::<Flxpoint>::new().await;
    let impostor = Client::with(&stage.connection, Channel::new(stage.secret("source", 1)));
    let error = impostor
        .listings()
        .count_variants(CountVariants::new())
        .send()
        .await
        .unwrap_err();
    let shown = error.to_string();
    assert!(
        shown.starts_with("`listings.count_variants` was refused as out of scope (403): "),
        "{shown}"
    );
    let takes = "the operation `listings.count_variants` takes `Account` or `Channel` tokens, this client shows a \
                 `Channel` token";
    assert!(shown.contains(takes), "{shown}");
    assert!(shown.contains(FORBIDDEN), "{shown}");
    // And what the provider says itself.
    assert_eq!(
        error.message(),
        Some("`source` lacks the scope `sales` (held by account, channel)")
    );
    assert_eq!(error.hint(), Some(format!("{takes}; {FORBIDDEN}")));
}

#[tokio::test]
async fn an_unknown_secret_is_a_401_that_names_the_header() {
    let stage = Stage::<Flxpoint>::new().await;
    let stranger = Client::with(&stage.connection, Source::new("nobody knows me"));
    let error = stranger
        .fulfillment_requests()
        .count(CountFulfillmentRequests::new())
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unauthorized));
    assert_eq!(error.status(), Some(401));
    let shown = error.to_string();
    for part in [
        "`fulfillment_requests.count` was refused as unauthorized (401)",
        "takes `Account` or `Source` tokens, this client shows a `Source` token",
        "the header is X-API-TOKEN with the bare token, not Authorization",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(!shown.contains("nobody knows me"), "{shown}");
}

tollgate::token! {
    /// Counts orders to fulfil, and nothing else.
    struct Picker: tollgate_providers::flxpoint as Source [supply]
}

#[tokio::test]
async fn a_narrowed_client_shows_the_same_secret_and_spends_the_same_budget() {
    let stage = Stage::<Flxpoint>::new().await;
    let source = stage.source(1);
    let picker: Client<Picker> = source.narrow();
    picker
        .fulfillment_requests()
        .count(CountFulfillmentRequests::new())
        .send()
        .await
        .unwrap();
    let own = Client::with(&stage.connection, Picker::new(stage.secret("source", 1)));
    own.fulfillment_requests()
        .count(CountFulfillmentRequests::new())
        .send()
        .await
        .unwrap();
    let report = stage.report();
    assert_eq!(report.budgets.len(), 1, "{report}");
    assert_eq!(
        report.budgets_of("source").map(|budget| budget.admitted).sum::<u64>(),
        2
    );

    // Its errors speak of the type that it is.
    let impostor = Client::with(&stage.connection, Picker::new(stage.secret("channel", 1)));
    let error = impostor
        .fulfillment_requests()
        .count(CountFulfillmentRequests::new())
        .send()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("this client shows a `Picker` token"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_of_a_known_token_is_decoded() {
    let stage = Stage::<Flxpoint>::new().await;
    let account = stage.account(1).account().get(GetAccount::new()).send().await.unwrap();
    assert!(account.id > 0, "{account:?}");
}

#[test]
fn tokens_are_read_from_the_environment_of_the_process() {
    let variables = [
        ("FLXPOINT_ACCOUNT_TOKEN", "of an account"),
        ("FLXPOINT_CHANNEL_TOKEN", "of a channel"),
    ];
    let this = "behaviour::flxpoint::tokens::tokens_are_read_from_the_environment_of_the_process";
    if !is_alone_with(this, &variables) {
        return;
    }
    let script = always(ok(&json!({ "id": 1, "count": 1 })));
    let account = Client::with(&scripted(&script), Account::from_env().unwrap());
    let channel = Client::with(&scripted(&script), Channel::from_env().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(account.verify()).unwrap();
    runtime.block_on(channel.verify()).unwrap();
    let requests = script.requests();
    let shown: Vec<_> = requests
        .iter()
        .filter_map(|request| request.header("X-API-TOKEN"))
        .collect();
    assert_eq!(shown, ["of an account", "of a channel"]);
    let missing = Source::from_env().unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the environment variable `FLXPOINT_SOURCE_TOKEN` of the token `Source` is not set"
    );
}
