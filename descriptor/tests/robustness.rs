//! Whatever is given to the reader, it answers with diagnostics, and soon.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tollgate_descriptor::diagnostic::Diagnostics;
use tollgate_descriptor::source::Sources;
use tollgate_descriptor::syntax;

const CORPUS: [&str; 4] = [
    include_str!("corpus/flxpoint.yaml"),
    include_str!("corpus/flexport.yaml"),
    include_str!("corpus/flexprice.yaml"),
    include_str!("corpus/flex_forward.yaml"),
];

/// Ten times what the slowest of these needs in a build without optimization on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// Pieces that mean something to YAML or to the language.
const PIECES: [&str; 48] = [
    "a",
    "b: ",
    "- ",
    "  ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "#",
    " #",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "? ",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "é",
    "日本",
    "\u{0}",
    "~",
    "null",
    "1.10",
    "no",
    "12:30",
    "get: /a/{id}",
    "tokens: ",
    "scopes: ",
    "models: ",
    "resources: ",
    "operations: ",
    "params: ",
    "returns: ",
    "$enum: ",
];

fn answers(text: &str) -> Diagnostics {
    let begun = Instant::now();
    let sources = Sources::from_text("fuzz.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let _ = syntax::parse(&sources, &mut diagnostics);
    let drawn = diagnostics.render(&sources, false);
    assert_eq!(drawn.is_empty(), diagnostics.is_empty());
    for diagnostic in &diagnostics {
        assert!(diagnostic.span.end <= text.len(), "{diagnostic:?}");
        assert!(text.is_char_boundary(diagnostic.span.start), "{diagnostic:?}");
        assert!(text.is_char_boundary(diagnostic.span.end), "{diagnostic:?}");
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    diagnostics
}

fn yaml_like() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..60).prop_map(|pieces| pieces.concat())
}

/// One of the real descriptors with some of its characters replaced, removed or repeated.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (
        any::<prop::sample::Index>(),
        0_usize..12,
        prop::sample::select(PIECES.as_slice()),
    );
    (
        prop::sample::select(CORPUS.as_slice()),
        prop::collection::vec(edit, 1..6),
    )
        .prop_map(|(text, edits)| {
            let mut characters: Vec<char> = text.chars().collect();
            for (at, removed, piece) in edits {
                let start = at.index(characters.len());
                let end = (start + removed).min(characters.len());
                characters.splice(start..end, piece.chars());
            }
            characters.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        answers(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_text_is_answered(text in "\\PC{0,200}") {
        answers(&text);
    }

    #[test]
    fn text_that_looks_like_yaml_is_answered(text in yaml_like()) {
        answers(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_descriptors_are_answered(text in mutated()) {
        answers(&text);
    }
}

#[test]
fn descriptors_cut_off_anywhere_are_answered() {
    for text in CORPUS {
        for (end, _) in text.char_indices().step_by(97) {
            answers(&text[..end]);
        }
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [
        ("[", "]"),
        ("{a: ", "}"),
        ("- ", ""),
        ("? ", ""),
        ("!t [", "]"),
        ("&a [", "]"),
    ] {
        for depth in [10, 24, 25, 60, 1_000, 100_000] {
            let text = format!("a: {}{}", open.repeat(depth), close.repeat(depth));
            assert!(answers(&text).has_errors(), "{open} {depth}");
            answers(&text[3..]);
        }
    }
    let steps: String = (0..500).fold(String::new(), |mut text, depth| {
        let _ = writeln!(text, "{}a:", " ".repeat(depth));
        text
    });
    assert!(answers(&steps).has_errors());
}

#[test]
fn aliases_that_multiply_are_an_error() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    let mut chain = String::from("a0: &a0 [x]\n");
    for step in 1..200 {
        let last = step - 1;
        let _ = writeln!(bomb, "a{step}: &a{step} [{}]", vec![format!("*a{last}"); 10].join(", "));
        let _ = writeln!(chain, "a{step}: &a{step} [*a{last}]");
    }
    assert!(answers(&bomb).has_errors());
    assert!(answers(&chain).has_errors());
}

#[test]
fn huge_files_are_an_error() {
    assert!(answers(&"a".repeat(9 << 20)).has_errors());
    assert!(answers(&format!("a: \"{}\"", "b".repeat(1 << 20))).has_errors());
    assert!(answers(&"a: b\n".repeat(20_000)).has_errors());
}
