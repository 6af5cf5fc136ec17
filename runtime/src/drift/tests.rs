use super::{DriftKind::*, *};
use crate::{Connection, NoVariables, Provider, ProviderSpec, ScriptedTransport, Spec, client::Session};

struct Toy;

impl Provider for Toy {
    type Environment = Environment;
    type Variable = NoVariables;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "toy",
        title: "Toy",
        environments: &[crate::EnvironmentSpec {
            name: "production",
            base_url: "https://api.toy.example",
            hosts: &[],
        }],
        variables: &[],
        tokens: &[],
    };
}

#[derive(Clone, Copy, Default)]
struct Environment;

impl crate::Named for Environment {
    fn index(self) -> usize {
        0
    }
}

const SPEC: &Spec = &Spec {
    id: "orders.list",
    ..Spec::DEFAULT
};

fn session() -> Session {
    let builder = Connection::<Toy>::builder().transport(ScriptedTransport::new());
    let connection = builder.build().unwrap();
    Session::new(&connection, &crate::Anonymous)
}

fn found(kind: DriftKind, model: &'static str, name: &str) -> Found {
    Found {
        kind,
        model,
        name: name.to_owned(),
        count: 1,
    }
}

#[test]
fn what_is_found_is_counted_by_what_it_is_and_only_while_somebody_watches() {
    note(UnknownField, "Order", "before");
    let watch = Watch::begin(true);
    assert!(is_watched());
    note(UnknownField, "Order", "color");
    note(UnknownValue, "OrderStatus", "color");
    note(UnknownField, "Order", "color");
    let inner = Watch::begin(true);
    note(UnknownField, "Line", "tint");
    assert_eq!(inner.end(), [found(UnknownField, "Line", "tint")]);
    let mut twice = found(UnknownField, "Order", "color");
    twice.count = 2;
    assert_eq!(watch.end(), [twice, found(UnknownValue, "OrderStatus", "color")]);
    assert!(!is_watched());
    let watch = Watch::begin(false);
    assert!(!is_watched());
    note(UnknownField, "Order", "color");
    assert_eq!(watch.end(), []);
}

#[test]
fn a_watch_that_is_dropped_watches_no_more() {
    let result = std::panic::catch_unwind(|| {
        let _watch = Watch::begin(true);
        panic!("a decoder of the user's");
    });
    assert!(result.is_err());
    assert!(!is_watched());
}

#[test]
fn an_answer_of_nothing_but_drift_stays_small() {
    let watch = Watch::begin(true);
    (0..10_000).for_each(|at| note(UnknownField, "Order", &format!("field{at}")));
    assert_eq!(watch.end().len(), 64);
}

#[test]
fn only_what_looks_like_a_name_is_shown() {
    let value = |name: &'static str| name::shown(UnknownValue, name, |_| false);
    let field = |name: &'static str| name::shown(UnknownField, name, |_| false);
    for name in ["SHIPPED_LATE", "v2.1", "in-transit", "2", "usps_priority_mail_express"] {
        assert_eq!(value(name), name);
    }
    for name in ["$ref", "@type", "xml:lang", "customerId"] {
        assert_eq!(
            (field(name), value(name)),
            (name, if name == "customerId" { name } else { "…" })
        );
    }
    for name in [
        "4111111111111111",
        "jane@shop.example",
        "two words",
        "line\nbreak",
        "naïve",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "Zk3vQmXw8RtYbNcJ4hPd",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        assert_eq!(
            (value(name), field(name).len() > 3),
            ("…", name == "jane@shop.example"),
            "{name}"
        );
    }
    assert_eq!(value(""), "(empty)");
    assert_eq!(name::shown(UnknownValue, "s3cr3t", |name| name == "s3cr3t"), "…");
}

#[test]
fn names_of_one_model_and_findings_of_one_connection_are_bounded() {
    let session = session();
    let collector = Collector::new(Drift::Report);
    for at in 0..40 {
        collector.count(&session, SPEC, &[found(UnknownField, "Order", &format!("field{at}"))]);
    }
    let report = collector.report();
    assert_eq!(report.entries().len(), 33);
    let rest = report.entries().iter().find(|entry| entry.name == "…").unwrap();
    assert_eq!((rest.count, report.overlooked()), (8, 0));

    // As many operations as it takes.
    for at in 0..1100 {
        let id: &'static str = Box::leak(format!("many.{at}").into_boxed_str());
        let spec: &'static Spec = Box::leak(Box::new(Spec { id, ..Spec::DEFAULT }));
        collector.count(&session, spec, &[found(MissingField, "Order", "id")]);
    }
    let report = collector.report();
    assert_eq!((report.entries().len(), report.overlooked()), (1000, 33 + 100));
    assert!(report.to_string().ends_with("133 more that are not listed"));
}

#[test]
fn whoever_ignores_drift_counts_nothing() {
    let collector = Collector::new(Drift::Ignore);
    assert_eq!(
        collector.count(&session(), SPEC, &[found(UnknownField, "Order", "color")]),
        None
    );
    collector.count_status(&session(), SPEC, 299);
    assert!(collector.report().is_empty());
    assert_eq!(collector.report().to_string(), "no drift");
}
