//! What spoiled answers are, byte by byte.

use crate::stage::{Stage, acme, acme_with};
use serde_json::json;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tollgate_mock::{Fault, Framing, ScriptedFault, Spoil};

impl Stage {
    fn fault(&self, operation: &str, fault: Fault) {
        self.mock.fault(ScriptedFault::new(operation, 1, fault)).unwrap();
    }

    /// What comes back for `GET /stock/count`, until the connection ends, and how it ends.
    async fn raw(&self, spoil: Spoil) -> (String, Result<(), ErrorKind>) {
        self.fault("stock.count", Fault::Spoiled(spoil));
        let request = self
            .request("GET", "/stock/count", &self.token("store"))
            .build()
            .unwrap();
        let url = request.url();
        let mut text = format!("GET {} HTTP/1.1\r\nHost: {}\r\n", url.path(), url.authority());
        for (name, value) in request.headers() {
            write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
        }
        text += "\r\n";
        let mut stream = TcpStream::connect(url.authority()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let ended = stream.read_to_end(&mut bytes).await;
        let ended = ended.map(drop).map_err(|error| error.kind());
        (String::from_utf8_lossy(&bytes).into_owned(), ended)
    }
}

const RESET: Result<(), ErrorKind> = Err(ErrorKind::ConnectionReset);

#[tokio::test]
async fn connections_are_reset_in_the_head_and_in_the_body() {
    let stage = acme().await;
    let (text, ended) = stage.raw(Spoil::ResetHead).await;
    assert!("HTTP/1.1 200".starts_with(&text), "{text}");
    assert_eq!(ended, RESET);
    let (text, ended) = stage.raw(Spoil::ResetBody).await;
    assert!(!text.ends_with('}'), "{text}");
    assert_eq!(ended, RESET);
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_length_says() {
    let (text, ended) = acme().await.raw(Spoil::Truncated).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = head.split("Content-Length: ").nth(1).unwrap();
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    assert_eq!(length, body.len() + 7, "{text}");
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn answers_come_a_byte_at_a_time() {
    let gap = Duration::from_millis(2);
    for (spoil, least) in [(Spoil::SlowHead(gap), 80), (Spoil::SlowBody(gap), 20)] {
        let start = Instant::now();
        let (text, _) = acme().await.raw(spoil).await;
        assert!(text.ends_with('}'), "{text}");
        assert!(start.elapsed() >= Duration::from_millis(least), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn what_is_odd_and_allowed_holds_the_right_answer() {
    let stage = acme().await;
    let right = stage.get("/stock/count", &stage.token("store")).await.body;
    let body = |text: &str| {
        let (_, body) = text.rsplit_once("\r\n\r\n").unwrap();
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    };
    let (text, _) = stage.raw(Spoil::Http10).await;
    assert!(
        text.starts_with("HTTP/1.0 200") && !text.contains("Content-Length"),
        "{text}"
    );
    assert_eq!(body(&text), right);
    let (text, _) = stage.raw(Spoil::EarlyHints(3)).await;
    assert_eq!(text.matches("HTTP/1.1 103").count(), 3);
    assert_eq!(body(&text), right);
    let (text, _) = stage.raw(Spoil::Stale).await;
    assert!(!text.to_lowercase().contains("connection: close"), "{text}");
    assert_eq!(body(&text), right);
    // The same through a client of others: blanks in front of JSON are none of its business.
    for framing in [Framing::Chunked, Framing::Measured, Framing::Unmeasured] {
        stage.fault("stock.count", Fault::Spoiled(Spoil::Padded(100_000, framing)));
        let padded = stage.get("/stock/count", &stage.token("store")).await;
        assert_eq!(padded.text.len(), 100_000, "{framing:?}");
        assert_eq!(padded.body, right, "{framing:?}");
    }
}

#[tokio::test]
async fn a_body_can_be_longer_or_shorter_than_it_is_said_to_be() {
    let stage = acme().await;
    let (text, _) = stage.raw(Spoil::Padded(40_000, Framing::Overstated)).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Length: 900000000000"), "{head}");
    assert_eq!(body.len(), 40_000);
    let (text, _) = stage.raw(Spoil::Padded(40_000, Framing::Understated)).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let right = body.trim_end();
    assert!(serde_json::from_str::<serde_json::Value>(right).is_ok(), "{right}");
    assert!(head.contains(&format!("Content-Length: {}", right.len())), "{head}");
    assert_eq!(body.len(), 40_000);
}

#[tokio::test]
async fn bodies_and_headers_can_be_anything() {
    let stage = acme().await;
    let store = stage.token("store");
    stage.fault("stock.count", Fault::Spoiled(Spoil::html()));
    let page = stage.get("/stock/count", &store).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    assert!(page.text.starts_with("<!doctype html>"));
    stage.fault("stock.count", Fault::Spoiled(Spoil::Headers(40)));
    assert_eq!(
        stage
            .get("/stock/count", &store)
            .await
            .header("x-bomb-39")
            .unwrap()
            .len(),
        1024
    );
    let (text, _) = stage.raw(Spoil::BadChunks).await;
    assert!(text.contains("\r\n\r\nzz\r\n"), "{text}");
    let (text, _) = stage.raw(Spoil::Smuggled).await;
    assert_eq!(text.matches("HTTP/1.1 200").count(), 2, "{text}");
}

#[tokio::test]
async fn a_spoiled_answer_was_given_after_all_was_done() {
    let stage = acme().await;
    let write = json!([{ "sku": "a", "sourceId": 1 }]);
    stage.fault("stock.upsert", Fault::Spoiled(Spoil::Truncated));
    let account = stage.token("account");
    assert_eq!(stage.send("POST", "/stock", &account, &write).await.status, 204);
    let report = stage.mock.report();
    assert_eq!(
        (report.effects("stock.upsert"), report.answers("stock.upsert", 204)),
        (1, 1)
    );
    let seen = report.requests.last().unwrap();
    assert_eq!(
        (seen.effects, seen.fault, seen.note.as_deref()),
        (1, true, Some("a scripted fault: truncated"))
    );
}

#[tokio::test]
async fn an_answer_can_be_said_as_it_is() {
    let stage = acme().await;
    let store = stage.token("store");
    stage.fault("stock.count", Fault::status_with(429, "Retry-After", "-7"));
    let answer = stage.get("/stock/count", &store).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("-7")));
    stage.fault("stock.count", Fault::redirect(307, "https://elsewhere.example/x"));
    let request = stage.request("GET", "/stock/count", &store);
    // reqwest would follow, and not get there.
    assert!(request.send().await.unwrap_err().is_connect());
    assert_eq!(stage.mock.report().answers("stock.count", 307), 1);
}

#[tokio::test]
async fn a_revoked_token_is_unknown_from_then_on_and_others_are_known() {
    let stage = acme().await;
    stage.fault("stock.count", Fault::Revoked);
    let (first, second) = (stage.token("store"), stage.token("store").number(2));
    let mut seen = Vec::new();
    for token in [&first, &first, &second] {
        seen.push(stage.get("/stock/count", token).await.status);
    }
    assert_eq!(seen, [401, 401, 200]);
}

#[tokio::test]
async fn a_mock_goes_down_and_comes_back() {
    let stage = acme().await;
    let store = stage.token("store");
    assert_eq!(stage.get("/stock/count", &store).await.status, 200);
    stage.mock.go_down().await;
    let refused = stage.request("GET", "/stock/count", &store).send().await;
    assert!(refused.unwrap_err().is_connect());
    stage.mock.come_back().await.unwrap();
    assert_eq!(stage.get("/stock/count", &store).await.status, 200);
    assert_eq!(stage.mock.report().answers("stock.count", 200), 2);
}

#[tokio::test]
async fn faults_to_come_can_be_forgotten() {
    let stage = acme().await;
    stage
        .mock
        .fault(ScriptedFault::new("stock.count", 4, Fault::status(503)))
        .unwrap();
    assert_eq!(stage.get("/stock/count", &stage.token("store")).await.status, 503);
    assert_eq!(stage.mock.clear_faults(), 3);
    assert_eq!(stage.get("/stock/count", &stage.token("store")).await.status, 200);
}

#[tokio::test]
async fn time_can_pass_faster_for_limits_and_delays() {
    let stage = acme_with(|builder| builder.pace(1000.0)).await;
    let store = stage.token("store");
    stage.fault("stock.count", Fault::Delay(Duration::from_secs(30)));
    let start = Instant::now();
    // Eleven at once would be one too many within a second, and each waits for the one before.
    for _ in 0..12 {
        assert_eq!(stage.get("/stock/count", &store).await.status, 200);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(stage.mock.report().requests.last().unwrap().at > Duration::from_secs(30));
}
