//! What a recorder of the `metrics` crate sees. Alone in its file, as the recorder is the thread's.
#![cfg(feature = "metrics")]

mod support;

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use support::*;
use tollgate::{HttpReply, ScriptedTransport, Settings, Spec, TransportError};

says! {
    Retried = Spec { settings: &Settings { retry: Some(&RETRY), limits: &[&PER_TOKEN], ..PLAIN }, ..GET };
}

/// Values by name and labels.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

struct One(Seen, String);

impl One {
    fn push(&self, value: f64) {
        self.0.0.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.push(f64::from(u32::try_from(value).unwrap()));
    }
    fn absolute(&self, _: u64) {}
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.push(value);
    }
}

impl Seen {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: BTreeMap<_, _> = key.labels().map(|label| (label.key(), label.value())).collect();
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Arc::new(One(self.clone(), format!("{} {}", key.name(), labels.join(" "))))
    }

    fn values(&self, name: &str, labels: &[&str]) -> Vec<f64> {
        let seen = self.0.lock().unwrap();
        let fits =
            |key: &&String| key.starts_with(&format!("{name} ")) && labels.iter().all(|label| key.contains(label));
        let keys = seen.keys().filter(fits);
        keys.flat_map(|key| seen[key].clone()).collect()
    }
}

impl Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorder_sees_attempts_waits_and_retries_and_no_parameter() {
    let seen = Seen::default();
    let _recorder = metrics::set_default_local_recorder(&seen);
    let script = ScriptedTransport::new()
        .then_after(ms(250), Ok(HttpReply::new(503)))
        .then_fails(TransportError::network("reset"))
        .then(HttpReply::new(200).json(&json!([])))
        .then(HttpReply::new(404))
        .then(HttpReply::new(302));
    let client = client(&script);
    let mut ask = ask::<Retried>();
    ask.query = Some("private".to_owned());
    client.call(ask).send().await.unwrap();
    client.call(support::ask::<Retried>()).send().await.unwrap_err();
    client.call(support::ask::<Retried>()).send().await.unwrap_err();

    let duration = "http.client.request.duration";
    assert_eq!(
        seen.values(duration, &["http.response.status_code=503", "error.type=503"]),
        [0.25]
    );
    assert_eq!(seen.values(duration, &["error.type=network"]).len(), 1);
    assert_eq!(seen.values(duration, &["http.response.status_code=200"]).len(), 1);
    assert_eq!(
        seen.values(
            duration,
            &[
                "http.request.method=GET",
                "server.address=api.toy.example",
                "server.port=443",
                "tollgate.operation=things.get",
                "tollgate.provider=toy",
                "url.template=/things",
            ]
        )
        .len(),
        5
    );
    assert_eq!(seen.values("tollgate.retries", &["error.type=unavailable"]), [1.0]);
    assert_eq!(seen.values("tollgate.retries", &["error.type=network"]), [1.0]);
    assert_eq!(
        seen.values("tollgate.call.attempts", &["tollgate.operation=things.get"]),
        [1.0, 1.0, 3.0]
    );
    assert_eq!(seen.values("tollgate.call.attempts", &["error.type=not_found"]), [1.0]);
    assert!(!seen.values("tollgate.limit.wait.duration", &[]).is_empty());
    assert_eq!(
        seen.values("tollgate.drift", &["tollgate.drift.kind=unknown_status"]),
        [1.0]
    );
    let all = format!("{seen:?}");
    assert!(!all.contains("private") && !all.contains(SECRET), "{all}");
}
