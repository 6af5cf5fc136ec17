//! A wrong token does not compile, and rustc says why.
//!
//! `matrix/` is made from the descriptors: a file for every cell of a scope matrix without a tick, and one file that
//! uses every cell with a tick. `misuse/` is written by hand. `cargo xtask bless` accepts what rustc says.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn the_wrong_token_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("matrix/*/pass.rs");
    cases.pass("misuse/pass/*.rs");
    cases.compile_fail("matrix/*/fail/*.rs");
    cases.compile_fail("misuse/*.rs");
}

/// A case without an expectation would pass when first blessed; an expectation without a case would never be read.
#[test]
fn every_case_has_its_expectation_and_no_other() {
    for folder in [
        "misuse",
        "matrix/acme/fail",
        "matrix/flex_forward/fail",
        "matrix/flexport/fail",
        "matrix/flxpoint/fail",
    ] {
        let names = |ending: &str| -> BTreeSet<String> {
            let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names
                .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
                .collect()
        };
        assert_eq!(names(".rs"), names(".stderr"), "{folder}");
    }
}

/// One mistake, one error: at the method's name, with our own words.
#[test]
fn a_missing_scope_is_one_error_that_names_what_is_needed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("matrix");
    let mut seen = 0;
    for provider in fs::read_dir(root).unwrap() {
        for entry in fs::read_dir(provider.unwrap().path().join("fail")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "stderr") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // Whoever lacks both of two scopes is told twice, in equal words.
            let most = if path.to_string_lossy().contains("_and_") { 2 } else { 1 };
            assert!(
                (1..=most).contains(&text.matches("error[E").count()),
                "{}",
                path.display()
            );
            assert!(text.starts_with("error[E0277]: "), "{}", path.display());
            assert!(
                text.contains(" needs ") || text.contains(" add `.") || text.contains(" remove `."),
                "{}",
                path.display()
            );
            assert!(text.contains(".yaml:"), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} cases");
}
