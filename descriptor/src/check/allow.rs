//! What is told in the end: lints that `allow` silences are left out, and what only follows from another mistake.

use super::{Check, unread::Unread};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::span::Span;

/// Lints that look for what is nowhere. While a part of the descriptor could not be read they would blame the rest.
const ABSENCE: [Code; 7] = [
    Code::UnusedToken,
    Code::UnplacedToken,
    Code::NoHealthCheck,
    Code::ListWithoutPager,
    Code::BlindRetry,
    Code::UnusedModel,
    Code::UnusedAllow,
];

impl Check<'_> {
    /// Leaves out what should not be told, here and among the findings of earlier stages.
    pub(super) fn settle(&mut self, earlier: &mut Diagnostics) {
        let reported: Vec<Span> = earlier
            .iter()
            .map(|diagnostic| diagnostic.span)
            .filter(|span| self.is_one_line(*span))
            .collect();
        self.found
            .retain(|diagnostic| !reported.iter().any(|span| meet(*span, diagnostic.span)));
        if let Some(unread) = Unread::new(self.sources, earlier.iter()) {
            self.found.retain(|diagnostic| !unread.explains(diagnostic));
        }
        self.apply_allow(earlier);
        if self.found.has_errors() || earlier.has_errors() {
            self.found.retain(|diagnostic| !ABSENCE.contains(&diagnostic.code));
        }
    }

    fn is_one_line(&self, span: Span) -> bool {
        !self.sources.snippet(span).contains('\n')
    }

    fn apply_allow(&mut self, earlier: &mut Diagnostics) {
        let mut allowed: Vec<(Code, Span, bool)> = Vec::new();
        for lint in self.descriptor.allow.iter().filter_map(|entry| entry.lint.as_ref()) {
            match Code::parse(lint) {
                Some(code) if code.severity() == Severity::Lint => allowed.push((code, lint.span, false)),
                Some(_) => {
                    let message = format!("`{}` is an error and cannot be silenced", lint.value);
                    self.push(Diagnostic::new(Code::UnknownWord, lint.span, message));
                }
                None => {
                    let lints = Code::ALL.iter().filter(|code| code.severity() == Severity::Lint);
                    self.unknown_word("lint", lint, lints.map(|code| code.name()));
                }
            }
        }
        let mut keep = |diagnostic: &Diagnostic| {
            let mut kept = true;
            for (code, _, used) in &mut allowed {
                if diagnostic.code == *code {
                    *used = true;
                    kept = false;
                }
            }
            kept
        };
        self.found.retain(&mut keep);
        earlier.retain(&mut keep);
        for (code, span, used) in allowed {
            if !used {
                let message = format!("`{}` is silenced and does not occur", code.name());
                self.push(Diagnostic::new(Code::UnusedAllow, span, message).help("remove the entry"));
            }
        }
    }
}

/// Whether two places have something in common.
fn meet(left: Span, right: Span) -> bool {
    left.file == right.file && left.start < right.end && right.start < left.end
}
