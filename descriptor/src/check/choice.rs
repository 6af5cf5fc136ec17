//! Parameters or fields that exclude each other: an enum in Rust.

use super::{
    Check,
    name::{Taken, choice_name, field_name, type_name},
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Choice, FieldName, Operation, Shape, TypeName};
use crate::span::{Span, Spanned};
use crate::syntax::Deprecated;

/// A list of names, as `one_of` holds several.
type Set = Spanned<Vec<Spanned<String>>>;

/// A parameter or field that may take part.
pub(super) struct Member<'m> {
    pub(super) key: &'m Spanned<String>,
    pub(super) span: Span,
    /// Neither required, nor constant, nor dependent on the token.
    pub(super) optional: bool,
    pub(super) deprecated: Option<&'m Deprecated>,
}

impl Check<'_> {
    /// The choices of one operation or model. Their enums are named when all of the module are known.
    pub(super) fn check_choices(
        &mut self,
        members: &[Member<'_>],
        one_of: &[Set],
        at_most_one: &[Set],
        taken: &mut Taken,
    ) -> Vec<Choice> {
        let sets = one_of
            .iter()
            .map(|set| (set, true))
            .chain(at_most_one.iter().map(|set| (set, false)));
        let mut used: Vec<(usize, Span)> = Vec::new();
        let mut choices = Vec::new();
        for (set, required) in sets {
            let positions = self.check_members(members, set, &mut used);
            if set.value.len() < 2 {
                self.push(
                    Diagnostic::new(Code::MissingKey, set.span, "a choice between fewer than two")
                        .help("name at least two"),
                );
            }
            let names: Vec<&str> = set.value.iter().map(|name| name.value.as_str()).collect();
            let base = choice_name(&names);
            let rust = field_name(&base).unwrap_or(FieldName(String::new()));
            // The members stand inside the enum, so one of them may lend the choice its name.
            let lent = positions
                .iter()
                .filter_map(|at| members.get(*at))
                .any(|member| field_name(member.key).is_some_and(|name| name == rust));
            if !lent {
                self.take(taken, rust.as_str(), &base, set.span, "value");
            }
            choices.push(Choice {
                type_name: type_name(&base).unwrap_or(TypeName(String::new())),
                rust,
                required,
                members: positions,
            });
        }
        choices
    }

    fn check_members(&mut self, members: &[Member<'_>], set: &Set, used: &mut Vec<(usize, Span)>) -> Vec<usize> {
        let mut positions = Vec::new();
        for name in &set.value {
            let Some(at) = members.iter().position(|member| member.key.value == name.value) else {
                self.dangling("name", name, members.iter().map(|member| member.key.value.as_str()));
                continue;
            };
            if let Some((_, place)) = used.iter().find(|(other, _)| *other == at) {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        name.span,
                        format!("`{}` takes part in two choices", name.value),
                    )
                    .secondary(*place, "the other one"),
                );
                continue;
            }
            if let Some(member) = members.get(at)
                && !member.optional
            {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        name.span,
                        format!("`{}` takes part in a choice and is not optional", name.value),
                    )
                    .secondary(member.span, "declared here")
                    .help("leave out its `!`, `|null`, `const` or `by_token`; a value of the path cannot take part"),
                );
            }
            used.push((at, name.span));
            positions.push(at);
        }
        positions
    }

    /// Names the enums of all records, the short name where it is free.
    pub(super) fn name_record_choices(&mut self, taken: &mut Taken) {
        let names = choice_names(
            self.model
                .definitions
                .iter()
                .filter_map(|definition| match &definition.shape {
                    Shape::Record(record) => Some(record.choices.as_slice()),
                    _ => None,
                }),
        );
        let mut definitions = std::mem::take(&mut self.model.definitions);
        for (definition, (name, _)) in definitions.iter_mut().zip(&self.descriptor.models) {
            if let Shape::Record(record) = &mut definition.shape {
                self.name_choices(&mut record.choices, &names, &definition.rust, taken, name);
            }
        }
        self.model.definitions = definitions;
    }

    /// Names the enums of the operations of one resource.
    pub(super) fn name_operation_choices(
        &mut self,
        operations: &mut [Operation],
        written: &[&Spanned<String>],
        taken: &mut Taken,
    ) {
        let names = choice_names(operations.iter().map(|operation| operation.choices.as_slice()));
        for (operation, name) in operations.iter_mut().zip(written) {
            self.name_choices(&mut operation.choices, &names, &operation.type_name, taken, name);
        }
    }

    fn name_choices(
        &mut self,
        choices: &mut [Choice],
        all: &[String],
        owner: &TypeName,
        taken: &mut Taken,
        place: &Spanned<String>,
    ) {
        for choice in choices {
            let short = choice.type_name.as_str();
            let unique = all.iter().filter(|name| *name == short).count() == 1 && !taken.has(short);
            if !unique {
                choice.type_name = TypeName(format!("{owner}{short}"));
            }
            let written = choice.type_name.to_string();
            self.take(
                taken,
                &written,
                &place.value,
                Span {
                    start: place.span.end,
                    ..place.span
                },
                "choice",
            );
        }
    }
}

fn choice_names<'c>(choices: impl Iterator<Item = &'c [Choice]>) -> Vec<String> {
    choices.flatten().map(|choice| choice.type_name.to_string()).collect()
}
