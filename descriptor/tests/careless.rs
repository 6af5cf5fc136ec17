//! Descriptors with a mistake in nearly every line: each is told in one run, once, at its place.

use std::fmt::Write as _;
use tollgate_descriptor::load_at;
use tollgate_descriptor::source::Sources;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

#[test]
fn every_mistake_of_a_careless_author_is_told_once_at_its_place() {
    for name in ["calls", "grants", "limits", "webhooks"] {
        let path = format!("tests/careless/{name}.yaml");
        let sources = Sources::read(&path).expect("a descriptor");
        let text = std::fs::read_to_string(&path).expect("a descriptor");
        let diagnostics = load_at(&sources, TODAY).expect_err("it is full of mistakes");
        let mut told = String::new();
        for diagnostic in &diagnostics {
            let before = &text[..diagnostic.span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
            let code = diagnostic.code.id();
            let _ = writeln!(told, "{line}:{column} {code} {}", diagnostic.message);
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "careless", omit_expression => true }, {
            insta::assert_snapshot!(name, told);
        });
    }
}
