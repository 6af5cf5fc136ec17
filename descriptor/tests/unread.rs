//! A value that cannot be read is one diagnostic, wherever it stands.

use std::fmt::Write as _;
use tollgate_descriptor::diagnostic::{Code, Diagnostic, Diagnostics};
use tollgate_descriptor::load_at;
use tollgate_descriptor::source::Sources;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

fn diagnose(text: &str) -> (Sources, Diagnostics) {
    let sources = Sources::from_text("p.yaml", text);
    let diagnostics = match load_at(&sources, TODAY) {
        Ok(loaded) => loaded.lints,
        Err(diagnostics) => diagnostics,
    };
    (sources, diagnostics)
}

/// Where the values of keys stand.
fn values(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for (colon, _) in text.match_indices(": ") {
        let line_start = text[..colon].rfind('\n').map_or(0, |at| at + 1);
        if text[line_start..colon].contains('#') || text[line_start..colon].matches('"').count() % 2 == 1 {
            continue;
        }
        let start = colon + 2;
        if let Some(end) = value_end(text, start) {
            found.push(start..end);
        }
    }
    found
}

fn value_end(text: &str, start: usize) -> Option<usize> {
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let rest = &text[start..line_end];
    let mut depth = 0_i32;
    let mut quote = None;
    for (at, character) in rest.char_indices() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') if depth == 0 => return Some(start + rest[..at].trim_end().len()),
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => return Some(start + at),
            (None, '#') if rest[..at].ends_with(' ') => return Some(start + rest[..at].trim_end().len()),
            _ => {}
        }
    }
    (depth == 0 && quote.is_none() && !rest.is_empty()).then_some(line_end)
}

/// What stands in the place of a value: in turn, and of every sixth, since each file has hundreds of them.
const MISTAKES: [&str; 4] = ["7", "[7]", "no", "[[7]]"];

#[test]
fn an_unreadable_value_is_one_diagnostic() {
    let files = [
        include_str!("single/shop.yaml"),
        include_str!("good/harbor.yaml"),
        include_str!("good/acme.yaml"),
    ];
    let (mut unreadable, mut wrong) = (0, String::new());
    for sound in files {
        for (at, range) in values(sound).into_iter().step_by(6).enumerate() {
            let mistake = MISTAKES[at % MISTAKES.len()];
            let mut text = sound.to_owned();
            text.replace_range(range.clone(), mistake);
            let (sources, diagnostics) = diagnose(&text);
            let inside = |diagnostic: &Diagnostic| {
                range.start <= diagnostic.span.start && diagnostic.span.end <= range.start + mistake.len()
            };
            let not_read = |diagnostic: &Diagnostic| matches!(diagnostic.code, Code::WrongType | Code::AmbiguousScalar);
            if !diagnostics
                .iter()
                .any(|diagnostic| inside(diagnostic) && not_read(diagnostic))
            {
                continue;
            }
            unreadable += 1;
            if diagnostics.len() > 1 {
                let written = &sound[range];
                let drawn = diagnostics.render(&sources, false);
                let _ = writeln!(wrong, "`{written}` -> `{mistake}`: one diagnostic expected\n{drawn}");
            }
        }
    }
    assert!(unreadable > 120, "{unreadable}");
    assert!(wrong.is_empty(), "{wrong}");
}
