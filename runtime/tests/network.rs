//! The transport over hyper, against a server on loopback that writes what it is told.

#![cfg(feature = "hyper")]

mod support;

use std::time::Duration;
use support::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tollgate::{Client, Connection, ErrorKind, Kind, Method, Settings, Spec};

says! {
    Things = GET;
    Post = Spec { method: Method::Post, ..GET };
    Hasty = Spec { settings: &Settings { timeout: Some(Duration::from_millis(50)), ..PLAIN }, ..GET };
}

/// Answers each connection with the next of these, and returns what it was asked.
async fn serve(answers: Vec<&'static str>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            asked.push(String::from_utf8_lossy(&request[..length]).into_owned());
            if answer.is_empty() {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (url, asked)
}

fn connect(url: &str) -> Client<Source> {
    let connection = Connection::<Toy>::builder()
        .base_url(url)
        .host("uploads", url)
        .build()
        .unwrap();
    Client::new(&connection, Source::new(SECRET))
}

#[tokio::test]
async fn a_request_arrives_as_it_was_written() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n42";
    let (url, asked) = serve(vec![answer]).await;
    let mut ask = ask::<Post>();
    ask.query = Some("ä &".to_owned());
    ask.body = Some(serde_json::json!({"a": 1}));
    let output = connect(&url).call(ask).send().await.unwrap();
    assert_eq!(output, 42);
    let asked = asked.await.unwrap().remove(0);
    assert!(
        asked.starts_with("POST /v1/things?q=%C3%A4%20%26 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains(&format!("x-api-token: {SECRET}\r\n")), "{asked}");
    assert!(asked.contains("content-type: application/json\r\n"), "{asked}");
    assert!(asked.contains("user-agent: tollgate/"), "{asked}");
    assert!(asked.ends_with("{\"a\":1}"), "{asked}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: /v1/elsewhere\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (url, asked) = serve(vec![answer]).await;
    let error = connect(&url).call(ask::<Things>()).send().await.unwrap_err();
    assert!(error.is(Kind::Rejected), "{error}");
    assert_eq!(asked.await.unwrap().len(), 1);
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_closed_door_a_network_error() {
    let (url, _asked) = serve(vec![""]).await;
    let error = connect(&url).call(ask::<Hasty>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let mut ask = ask::<Things>();
    ask.query = Some("private".to_owned());
    let error = connect("http://127.0.0.1:1").call(ask).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(!error.to_string().contains("private"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let answers = vec![
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 7\r\n\r\n[1,2,3]",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[1,2,3,4]",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 900000000000\r\n\r\n[",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\n[1,2\r\n4\r\n,3,4\r\n",
    ];
    let (url, _asked) = serve(answers).await;
    let builder = Connection::<Toy>::builder().base_url(&url).host("uploads", &url);
    let client = Client::new(&builder.max_body(7).build().unwrap(), Source::new(SECRET));
    assert_eq!(
        client.call(ask::<Things>()).send().await.unwrap(),
        serde_json::json!([1, 2, 3])
    );
    for _ in 0..3 {
        let error = client.call(ask::<Things>()).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert!(error.to_string().contains("longer than 7 bytes"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_with_too_many_headers_is_an_error() {
    let answer = |count: usize| -> &'static str {
        let many = "x-more: 1\r\n".repeat(count);
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n{many}\r\n42");
        answer.leak()
    };
    let (url, _asked) = serve(vec![answer(98), answer(99)]).await;
    let client = connect(&url);
    assert_eq!(client.call(ask::<Things>()).send().await.unwrap(), 42);
    let error = client.call(ask::<Things>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
}

const PROXIED: &str = "TOLLGATE_TEST_PROXIED_URL";

#[tokio::test]
#[ignore = "the child of `plain_http_goes_through_no_proxy`"]
async fn child_asks_beside_a_proxy() {
    let url = std::env::var(PROXIED).unwrap();
    assert_eq!(connect(&url).call(ask::<Things>()).send().await.unwrap(), 42);
}

#[tokio::test]
async fn plain_http_goes_through_no_proxy() {
    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n42";
    let (url, asked) = serve(vec![answer]).await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_asks_beside_a_proxy", "--ignored"]);
    // Nobody is there.
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    child
        .env(PROXIED, url)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("REQUEST_METHOD");
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(asked.await.unwrap().len(), 1);
}
