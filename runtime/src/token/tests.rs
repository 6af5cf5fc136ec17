use super::*;
use crate::{Carrier, FieldSpec, Placement, Scheme};
use std::sync::{Arc, Mutex};

static SPEC: TokenSpec = TokenSpec {
    name: "shop",
    type_name: "Shop",
    scheme: Scheme::Placed(&[Placement {
        at: Carrier::Header,
        name: "X-Token",
        value: "{token}",
    }]),
    fields: &[
        FieldSpec {
            name: "token",
            env: &[Some("SHOP_TOKEN"), Some("SHOP_SANDBOX_TOKEN")],
            optional: false,
        },
        FieldSpec {
            name: "account",
            env: &[Some("SHOP_ACCOUNT")],
            optional: true,
        },
    ],
    prefix: &[Some("live_"), Some("test_")],
    pattern: Some("[a-z]+_[0-9]{4}"),
    ..TokenSpec::DEFAULT
};

fn from(environment: usize, variables: &[(&str, &str)]) -> Result<TokenValue, TokenError> {
    TokenValue::from_variables(&SPEC, environment, |wanted| {
        let found = variables.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| OsString::from(value))
    })
}

#[test]
fn a_value_comes_from_the_variables_of_its_environment() {
    let variables = [
        ("SHOP_TOKEN", " live_1234\n"),
        ("SHOP_SANDBOX_TOKEN", "test_1234"),
        ("SHOP_ACCOUNT", ""),
    ];
    let live = from(0, &variables).unwrap();
    assert_eq!(live.field("token").unwrap().expose(), "live_1234");
    assert!(live.field("account").is_none(), "an empty optional field is not set");
    let sandbox = from(1, &variables).unwrap();
    assert_eq!(sandbox.field("token").unwrap().expose(), "test_1234");
    assert_eq!(sandbox.fields().len(), 2);
}

#[test]
fn what_is_wrong_with_a_variable_is_said_by_its_name() {
    assert_eq!(
        from(0, &[]).unwrap_err().to_string(),
        "the environment variable `SHOP_TOKEN` of the token `Shop` is not set"
    );
    assert_eq!(
        from(1, &[("SHOP_SANDBOX_TOKEN", "  ")]).unwrap_err().to_string(),
        "the environment variable `SHOP_SANDBOX_TOKEN` of the token `Shop` is empty"
    );
    assert_eq!(
        from(2, &[]).unwrap_err().to_string(),
        "the field `token` of the token `Shop` has no environment variable here: give it in code"
    );
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_not_printed() {
    use std::os::unix::ffi::OsStringExt;
    let read = |_| Some(OsString::from_vec(b"hunter2\xff".to_vec()));
    let error = TokenValue::from_variables(&SPEC, 0, read).unwrap_err();
    assert!(format!("{error} {error:?}").contains("SHOP_TOKEN"));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn a_value_never_prints_itself() {
    let value = TokenValue::new(&SPEC, [Some("hunter2".into()), None]).with(1, "acc0unt");
    assert_eq!(format!("{value:?}"), "Shop { token: Some(…), account: Some(…) }");
    assert_eq!(value.field("account").unwrap().expose(), "acc0unt");
    assert!(!format!("{value:#?}").contains("hunter2"));
}

#[test]
fn a_value_of_another_format_is_warned_of_and_not_shown() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        TokenValue::new(&SPEC, [Some("live_1234".into()), None]).check_format(0);
        TokenValue::new(&SPEC, [None, None]).check_format(0);
    });
    assert_eq!(log.take(), "");
    tracing::subscriber::with_default(log.clone(), || {
        TokenValue::new(&SPEC, [Some("hunter2".into()), None]).check_format(0);
    });
    let told = log.take();
    assert!(
        told.contains("live_") && told.contains("[a-z]+_[0-9]{4}") && told.contains("Shop"),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn nobody_has_no_fields() {
    assert_eq!(format!("{:?}", Anonymous.value()), "Anonymous");
    assert!(matches!(Anonymous::SPEC.scheme, Scheme::None));
}

/// Writes down all fields of all events.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        use std::fmt::Write;
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
