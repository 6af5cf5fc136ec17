//! What the recorder of the `metrics` crate sees, with the feature `metrics`; without it nothing is left of this.
//!
//! Names are OpenTelemetry's where it has one. Labels hold names of the descriptor and statuses, and no parameters.

#[cfg(feature = "metrics")]
pub(crate) use on::{Meter, drifted, ended, repeated, waited_for_limit};

#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Meter, drifted, ended, repeated, waited_for_limit};

#[cfg(feature = "metrics")]
mod on {
    use crate::{DriftKind, ErrorKind, HttpRequest, Spec, client::Session};
    use metrics::{Label, SharedString, counter, histogram};
    use std::time::Duration;

    /// The labels of an attempt, taken before its request is gone.
    pub(crate) struct Meter(Vec<Label>);

    impl Meter {
        pub(crate) fn new(spec: &'static Spec, session: &Session, request: &HttpRequest) -> Self {
            let mut labels = of_operation(spec, session);
            labels.push(Label::from_static_parts("http.request.method", request.method.as_str()));
            labels.push(Label::from_static_parts("url.template", request.template));
            if let Some(host) = request.host() {
                labels.push(Label::new("server.address", host.to_owned()));
            }
            if let Some(port) = request.url.port_or_known_default() {
                labels.push(Label::new("server.port", port.to_string()));
            }
            Self(labels)
        }

        pub(crate) fn answered(mut self, took: Duration, status: u16, failed: Option<ErrorKind>) {
            self.0.push(Label::new("http.response.status_code", status.to_string()));
            if let Some(kind) = failed {
                self.0.push(Label::new("error.type", error_type(Some(status), kind)));
            }
            histogram!("http.client.request.duration", self.0).record(took);
        }

        pub(crate) fn failed(mut self, took: Duration, kind: ErrorKind) {
            self.0.push(Label::new("error.type", error_type(None, kind)));
            histogram!("http.client.request.duration", self.0).record(took);
        }
    }

    /// A call is over.
    pub(crate) fn ended(spec: &'static Spec, session: &Session, attempts: u32, failed: Option<ErrorKind>) {
        let mut labels = of_operation(spec, session);
        if let Some(kind) = failed {
            labels.push(Label::from_static_parts("error.type", kind.as_str()));
        }
        histogram!("tollgate.call.attempts", labels).record(attempts);
    }

    pub(crate) fn waited_for_limit(spec: &'static Spec, session: &Session, wait: Duration) {
        histogram!("tollgate.limit.wait.duration", of_operation(spec, session)).record(wait);
    }

    pub(crate) fn repeated(spec: &'static Spec, session: &Session, kind: ErrorKind) {
        let mut labels = of_operation(spec, session);
        labels.push(Label::from_static_parts("error.type", kind.as_str()));
        counter!("tollgate.retries", labels).increment(1);
    }

    pub(crate) fn drifted(spec: &'static Spec, session: &Session, kind: DriftKind, count: u64) {
        let mut labels = of_operation(spec, session);
        labels.push(Label::from_static_parts("tollgate.drift.kind", kind.as_str()));
        counter!("tollgate.drift", labels).increment(count);
    }

    fn of_operation(spec: &'static Spec, session: &Session) -> Vec<Label> {
        vec![
            Label::from_static_parts("tollgate.provider", session.link().provider.id),
            Label::from_static_parts("tollgate.operation", spec.id),
        ]
    }

    fn error_type(status: Option<u16>, kind: ErrorKind) -> SharedString {
        match status {
            Some(status @ 400..) => status.to_string().into(),
            _ => kind.as_str().into(),
        }
    }
}

#[cfg(not(feature = "metrics"))]
mod off {
    use crate::{DriftKind, ErrorKind, HttpRequest, Spec, client::Session};
    use std::time::Duration;

    pub(crate) struct Meter;

    #[expect(clippy::unused_self, reason = "with the feature there is something to use")]
    impl Meter {
        pub(crate) fn new(_: &'static Spec, _: &Session, _: &HttpRequest) -> Self {
            Self
        }

        pub(crate) fn answered(self, _: Duration, _: u16, _: Option<ErrorKind>) {}

        pub(crate) fn failed(self, _: Duration, _: ErrorKind) {}
    }

    pub(crate) fn ended(_: &'static Spec, _: &Session, _: u32, _: Option<ErrorKind>) {}

    pub(crate) fn waited_for_limit(_: &'static Spec, _: &Session, _: Duration) {}

    pub(crate) fn repeated(_: &'static Spec, _: &Session, _: ErrorKind) {}

    pub(crate) fn drifted(_: &'static Spec, _: &Session, _: DriftKind, _: u64) {}
}
