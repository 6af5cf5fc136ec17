//! A secret is shown to the provider, and to nobody else.

use super::support::{Stage, always, connection_to, ms, ok, scripted, scripted_with, timed};
use serde_json::json;
use std::{
    fmt::{Debug, Write as _},
    io,
    sync::{Arc, LazyLock, Mutex},
};
use tollgate::{HttpReply, ScriptedTransport, TransportError};
use tollgate_mock::Fault;
use tollgate_providers::{
    flex_forward,
    flxpoint::{
        self, Flxpoint,
        account::GetAccount,
        channels::UpdateChannel,
        inventory::UpsertParents,
        listings::{CountVariants, ListVariants},
        models::InventoryParentWrite,
    },
};
use tollgate_scope_tests::acme::{
    self, Acme, Variable,
    account::WhoAccount,
    audit::ListAudit,
    role::{Everything, Seller},
};
use tracing_subscriber::fmt::format::FmtSpan;

/// Long and odd, so that it is found wherever it should not be.
const SECRET: &str = "s3cr3t+0123/456789";
/// As it looks in a query, in a cookie, and in `Basic` together with the name `ada`.
const DISGUISES: [&str; 3] = [SECRET, "s3cr3t%2B0123%2F456789", "YWRhOnMzY3IzdCswMTIzLzQ1Njc4OQ=="];

/// What the subscriber of the whole process writes. One for all: a subscriber of a thread's own would be asked only
/// for what no other test has switched off.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log
});

fn logged() -> String {
    String::from_utf8_lossy(&LOG.0.lock().unwrap()).into_owned()
}

fn hides(what: &str, text: &str) {
    for disguise in DISGUISES {
        if let Some(at) = text.find(disguise) {
            let around: String = text[..at + disguise.len()].chars().rev().take(300).collect();
            panic!("{what} tells the secret: {}", around.chars().rev().collect::<String>());
        }
    }
}

/// Both forms of `Debug`.
fn debugged(what: &str, value: &dyn Debug) {
    let shown = format!("{value:?} {value:#?}");
    assert!(!shown.trim().is_empty());
    hides(what, &shown);
}

fn told<B: Debug>(what: &str, error: &tollgate::Error<B>) {
    hides(
        what,
        &format!("{error} {error:?} {error:#?} {:?} {:?}", error.hint(), error.message()),
    );
    let mut chain = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(chain, "{cause} {cause:?}").unwrap();
        source = cause.source();
    }
    hides(what, &chain);
}

#[tokio::test]
async fn whatever_can_be_printed_hides_the_secret() {
    let script = always(ok(&json!([])));
    let connection = scripted(&script);
    let token = flxpoint::Channel::new(SECRET);
    debugged("a token", &token);
    let client = flxpoint::Client::with(&connection, token.clone());
    debugged("a connection", &connection);
    debugged(
        "a builder",
        &tollgate::Connection::<Flxpoint>::builder().transport(script.clone()),
    );
    debugged("a client", &client);
    debugged("a handle", &client.listings());
    let call = client.listings().list_variants(ListVariants::new());
    debugged("a call", &call);
    debugged("an operation", call.operation());
    debugged("pages", &call.clone().pages());
    debugged("items", &call.clone().items());
    let sending = call.send();
    debugged("a call under way", &sending);
    sending.await.unwrap();
    let source = flxpoint::Client::with(&connection, flxpoint::Source::new(SECRET));
    let upsert = source
        .inventory()
        .upsert_parents(UpsertParents::new([InventoryParentWrite::new("a")]));
    let sending = upsert.send_all();
    debugged("a batch under way", &sending);
    debugged("a batch", &sending.await);
    let workspace: flxpoint::Workspace = flxpoint::Workspace::new(&connection).with("a", token);
    debugged("a workspace", &workspace);
    debugged("a missing token", &workspace.channel("b"));
    debugged("a script with its requests", &script);
    debugged("a request", &script.requests()[0]);

    debugged("a pair", &flex_forward::KeyPair::new(SECRET, SECRET));
    debugged("a name and password", &acme::Operator::new("ada", SECRET));
    debugged(
        "three fields",
        &acme::Partner::<Seller>::new(SECRET, SECRET).trace(SECRET),
    );
    debugged("a value that is said to be secret", &tollgate::Secret::new(SECRET));
    hides("a secret itself", &tollgate::Secret::new(SECRET).to_string());
}

