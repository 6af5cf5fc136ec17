//! Draws diagnostics the way `rustc` does.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::Sources;
use crate::span::{FileId, Span};

/// More than these help nobody, and a file of nothing but mistakes would take long to draw.
const DRAWN: usize = 200;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut drawn: Vec<String> = diagnostics
        .iter()
        .take(DRAWN)
        .map(|diagnostic| renderer.render(&[group(diagnostic, sources)]))
        .collect();
    if drawn.is_empty() {
        return String::new();
    }
    if let Some(more) = diagnostics.len().checked_sub(DRAWN).filter(|more| *more > 0) {
        drawn.push(format!("and {more} more"));
    }
    drawn.join("\n\n") + "\n"
}

fn group<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Group<'d> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Lint => Level::WARNING,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id())
        .elements(snippets(diagnostic, sources));
    if let Some(note) = &diagnostic.note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// One snippet per file, that of the primary place first.
fn snippets<'d>(diagnostic: &'d Diagnostic, sources: &'d Sources) -> Vec<Snippet<'d, Annotation<'d>>> {
    let primary = Mark {
        kind: AnnotationKind::Primary,
        range: visible(diagnostic.span, sources),
        label: diagnostic.label.as_deref(),
    };
    let mut by_file = BTreeMap::from([(diagnostic.span.file, vec![primary])]);
    for (span, label) in &diagnostic.secondary {
        by_file.entry(span.file).or_default().push(Mark {
            kind: AnnotationKind::Context,
            range: visible(*span, sources),
            label: Some(label),
        });
    }
    let first = by_file.remove_entry(&diagnostic.span.file);
    first
        .into_iter()
        .chain(by_file)
        .map(|(file, marks)| snippet(file, &marks, sources))
        .collect()
}

/// A place of a file that is pointed at.
struct Mark<'d> {
    kind: AnnotationKind,
    range: Range<usize>,
    label: Option<&'d str>,
}

/// The lines of a file that are pointed at. The renderer looks at all of the text that it is given, so it is given
/// no more than these.
fn snippet<'d>(file: FileId, marks: &[Mark<'d>], sources: &'d Sources) -> Snippet<'d, Annotation<'d>> {
    let text = sources.text(file);
    let first = marks.iter().map(|mark| mark.range.start).min().unwrap_or(0);
    let last = marks.iter().map(|mark| mark.range.end).max().unwrap_or(0);
    let before = text.get(..first).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = text
        .get(last..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |newline| last + newline);
    let annotations = marks.iter().map(|mark| {
        mark.kind
            .span(mark.range.start - start..mark.range.end - start)
            .label(mark.label)
    });
    Snippet::source(text.get(start..end).unwrap_or(""))
        .path(sources.name(file))
        .line_start(before.matches('\n').count() + 1)
        .annotations(annotations)
}

/// The part of a place that is drawn: within the text, on whole characters, and of a block only its first line.
fn visible(span: Span, sources: &Sources) -> Range<usize> {
    let text = sources.text(span.file);
    let start = floor(text, span.start);
    let end = floor(text, span.end.max(start));
    let line = text.get(start..end).unwrap_or("");
    let shown = line.find(['\n', '\r']).unwrap_or(line.len());
    start..start + line.get(..shown).map_or(0, |line| line.trim_end().len())
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
