//! Paths and their holes.

use super::{Check, find, param::Params};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Guard, PathPart, TemplatePart};
use crate::span::{Span, Spanned};

/// What a hole of a path is filled with, where no parameter is declared for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filling {
    Variable,
    TokenField,
    /// A required string.
    Param,
}

impl<'d> Check<'d> {
    /// The holes of a path that begin with `/`, and what is wrong with the path.
    pub(super) fn check_holes(&mut self, path: &Spanned<String>) -> Vec<(String, Span)> {
        if !path.starts_with('/') {
            self.push(
                Diagnostic::new(
                    Code::BadTemplate,
                    path.span,
                    format!("the path `{}` does not begin with `/`", path.value),
                )
                .help("a path stands under the base URL; another host is named by `host`"),
            );
        }
        if path.contains(['?', '#']) {
            self.push(
                Diagnostic::new(
                    Code::BadTemplate,
                    path.span,
                    format!("a query or a fragment in the path `{}`", path.value),
                )
                .help("a constant part of the query is a param: `params: { alt: { const: media } }`"),
            );
        }
        if path.contains(char::is_whitespace) {
            self.push(Diagnostic::new(
                Code::BadTemplate,
                path.span,
                format!("a blank in the path `{}`", path.value),
            ));
        }
        let Some(parsed) = self.read_template(path) else {
            return Vec::new();
        };
        let mut holes: Vec<(String, Span)> = Vec::new();
        for (name, range) in parsed.holes {
            let span = path.part(range);
            if let Some((_, first)) = holes.iter().find(|(known, _)| *known == name) {
                self.push(
                    Diagnostic::new(
                        Code::BadTemplate,
                        span,
                        format!("the hole `{{{name}}}` stands here twice"),
                    )
                    .secondary(*first, "the first one"),
                );
                continue;
            }
            holes.push((name, span));
        }
        holes
    }

    /// What fills a hole that is no declared parameter.
    pub(super) fn filling(&mut self, hole: &str, span: Span, guard: &Guard) -> Filling {
        if find(&self.descriptor.variables, hole).is_some() {
            return Filling::Variable;
        }
        let holders = match guard {
            Guard::Public => Vec::new(),
            guard => self.model.holders(guard),
        };
        let has = |check: &Self, token| {
            check
                .model
                .token(token)
                .fields
                .iter()
                .any(|field| field.name == hole && !field.optional)
        };
        let (with, without): (Vec<_>, Vec<_>) = holders.into_iter().partition(|token| has(self, *token));
        match (with.first(), without.first()) {
            (None, _) => Filling::Param,
            (Some(_), None) => Filling::TokenField,
            (Some(_), Some(_)) if self.is_unsure(guard) => Filling::Param,
            (Some(one), Some(other)) => {
                let (one, other) = (
                    self.model.token(*one).name.clone(),
                    self.model.token(*other).name.clone(),
                );
                self.push(
                    Diagnostic::new(
                        Code::DanglingName,
                        span,
                        format!("the hole `{{{hole}}}` is a field of some tokens only"),
                    )
                    .label(format!("`{one}` has it, `{other}` does not"))
                    .help(format!("declare a param `{hole}`, or narrow the scope")),
                );
                Filling::Param
            }
        }
    }

    /// The parts of a path; its parameters are known.
    pub(super) fn check_request_path(
        &mut self,
        path: &Spanned<String>,
        params: &Params<'d>,
        guard: &Guard,
    ) -> Vec<PathPart> {
        // Faults were reported with the parameters.
        let Ok(parsed) = super::template::parse_template(path) else {
            return Vec::new();
        };
        let parts = parsed.template.0.into_iter().map(|part| match part {
            TemplatePart::Text(text) => PathPart::Text(text),
            TemplatePart::Hole(name) if params.fills(&name) => PathPart::Param(name),
            TemplatePart::Hole(name) if find(&self.descriptor.variables, &name).is_some() => PathPart::Variable(name),
            TemplatePart::Hole(name) if *guard == Guard::Public => PathPart::Param(name),
            TemplatePart::Hole(name) => PathPart::TokenField(name),
        });
        parts.collect()
    }
}
