//! What not to use, and what instead.

use super::{Check, choice::Member, find};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;
use crate::syntax::Deprecated;

/// The one text that Rust shows.
pub(super) fn reason(deprecated: Option<&Deprecated>) -> Option<String> {
    let deprecated = deprecated?;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(deprecated.text.as_ref().map(|text| text.value.clone()));
    parts.extend(deprecated.use_.as_ref().map(|name| format!("use `{}`", name.value)));
    parts.extend(
        deprecated
            .since
            .as_ref()
            .map(|since| format!("deprecated since {}", since.value)),
    );
    parts.extend(
        deprecated
            .removed
            .as_ref()
            .map(|removed| format!("removed in {}", removed.value)),
    );
    if parts.is_empty() {
        parts.push("deprecated by the provider".to_owned());
    }
    Some(parts.join("; "))
}

impl Check<'_> {
    /// `deprecated.use` of an operation names an operation.
    pub(super) fn check_replacement(&mut self, resource: &str, deprecated: Option<&Deprecated>) {
        let Some(name) = deprecated.and_then(|deprecated| deprecated.use_.as_ref()) else {
            return;
        };
        let full = if name.contains('.') {
            name.value.clone()
        } else {
            format!("{resource}.{}", name.value)
        };
        let names = self.operation_names();
        if !names.contains(&full) {
            self.dangling_replacement(name, "operation", names.iter().map(String::as_str));
        }
    }

    /// `deprecated.use` of a param or a field names another one of its own place.
    pub(super) fn check_replacements(&mut self, members: &[Member<'_>], what: &str) {
        for member in members {
            let name = member.deprecated.and_then(|deprecated| deprecated.use_.as_ref());
            if let Some(name) = name
                && !members.iter().any(|known| known.key.value == name.value)
            {
                self.dangling_replacement(name, what, members.iter().map(|known| known.key.value.as_str()));
            }
        }
    }

    fn dangling_replacement<'k>(
        &mut self,
        name: &Spanned<String>,
        what: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let problem = Diagnostic::new(
            Code::DanglingReplacement,
            name.span,
            format!("there is no {what} `{}` to use instead", name.value),
        );
        self.push(problem.help_nearest(name, known));
    }

    /// Every operation as `resource.operation`.
    pub(super) fn operation_names(&self) -> Vec<String> {
        let resources = self.descriptor.resources.iter();
        resources
            .flat_map(|(resource, entry)| {
                entry
                    .operations
                    .iter()
                    .map(|(operation, _)| format!("{}.{}", resource.value, operation.value))
            })
            .collect()
    }

    /// A name `resource.operation`; its positions in the descriptor.
    pub(super) fn check_operation_name(&mut self, name: &Spanned<String>) -> Option<(usize, usize)> {
        let found = name.split_once('.').and_then(|(resource, operation)| {
            let at = find(&self.descriptor.resources, resource)?;
            let (_, entry) = self.descriptor.resources.get(at)?;
            Some((at, find(&entry.operations, operation)?))
        });
        if found.is_none() {
            let names = self.operation_names();
            let problem = Diagnostic::new(
                Code::DanglingName,
                name.span,
                format!("unknown operation `{}`", name.value),
            );
            self.push(problem.help_nearest(name, names.iter().map(String::as_str)));
        }
        found
    }
}
