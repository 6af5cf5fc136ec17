//! From what was written to what is true: every name resolved, every default applied, every mistake of the file
//! gathered in one run.
//!
//! Each file below holds one family of rules. They fill a [`Model`] in the order of [`check`]; where something is
//! wrong they report it and put a harmless value in its place, so that positions stay right and later rules can
//! still look. A model with an error in it never leaves this module.

mod allow;
mod batch;
mod choice;
mod cycle;
mod denied;
mod deprecated;
mod descent;
mod duration;
mod environment;
mod error;
mod example;
mod fit;
mod grant;
mod guard;
mod head;
mod header;
mod health;
mod hole;
mod json;
mod key;
mod limit;
mod lint;
mod model;
mod name;
mod operation;
mod page;
mod param;
mod payload;
mod place;
mod reach;
mod record;
mod reserved;
mod resource;
mod retry;
mod role;
mod route;
mod rule;
mod scheme;
mod scope;
mod secret;
mod setting;
mod signer;
mod size;
mod template;
mod token;
mod travel;
mod ty;
mod unread;
mod unsupported;
mod url;
mod webhook;
mod word;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{DefinitionId, Line, Model, Provider, ScopeId};
use crate::source::Sources;
use crate::span::{Span, Spanned};
use crate::syntax::{Descriptor, Entries};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Checks a whole descriptor.
///
/// Everything found goes to `diagnostics`, lints that `allow` silences left out. The model is there only if
/// neither this stage nor an earlier one has found an error.
#[must_use]
pub fn check(sources: &Sources, descriptor: &Descriptor, today: Date, diagnostics: &mut Diagnostics) -> Option<Model> {
    let mut check = Check::new(sources, descriptor, today);
    check.check_head();
    check.check_environments();
    check.check_tokens();
    check.check_scopes();
    check.check_roles();
    check.check_rate_limits();
    check.check_pagers();
    check.check_models();
    let top = check.check_top_settings();
    check.check_resources(&top);
    check.check_grants();
    check.check_limit_params();
    check.check_costs();
    check.check_cycles();
    check.check_health();
    check.check_webhooks();
    check.check_unsupported_blocks();
    check.check_secrets();
    check.check_denied_secrets();
    check.mark_reach();
    check.check_lints();
    check.settle(diagnostics);
    let Check { model, found, .. } = check;
    diagnostics.extend(found);
    diagnostics.sort();
    (!diagnostics.has_errors()).then_some(model)
}

/// What is known while a descriptor is checked.
struct Check<'d> {
    sources: &'d Sources,
    descriptor: &'d Descriptor,
    today: Date,
    /// Where the lines of each file begin.
    line_starts: Vec<Vec<usize>>,
    found: Diagnostics,
    /// What is being built.
    model: Model,
    definition_names: BTreeMap<&'d str, DefinitionId>,
    /// The declared pagers, by position; nothing where one is wrong.
    pagers: Vec<Option<page::Draft>>,
    /// What stands where in the descriptor, for rules that look at the whole.
    seen: Seen<'d>,
    unsure: Unsure,
}

/// What a mistake that is reported has made unsure. Rules that build on it are silent: one mistake is one diagnostic.
#[derive(Default)]
struct Unsure {
    /// Scopes of which it is not known which tokens hold them.
    scopes: BTreeSet<ScopeId>,
    /// What the roles of some token list.
    roles: bool,
    /// Who may call the operation that is being checked.
    guard: bool,
    /// The body of that operation.
    body: bool,
}

/// What rules that look at the whole remember of the parts.
#[derive(Default)]
struct Seen<'d> {
    /// Written operations: resource, operation, and where they are in the model.
    operations: Vec<operation::Seen<'d>>,
    /// Whether an operation comes from the OpenAPI file, so that not everything can be seen.
    from_openapi: bool,
}

/// What is wrong inside a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    range: Range<usize>,
    problem: String,
}

impl Fault {
    fn new(range: Range<usize>, problem: impl Into<String>) -> Self {
        Self {
            range,
            problem: problem.into(),
        }
    }

    fn all(text: &str, problem: impl Into<String>) -> Self {
        Self::new(0..text.len(), problem)
    }
}

