//! What is wrong with a descriptor, where, and what to do about it.

pub mod code;
mod render;
pub mod suggest;

pub use self::code::{Code, Severity};
use crate::source::Sources;
use crate::span::Span;

/// One problem at one place.
///
/// ```
/// use tollgate_descriptor::diagnostic::{Code, Diagnostic, Diagnostics};
/// use tollgate_descriptor::source::Sources;
/// use tollgate_descriptor::span::{FileId, Span};
///
/// let sources = Sources::from_text("shop.yaml", "provder: shop\n");
/// let mut diagnostics = Diagnostics::new();
/// diagnostics.push(
///     Diagnostic::new(Code::UnknownKey, Span::new(FileId::MAIN, 0..7), "unknown key `provder`")
///         .label("not a key of a descriptor")
///         .help("did you mean `provider`?"),
/// );
/// assert!(diagnostics.has_errors());
/// assert!(diagnostics.render(&sources, false).contains("shop.yaml:1:1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// Whether it stops the run. Follows from the code.
    pub severity: Severity,
    /// The problem in one line: lower case, no period, what the author wrote in backticks.
    pub message: String,
    /// The place that a caret is drawn under.
    pub span: Span,
    /// What the caret says.
    pub label: Option<String>,
    /// Other places that take part, such as the first of two equal entries.
    pub secondary: Vec<(Span, String)>,
    /// A fact that explains the problem.
    pub note: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem of kind `code` at `span`.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            span,
            label: None,
            secondary: Vec::new(),
            note: None,
            help: None,
        }
    }

    /// Says something at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn secondary(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    /// Adds a fact that explains the problem.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the known name nearest to `found`, or lists all of them when there are few and none is near.
    #[must_use]
    pub fn help_nearest<'k>(self, found: &str, known: impl IntoIterator<Item = &'k str>) -> Self {
        match suggest::help(found, known) {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

/// The problems of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether one of them is an error and not a lint.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Keeps those that `keep` says yes to; this is how `allow` silences lints.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Orders by place and drops exact repetitions.
    pub fn sort(&mut self) {
        self.list.sort_by(|left, right| {
            (left.span, left.code, &left.message).cmp(&(right.span, right.code, &right.message))
        });
        self.list.dedup();
    }

    /// All of them, in the order they stand now.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Draws them, ordered by place, with the source lines they speak of. Of more than 200 the rest is only counted.
    #[must_use]
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let mut sorted = self.clone();
        sorted.sort();
        render::render(&sorted.list, sources, color)
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.list.extend(diagnostics);
    }
}
