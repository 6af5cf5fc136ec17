//! Where credentials and short-lived tokens go, and where they never show.

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use support::{grants::*, *};
use tollgate::{Client, Connection, ErrorKind, FileStore, HttpReply, ScriptedTransport, Spec, TokenFault};
use tracing::{instrument::WithSubscriber, level_filters::LevelFilter};

says! {
    Things = Spec { holders: &["Machine"], ..GET };
}

type Failed = tollgate::Error<Failure>;

async fn call<T: tollgate::Credential>(client: &Client<T>) -> Result<(), Failed> {
    client.call(ask::<Things>()).send().await.map(drop)
}

/// Every form in which a secret could be seen.
fn forms(secrets: &[&str]) -> Vec<String> {
    let mut forms = Vec::new();
    for secret in secrets.iter().copied() {
        forms.push(secret.to_owned());
        let json = serde_json::to_string(secret).unwrap();
        forms.push(json[1..json.len() - 1].to_owned());
        forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
        forms.push(STANDARD.encode(secret));
    }
    forms.push(STANDARD.encode(format!("{ID}:{KEY}")));
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    forms.push(STANDARD.encode(format!("{}:{}", encoded(ID), encoded(KEY))));
    forms
}

const ALL: [&str; 4] = [KEY, REFRESH, "granted-1", "granted-2"];