#[tokio::test(start_paused = true)]
async fn no_error_tells_the_secret_even_if_the_provider_sends_it_back() {
    LazyLock::force(&LOG);
    let echo =
        json!({ "error": format!("the token {SECRET} is unknown"), "data": { "token": SECRET, "limit": SECRET } });
    let answers = [
        HttpReply::new(401).json(&echo),
        HttpReply::new(403).json(&echo),
        HttpReply::new(429).json(&echo).header("Retry-After", "3600"),
        HttpReply::new(500).json(&echo),
        HttpReply::new(302).header("location", &format!("https://evil.example/?{SECRET}")),
        HttpReply::new(200).json(&json!({ "count": SECRET })),
        HttpReply::new(200).body(format!("{{\"count\": {SECRET}}}")),
    ];
    for answer in answers {
        let what = format!("{} {:?}", answer.status, answer.body);
        let (script, _) = timed([answer]);
        let client = flxpoint::Client::with(&scripted(&script), flxpoint::Channel::new(SECRET));
        told(
            &what,
            &client
                .listings()
                .count_variants(CountVariants::new())
                .send()
                .await
                .unwrap_err(),
        );
        debugged("a request that failed", &script.requests());
    }
    let lost = ScriptedTransport::new();
    let client = flxpoint::Client::with(&scripted(&lost), flxpoint::Account::new(SECRET));
    told(
        "no answer",
        &client.account().get(GetAccount::new()).send().await.unwrap_err(),
    );
    let late = ScriptedTransport::answering(|_| (ms(3_600_000), Err(TransportError::network("late"))));
    let client = flxpoint::Client::with(&scripted(&late), flxpoint::Account::new(SECRET));
    told(
        "no answer in time",
        &client.account().get(GetAccount::new()).send().await.unwrap_err(),
    );
    hides("the log", &logged());
}

#[tokio::test(start_paused = true)]
async fn a_secret_in_a_query_a_cookie_or_a_login_is_hidden_as_well() {
    LazyLock::force(&LOG);
    let page = json!({ "data": [{ "id": "1" }], "next": format!("https://evil.example/?tenant={SECRET}") });
    let script = ScriptedTransport::answering(move |request| {
        let denied = || HttpReply::new(401).json(&json!({ "error": { "message": SECRET, "code": SECRET } }));
        let reply = if request.path().ends_with("/audit") {
            ok(&page)
        } else {
            denied().header("X-Request-Id", SECRET)
        };
        (ms(5), Ok(reply))
    });
    let connection = scripted_with::<Acme>(&script, |builder| builder.variable(Variable::Shop, "corner"));
    let partner = acme::Partner::<Everything>::new(SECRET, SECRET).trace(SECRET);
    let partner = acme::Client::with(&connection, partner);
    told(
        "a partner",
        &partner.account().who(WhoAccount::new()).send().await.unwrap_err(),
    );
    let mut pages = partner.audit().list(ListAudit::new()).pages();
    debugged("a page", &pages.next().await.unwrap().unwrap().next);
    debugged("pages under way", &pages);
    told("a link to elsewhere", &pages.next().await.unwrap().unwrap_err());
    let operator = acme::Client::with(&connection, acme::Operator::new("ada", SECRET));
    told(
        "an operator",
        &operator.account().who(WhoAccount::new()).send().await.unwrap_err(),
    );
    // The script has seen it in all its disguises.
    let urls: String = script
        .requests()
        .iter()
        .map(|request| request.url().to_owned())
        .collect();
    assert!(urls.contains(DISGUISES[1]), "{urls}");
    let logins: Vec<_> = script
        .requests()
        .iter()
        .filter_map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(logins, [format!("Basic {}", DISGUISES[2])]);
    debugged("what was asked", &script.requests());
    hides("the log", &logged());
}

#[tokio::test]
async fn a_subscriber_that_takes_everything_sees_calls_and_no_secret() {
    LazyLock::force(&LOG);
    let stage = Stage::<Flxpoint>::new().await;
    let with = |secret: &str| flxpoint::Client::with(&stage.connection, flxpoint::Channel::new(secret));
    told("an unknown token", &with(SECRET).verify().await.unwrap_err());
    // The mock's own secret, over the network: an answer, a repeat, and a connection that is cut.
    let known = stage.secret("channel", 77);
    stage.fault("listings.count_variants", 1, Fault::Lost);
    with(&known).verify().await.unwrap();
    // A change is not repeated, so that this does not take long.
    let gone = connection_to(&Stage::<Flxpoint>::new().await.mock).build().unwrap();
    let gone = flxpoint::Client::with(&gone, flxpoint::Account::new(SECRET));
    told(
        "a server that is gone",
        &gone.channels().update(UpdateChannel::new(7)).send().await.unwrap_err(),
    );

    let log = logged();
    hides("the log", &log);
    assert!(!log.contains(&known), "the log tells a token of the mock");
    for expected in [
        "tollgate.operation=\"listings.count_variants\"",
        "url.template=\"/listing/variants/count\"",
    ] {
        assert!(log.contains(expected), "the log lacks {expected}");
    }
}

#[tokio::test]
async fn a_secret_that_a_provider_hands_out_is_hidden_too() {
    let script = always(ok(&json!({ "data": { "kind": "account", "token": SECRET } })));
    let connection = scripted_with::<Acme>(&script, |builder| builder.variable(Variable::Shop, "corner"));
    let client = acme::Client::with(&connection, acme::Store::new("store_0a"));
    let identity = client.account().who(WhoAccount::new()).send().await.unwrap();
    debugged("an answer", &identity);
    hides("an answer as JSON", &serde_json::to_string(&identity).unwrap());
    assert_eq!(identity.token.unwrap().expose(), SECRET);
}

#[test]
#[should_panic(expected = "a text tells the secret: it is YWRhOnMzY3IzdCswMTIzLzQ1Njc4OQ==")]
fn a_secret_in_disguise_would_be_found() {
    hides("a text", "it is YWRhOnMzY3IzdCswMTIzLzQ1Njc4OQ==, as anybody can see");
}