impl<'d> Check<'d> {
    fn new(sources: &'d Sources, descriptor: &'d Descriptor, today: Date) -> Self {
        let mut check = Self {
            sources,
            descriptor,
            today,
            line_starts: sources.ids().map(|file| line_starts(sources.text(file))).collect(),
            found: Diagnostics::new(),
            model: empty_model(),
            definition_names: BTreeMap::new(),
            pagers: Vec::new(),
            seen: Seen::default(),
            unsure: Unsure::default(),
        };
        for (at, (name, _)) in descriptor.models.iter().enumerate() {
            check.definition_names.insert(name.as_str(), DefinitionId(at));
        }
        check
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// A fault inside a text, shown at its place in the file.
    fn fault(&mut self, code: Code, text: &Spanned<String>, fault: &Fault, what: &str) {
        // An empty range has no place for a caret.
        let span = if fault.range.is_empty() {
            text.span
        } else {
            text.part(fault.range.clone())
        };
        self.push(
            Diagnostic::new(code, span, format!("`{}` is not a {what}", text.value)).label(fault.problem.clone()),
        );
    }

    /// A word outside a closed set.
    fn unknown_word(&mut self, what: &str, found: &Spanned<String>, known: impl IntoIterator<Item = &'static str>) {
        let problem = Diagnostic::new(
            Code::UnknownWord,
            found.span,
            format!("unknown {what} `{}`", found.value),
        );
        self.push(problem.help_nearest(found, known));
    }

    /// The position of the entry that a name stands for.
    fn resolve<T>(&mut self, what: &str, name: &Spanned<String>, entries: &Entries<T>) -> Option<usize> {
        let found = find(entries, name);
        if found.is_none() {
            let known = entries.iter().map(|(known, _)| known.as_str());
            self.dangling(what, name, known);
        }
        found
    }

    /// A name that nothing defines.
    fn dangling<'k>(&mut self, what: &str, name: &Spanned<String>, known: impl IntoIterator<Item = &'k str>) {
        let problem = Diagnostic::new(
            Code::DanglingName,
            name.span,
            format!("unknown {what} `{}`", name.value),
        );
        self.push(problem.help_nearest(name, known));
    }

    /// A number that must fit 32 bits and not be zero.
    fn check_count(&mut self, number: &Spanned<u64>, what: &str) -> u32 {
        match u32::try_from(number.value) {
            Ok(count) if count > 0 => count,
            _ => {
                self.push(
                    Diagnostic::new(
                        Code::BadNumber,
                        number.span,
                        format!("`{}` is out of range", number.value),
                    )
                    .label(format!("{what} is at least 1 and at most {}", u32::MAX)),
                );
                1
            }
        }
    }

    /// The line of a place.
    fn line(&self, span: Span) -> Line {
        let starts = self.line_starts.get(span.file.0).map_or(&[][..], Vec::as_slice);
        Line {
            file: self.sources.name(span.file).replace('\\', "/"),
            line: starts.partition_point(|start| *start <= span.start).max(1),
        }
    }

    /// What was read and cannot be generated yet.
    fn unsupported(&mut self, span: Span, what: &str, meanwhile: &str) {
        let diagnostic = Diagnostic::new(Code::NotSupportedYet, span, format!("{what} cannot be generated yet"))
            .label("read and checked, and left out")
            .help(meanwhile.to_owned());
        self.model.unsupported.push(diagnostic);
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

/// The position of the entry of that name.
fn find<T>(entries: &Entries<T>, name: &str) -> Option<usize> {
    entries.iter().position(|(known, _)| known.value == name)
}

/// The text of an optional value.
fn text(written: Option<&Spanned<String>>) -> Option<String> {
    written.map(|text| text.value.clone())
}

fn empty_model() -> Model {
    let start = Line {
        file: String::new(),
        line: 1,
    };
    Model {
        provider: Provider {
            id: String::new(),
            title: String::new(),
            docs: None,
            checked: None,
            file: String::new(),
        },
        environments: Vec::new(),
        variables: Vec::new(),
        tokens: Vec::new(),
        tokens_line: start.clone(),
        scopes: Vec::new(),
        uses_any_token: false,
        roles: Vec::new(),
        roles_line: start,
        unions: Vec::new(),
        alls: Vec::new(),
        rules: Vec::new(),
        rate_limits: Vec::new(),
        settings: Vec::new(),
        error_models: Vec::new(),
        health_checks: Vec::new(),
        resources: Vec::new(),
        definitions: Vec::new(),
        webhooks: None,
        unsupported: Vec::new(),
    }
}
