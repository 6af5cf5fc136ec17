//! What a subscriber sees of calls: spans, waits, retries and drift, against the mock.
//!
//! `cargo run --example observe`
//!
//! The subscriber is a plain one. With an exporter of OpenTelemetry in its place, the same spans arrive there as client
//! spans of HTTP: see `docs/observability.md`.

use std::error::Error;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tollgate::{Exchange, HttpReply, HttpRequest, HyperTransport, Transport};
use tollgate_descriptor::{load, source::Sources};
use tollgate_mock::Mock;
use tollgate_providers::flxpoint::listings::CountVariants;
use tollgate_providers::flxpoint::{Channel, Client, Connection};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

const DESCRIPTOR: &str = "providers/flxpoint.yaml";

/// The network, on a bad day: the first answer gets lost, and every other one has a field more than yesterday.
struct BadDay {
    network: HyperTransport,
    is_first: Mutex<bool>,
}

impl Transport for BadDay {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let is_first = std::mem::take(&mut *self.is_first.lock().unwrap_or_else(PoisonError::into_inner));
        let exchange = self.network.exchange(request);
        Box::pin(async move {
            let reply = exchange.await?;
            if is_first {
                return Ok(HttpReply::new(503));
            }
            let text = String::from_utf8_lossy(&reply.body).replacen('{', "{\"estimated\":true,", 1);
            Ok(reply.body(text))
        })
    }
}

/// Where the lines go: to the terminal, and into the memory of this program, which checks itself.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend_from_slice(bytes);
        std::io::stdout().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let lines = Lines::default();
    let writer = lines.clone();
    // `tollgate=info` has the spans, the retries and the drift; a wait for a limit is nothing wrong, and `debug`.
    let targets = Targets::new()
        .with_target("tollgate", LevelFilter::INFO)
        .with_target("tollgate::limit", LevelFilter::DEBUG);
    let output = tracing_subscriber::fmt::layer()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(targets).with(output))?;

    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../providers/flxpoint.yaml"))?;
    let sources = Sources::from_text(DESCRIPTOR, text);
    let model = load(&sources).map_err(|found| found.render(&sources, false))?.model;
    let mock = Mock::builder(model).latency(Duration::from_millis(20)).start().await?;
    let transport = BadDay {
        network: HyperTransport::new(),
        is_first: Mutex::new(true),
    };
    let connection = Connection::builder()
        .base_url(mock.base_url())
        .transport(transport)
        .build()?;
    let secret = mock.token("channel").ok_or("no such token type")?.value();
    let channel = Client::with(&connection, Channel::new(secret.clone()));

    // The first call is repeated; the last one waits until the second is over, since the provider lets two go.
    for _ in 0..3 {
        let call = channel.listings().count_variants(CountVariants::new());
        call.deadline(Duration::from_secs(10)).send().await?;
    }

    println!("\nWhat the descriptor does not know:\n\n{}", connection.drift());
    let seen = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = String::from_utf8_lossy(&seen);
    for text in [
        "tollgate::retry",
        "tollgate::limit",
        "tollgate::drift",
        "http.response.status_code=503",
    ] {
        assert!(seen.contains(text), "`{text}` is missing");
    }
    assert_eq!(seen.matches("tollgate::drift").count(), 1, "a finding is told once");
    assert!(!seen.contains(&secret), "the token is never told");
    Ok(())
}
