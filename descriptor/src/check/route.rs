//! Routes: what tells two operations of one method and path apart.

use super::{Check, page};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Operation, ParamAt, ParamPlace, PathPart, Presence};
use crate::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What an operation always sends, and so can be told by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signature {
    method: &'static str,
    host: Option<usize>,
    path: String,
    /// Constants with their values, headers, and the names of what is required.
    sent: BTreeSet<String>,
}

impl Check<'_> {
    pub(super) fn check_routes(&mut self) {
        let mut known: BTreeMap<Signature, (String, Span)> = BTreeMap::new();
        let mut problems = Vec::new();
        for seen in &self.seen.operations {
            let (Some(route), Some(operation)) = (&seen.written.route, self.seen_operation(seen.place)) else {
                continue;
            };
            let name = format!("{}.{}", seen.resource.value, seen.name.value);
            if let Some((other, place)) = known.get(&self.signature(operation)) {
                let message = format!(
                    "`{name}` is the same request as `{other}`: `{} {}`",
                    operation.method.as_str(),
                    route.path.value
                );
                problems.push(
                    Diagnostic::new(Code::RouteTwice, route.path.span, message)
                        .label("nothing tells them apart")
                        .secondary(*place, "the other one")
                        .help("a `const`, a header or another set of required params would"),
                );
                continue;
            }
            known.insert(self.signature(operation), (name, route.path.span));
        }
        self.found.extend(problems);
    }

    /// The operation of the model at these positions.
    pub(super) fn seen_operation(&self, place: (usize, usize)) -> Option<&Operation> {
        self.model.resources.get(place.0)?.operations.get(place.1)
    }

    fn signature(&self, operation: &Operation) -> Signature {
        let settings = self.model.setting(operation.settings);
        let mut sent: BTreeSet<String> = settings
            .headers
            .iter()
            .map(|(name, value)| format!("header {} = {value}", name.to_ascii_lowercase()))
            .collect();
        for param in &operation.params {
            let place = match &param.place {
                ParamPlace::Path { .. } => continue,
                ParamPlace::Query => "query",
                ParamPlace::Header => "header",
                ParamPlace::Body(_) => "body",
            };
            match &param.presence {
                Presence::Const(value) => sent.insert(format!("{place} {} = {value}", param.wire)),
                Presence::Required => sent.insert(format!("{place} {}", param.wire)),
                Presence::Optional | Presence::ByToken(_) => false,
            };
        }
        for choice in operation.choices.iter().filter(|choice| choice.required) {
            sent.insert(format!("one of {}", choice.rust));
        }
        for at in operation.pager.iter().flat_map(page::always_written) {
            sent.insert(match at {
                ParamAt::Query(name) => format!("query {name}"),
                ParamAt::Header(name) => format!("header {name}"),
                ParamAt::Body(path) => format!("body {path}"),
            });
        }
        Signature {
            method: operation.method.as_str(),
            host: settings.host,
            path: operation.path.iter().map(part).collect(),
            sent,
        }
    }
}

fn part(part: &PathPart) -> &str {
    match part {
        PathPart::Text(text) => text,
        PathPart::Param(_) | PathPart::Variable(_) | PathPart::TokenField(_) => "{}",
    }
}
