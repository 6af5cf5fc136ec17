//! Every kind of problem, drawn.
//!
//! A file `diagnostics/<name>.yaml` shows the problem of that name, `diagnostics/<name>-<variant>.yaml` another
//! face of it; files in a folder below are included by them. After a deliberate change of a text, accept the new
//! drawings with `cargo insta accept`, or run with `INSTA_UPDATE=always`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tollgate_descriptor::diagnostic::{Code, Diagnostics};
use tollgate_descriptor::source::Sources;
use tollgate_descriptor::syntax;

const FOLDER: &str = "tests/diagnostics";

/// Kinds that this version knows and cannot find: it does not read OpenAPI files yet.
const NOT_FOUND_YET: [Code; 1] = [Code::UntakenOperations];
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

/// What a run says. A fixture of the reader is kept to what the reader says, so that it need not be a whole
/// descriptor.
fn diagnose(sources: &Sources) -> Diagnostics {
    let mut read = Diagnostics::new();
    let _ = syntax::parse(sources, &mut read);
    if read.has_errors() {
        return read;
    }
    match tollgate_descriptor::load_at(sources, TODAY) {
        Ok(loaded) => {
            let mut diagnostics = loaded.lints;
            diagnostics.extend(loaded.model.unsupported);
            diagnostics
        }
        Err(diagnostics) => diagnostics,
    }
}

fn fixtures() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(FOLDER)
        .expect("the folder of fixtures")
        .map(|entry| entry.expect("a fixture").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a name in UTF-8")
}

#[test]
fn each_problem_is_drawn_with_its_place_and_its_way_out() {
    for path in fixtures() {
        let sources = Sources::read(&path).expect("a fixture");
        let drawn = diagnose(&sources).render(&sources, false);
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "diagnostics/drawn", omit_expression => true }, {
            insta::assert_snapshot!(stem(&path), drawn);
        });
    }
}

#[test]
fn each_fixture_shows_the_problem_it_is_named_for() {
    for path in fixtures() {
        let name = stem(&path).split('-').next().expect("a name");
        let code = Code::parse(name).unwrap_or_else(|| panic!("{name} is not the name of a code"));
        let sources = Sources::read(&path).expect("a fixture");
        let shown = diagnose(&sources).iter().any(|diagnostic| diagnostic.code == code);
        assert!(shown, "{} does not show {code} ({name})", path.display());
    }
}

#[test]
fn each_code_has_a_fixture() {
    let shown: BTreeSet<Code> = fixtures()
        .iter()
        .flat_map(|path| diagnose(&Sources::read(path).expect("a fixture")))
        .map(|diagnostic| diagnostic.code)
        .collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !shown.contains(code) && !NOT_FOUND_YET.contains(code))
        .map(|code| code.name())
        .collect();
    assert!(missing.is_empty(), "no fixture in {FOLDER} shows {missing:?}");
}

#[test]
fn each_message_is_one_line_without_a_period() {
    for path in fixtures() {
        let sources = Sources::read(&path).expect("a fixture");
        for diagnostic in &diagnose(&sources) {
            let message = &diagnostic.message;
            assert!(!message.ends_with('.'), "{message}");
            assert!(message.lines().count() == 1, "{message}");
            assert!(!sources.name(diagnostic.span.file).is_empty(), "{message}");
        }
    }
}
