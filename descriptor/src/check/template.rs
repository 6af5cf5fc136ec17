//! Templates: text with `{name}` holes and nothing more.

use super::{Check, Fault};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Template, TemplatePart};
use crate::span::{Span, Spanned};

/// A template with the places of its holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) template: Template,
    /// Name and range of each hole, in order.
    pub(super) holes: Vec<(String, std::ops::Range<usize>)>,
}

/// Reads `Bearer {token}`.
pub(super) fn parse_template(text: &str) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(brace) = rest.find(['{', '}']) else {
            literal.push_str(rest);
            break;
        };
        literal.push_str(rest.get(..brace).unwrap_or(""));
        let start = at + brace;
        let hole = text.get(start..).unwrap_or("");
        if hole.starts_with('}') {
            return Err(Fault::new(start..start + 1, "a `}` without its `{`"));
        }
        let Some(length) = hole.find('}') else {
            return Err(Fault::new(start..text.len(), "the closing `}` is missing"));
        };
        let name = hole.get(1..length).unwrap_or("");
        let range = start..start + length + 1;
        if !is_hole_name(name) {
            return Err(Fault::new(range, "a hole holds one name and nothing else"));
        }
        if !literal.is_empty() {
            parsed.template.0.push(TemplatePart::Text(std::mem::take(&mut literal)));
        }
        parsed.template.0.push(TemplatePart::Hole(name.to_owned()));
        parsed.holes.push((name.to_owned(), range.clone()));
        at = range.end;
    }
    if !literal.is_empty() {
        parsed.template.0.push(TemplatePart::Text(literal));
    }
    Ok(parsed)
}

fn is_hole_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '.')
}

impl Check<'_> {
    /// A template; what its holes name is not looked at.
    pub(super) fn read_template(&mut self, text: &Spanned<String>) -> Option<Parsed> {
        match parse_template(text) {
            Ok(parsed) => Some(parsed),
            Err(fault) => {
                self.fault(Code::BadTemplate, text, &fault, "template");
                None
            }
        }
    }

    /// A template over the names of `known`.
    pub(super) fn check_template(&mut self, text: &Spanned<String>, what: &str, known: &[&str]) -> Template {
        let Some(parsed) = self.read_template(text) else {
            return Template::default();
        };
        for (name, range) in &parsed.holes {
            if !known.contains(&name.as_str()) {
                self.unknown_hole(name, text.part(range.clone()), what, known);
            }
        }
        parsed.template
    }

    /// A hole that names nothing.
    pub(super) fn unknown_hole(&mut self, name: &str, span: Span, what: &str, known: &[&str]) {
        let problem = Diagnostic::new(
            Code::DanglingName,
            span,
            format!("the hole `{{{name}}}` names no {what}"),
        );
        self.push(problem.help_nearest(name, known.iter().copied()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_holes_take_turns() {
        let parsed = parse_template("v{a}/{b_c}x");
        let parsed = parsed.map(|parsed| parsed.template.0);
        assert_eq!(
            parsed,
            Ok(vec![
                TemplatePart::Text("v".into()),
                TemplatePart::Hole("a".into()),
                TemplatePart::Text("/".into()),
                TemplatePart::Hole("b_c".into()),
                TemplatePart::Text("x".into()),
            ])
        );
    }

    #[test]
    fn nothing_but_a_name_stands_in_a_hole() {
        for text in ["{}", "{a|b}", "{a", "a}", "{a b}", "{{a}}", "{a:b}"] {
            assert!(parse_template(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_template_prints_as_it_was_written() {
        for text in ["", "Bearer {token}", "{a}{b}", "plain"] {
            assert_eq!(
                parse_template(text).map(|parsed| parsed.template.to_string()),
                Ok(text.to_owned())
            );
        }
    }
}
