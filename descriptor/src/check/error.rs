//! Failures: where they say what, and what they are.

use super::{Check, json, place::Meaning, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ClassifyRule, DefinitionId, Errors, Kind, Path, Place, StatusMatch};
use crate::span::Spanned;
use crate::syntax::{self, Entries, Status, Value};

impl Check<'_> {
    pub(super) fn check_errors(&mut self, errors: &syntax::Errors) -> Errors {
        Errors {
            body: errors.body.as_ref().and_then(|body| self.check_error_model(body)),
            message: self.check_places(&errors.message),
            code: self.check_places(&errors.code),
            request_id: self.check_places(&errors.request_id),
        }
    }

    fn check_places(&mut self, places: &[syntax::Place]) -> Vec<Place> {
        places
            .iter()
            .filter_map(|place| self.check_place(place, Meaning::Value))
            .collect()
    }

    fn check_error_model(&mut self, ty: &syntax::Type) -> Option<DefinitionId> {
        let id = self.check_model_name(ty, "the body of a failure")?;
        if !self.model.error_models.contains(&id) {
            self.model.error_models.push(id);
        }
        Some(id)
    }

    pub(super) fn check_classify(&mut self, rules: &[syntax::Rule]) -> Vec<ClassifyRule> {
        rules.iter().map(|rule| self.check_rule(rule)).collect()
    }

    fn check_rule(&mut self, rule: &syntax::Rule) -> ClassifyRule {
        let mut checked = ClassifyRule {
            status: Vec::new(),
            code: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            present: None,
            kind: rule.kind.as_ref().map_or(Kind::Rejected, |kind| kind.value.into()),
            hint: text(rule.hint.as_ref()),
            model: rule.body.as_ref().and_then(|body| self.check_error_model(body)),
        };
        if let Some(when) = &rule.when {
            self.check_when(when, &mut checked);
        }
        checked
    }

    fn check_when(&mut self, when: &syntax::When, checked: &mut ClassifyRule) {
        checked.status = when.status.iter().map(|status| check_status(status.value)).collect();
        checked.code = when.code.iter().map(|code| code.value.clone()).collect();
        for (name, values) in &when.header {
            self.check_header_name(name);
            checked.headers.push((
                name.value.clone(),
                values.iter().map(|value| value.value.clone()).collect(),
            ));
        }
        checked.body = self.check_conditions(&when.body);
        checked.present = when
            .present
            .as_ref()
            .and_then(|place| self.check_place(place, Meaning::Value));
        let empty = when.status.is_empty() && when.code.is_empty() && when.header.is_empty() && when.body.is_empty();
        if empty && when.present.is_none() {
            self.push(
                Diagnostic::new(Code::MissingKey, when.span, "a rule without a condition")
                    .label("it would hold for every failure")
                    .help("say one, as in `when: { status: 409 }`"),
            );
        }
    }

    pub(super) fn check_conditions(&mut self, conditions: &Entries<Vec<Spanned<Value>>>) -> Vec<(Path, Vec<String>)> {
        let mut checked = Vec::new();
        for (path, values) in conditions {
            let Some(path) = self.check_path(path) else {
                continue;
            };
            for value in values {
                if matches!(value.value, Value::List(_) | Value::Map(_)) {
                    self.push(
                        Diagnostic::new(
                            Code::WrongType,
                            value.span,
                            "only a text, a number, a bool or null can be compared",
                        )
                        .help("say `present` to ask whether something is there"),
                    );
                }
            }
            checked.push((path, values.iter().map(|value| json::text(&value.value)).collect()));
        }
        checked
    }
}

fn check_status(status: Status) -> StatusMatch {
    match status {
        Status::Code(code) => StatusMatch::Exact(code),
        Status::Class(class) => StatusMatch::Class(class),
    }
}