fn assert_clean(what: &str, text: &str) {
    for form in forms(&ALL) {
        assert!(!text.contains(&form), "{what} shows `{form}`: {text}");
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An answer that sends back all that the provider has seen or given, in every form.
fn echo(status: u16, seen: &[&str]) -> HttpReply {
    let all = forms(seen).join(" ");
    let body = json!({ "error": all, "error_description": all, "code": all });
    HttpReply::new(status).header("x-request-id", "r-1").json(&body)
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_logged_or_told_shows_a_secret() {
    // Somebody listens for as long as the process runs, or else what other tests pass by at this moment could be noted
    // as of interest to nobody.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let told = async {
        let mut told = Vec::new();
        for status in [200, 302, 400, 401, 403, 429, 500] {
            for delegate in [false, true] {
                let desk = Desk::new();
                let script = desk.script();
                desk.then(Ok(echo(status, if delegate { &[KEY, REFRESH] } else { &[KEY] })));
                let connection = short(&script).build().unwrap();
                let error = if delegate {
                    let client = Client::new(&connection, Delegate::new());
                    told.push(format!("{client:?} {:?}", Delegate::new()));
                    call(&client).await
                } else {
                    let client = Client::new(&connection, Machine::new());
                    told.push(format!("{client:?} {:?} {connection:?} {script:?}", Machine::new()));
                    call(&client).await
                };
                // A 429 and a 500 are repeated, and the second answer is a token.
                if let Err(error) = error {
                    told.push(format!("{error} {error:?} {:?} {:?}", error.code(), error.hint()));
                }
            }
        }
        // A provider that sends the granted token back.
        let desk = Desk::new();
        let script = desk.script();
        let client = Client::new(&short(&script).build().unwrap(), Machine::new());
        call(&client).await.unwrap();
        let echoing = ScriptedTransport::answering(move |request| {
            if is_token_request(request) {
                let body = json!({ "access_token": "granted-1", "expires_in": 60 });
                return (ms(0), Ok(HttpReply::new(200).json(&body)));
            }
            (ms(0), Ok(echo(401, &[KEY, "granted-1"])))
        });
        let client = Client::new(&short(&echoing).build().unwrap(), Machine::new());
        let error = call(&client).await.unwrap_err();
        told.push(format!("{error} {error:?} {:?}", error.message()));
        told
    };
    let told = told.with_subscriber(subscriber).await;
    assert!(told.len() > 20, "{}", told.len());
    for text in &told {
        assert_clean("a text", text);
    }
    let log = captured.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let log = String::from_utf8(log).unwrap();
    assert!(log.contains("got a token") && log.contains("got no token"), "{log}");
    assert_clean("the log", &log);
}

#[tokio::test(start_paused = true)]
async fn the_store_holds_the_token_and_no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new();
    let script = desk.script();
    let connection = short(&script)
        .token_store(FileStore::new(folder.path()))
        .build()
        .unwrap();
    call(&Client::new(&connection, Machine::new())).await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        assert_clean("the name of a file", &name);
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace("granted-1", "the token");
        assert_clean(&name, &text);
        assert!(!text.contains(ID), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirecting_token_endpoint_gets_the_secret_once() {
    for status in [301, 302, 303, 307, 308] {
        let desk = Desk::new();
        let script = desk.script();
        desk.then(Ok(
            HttpReply::new(status).header("location", "https://evil.example/token")
        ));
        let error = call(&Client::new(&short(&script).build().unwrap(), Machine::new()))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unexpected), "{error}");
        let requests = script.requests();
        assert_eq!(requests.len(), 1);
        assert!(
            requests[0]
                .url()
                .starts_with("https://api.short.example/v1/oauth/token")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_secret_goes_to_the_declared_host_and_the_token_to_the_providers() {
    let desk = Desk::new();
    let script = desk.script();
    let connection = short(&script).build().unwrap();
    call(&Client::new(&connection, Elsewhere::new())).await.unwrap();
    let requests = script.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].url(), "https://login.short.example/token");
    assert_eq!(requests[1].url(), "https://api.short.example/v1/things");
    // Each has its own secret alone.
    let pair = "Basic Y2wxM250LWlkLW9mLW1hY2hpbmU6ZmFrZSUyQnMzY3JldCUyRm9mKyUyMm1hY2hpbmUlMjI=";
    assert_eq!(requests[0].secret_headers().get("authorization"), Some(pair));
    assert_eq!(
        requests[1].secret_headers().get("authorization"),
        Some("Bearer granted-1")
    );
    assert!(
        requests
            .iter()
            .all(|request| request.headers().get("authorization").is_none())
    );
}

#[test]
fn another_base_url_leaves_no_token_endpoint_at_its_old_place() {
    let script = ScriptedTransport::new();
    let moved = || {
        Connection::<Short>::builder()
            .transport(script.clone())
            .base_url("http://127.0.0.1:4010/v1")
    };
    let error = moved().build().unwrap_err().to_string();
    assert!(
        error.contains("`elsewhere` tokens would still be asked for at https://login.short.example/token"),
        "{error}"
    );
    assert!(error.contains(".token_url(\"elsewhere\", …)"), "{error}");
    moved()
        .token_url("elsewhere", "http://127.0.0.1:4010/login")
        .build()
        .unwrap();
    let error = moved().token_url("elsewhere", "http://login.example/").build();
    assert!(error.is_ok(), "it is told to whoever asks for such a token");
    let error = moved()
        .token_url("nobody", "https://login.example/")
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("`nobody`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_not_sent_over_plain_http_but_to_loopback() {
    let desk = Desk::new();
    let script = desk.script();
    for (url, is_sent) in [
        ("http://login.example/token", false),
        ("ftp://login.example/token", false),
        ("https://user:pass@login.example/token", false),
        ("http://127.0.0.1:4010/token", true),
        ("http://[::1]/token", true),
    ] {
        let before = script.requests().len();
        let connection = short(&script).token_url("elsewhere", url).build().unwrap();
        let result = call(&Client::new(&connection, Elsewhere::new())).await;
        assert_eq!(result.is_ok(), is_sent, "{url}");
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Token(TokenFault::Unexpected), "{error}");
            assert!(!error.to_string().contains("user:pass"), "{error}");
            assert_eq!(script.requests().len(), before);
        }
    }
}

#[tokio::test]
async fn a_panic_shows_no_secret() {
    let value = Machine::new();
    let caught = std::panic::catch_unwind(|| std::panic::panic_any(format!("{value:?}")));
    let text = caught.unwrap_err().downcast::<String>().unwrap();
    assert_clean("a panic", &text);
}
