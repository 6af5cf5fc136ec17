//! A provider in place: `provider!` turns `api/weather.yaml` into the module `weather`.
//!
//! It runs against a scripted transport, as a unit test would.

use tollgate::{HttpReply, ScriptedTransport};
use weather::{reports::GetReport, warnings::ListWarnings};

tollgate::provider!("api/weather.yaml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(200).body(r#"{ "station": "EDDB", "temperature": 7.5 }"#))
        .then(HttpReply::new(503))
        .then(HttpReply::new(200).body(r#"[{ "region": "coast", "level": "purple" }]"#));
    let connection = weather::Connection::builder().transport(script.clone()).build()?;

    // Anybody may ask for reports. `anybody.warnings().list(…)` would not compile: it takes a subscriber's key.
    let anybody = weather::Client::anonymous(&connection);
    let report = anybody.reports().get(GetReport::new("EDDB")).send().await?;
    println!("{}: {} degrees", report.station, report.temperature);

    // The first answer is a 503: a GET may be repeated, so it is.
    let subscriber = weather::Client::with(&connection, weather::Subscriber::new("the key"));
    let warnings = subscriber.warnings().list(ListWarnings::new()).send().await?;
    for warning in &warnings {
        println!("{}: level {}", warning.region, warning.level);
    }

    let requests = script.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[0].query().is_empty(), "a public operation is shown no key");
    assert_eq!(requests[2].query(), [("key".to_owned(), "the key".to_owned())]);
    // `purple` is not in the descriptor; it is kept as it came.
    assert_eq!(warnings[0].level.as_str(), "purple");
    Ok(())
}
