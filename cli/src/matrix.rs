//! `tollgate matrix`: who may do what, as a table for people.

mod json;
mod page;
mod table;

use crate::failure::{Failure, print};
use crate::input;
use clap::ValueEnum;
use tollgate_descriptor::model::{Guard, Model, Operation, Presence, Resource, ScopeId, TokenId, TokenRoles};
use tollgate_descriptor::syntax::{self, Descriptor, ScopeUse};

/// Prints the scope matrix: scopes by token types, roles, and the operations of each scope.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tollgate matrix providers/flxpoint.yaml\n  \
                        tollgate matrix providers/flxpoint.yaml --format json")]
pub(crate) struct Arguments {
    /// The descriptor; `-` reads standard input.
    file: String,
    /// How it is written; `markdown` is aligned, so that it reads well as it is.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let loaded = input::load(&arguments.file)?;
    let matrix = Matrix::new(&loaded.model, loaded.descriptor.as_ref());
    print(&match arguments.format {
        Format::Text => matrix.text(),
        Format::Markdown => matrix.markdown(),
        Format::Json => matrix.json(),
    })
}

/// Who may do what at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    title: String,
    file: String,
    checked: Option<String>,
    tokens: Vec<Column>,
    scopes: Vec<Row>,
    roles: Vec<RoleColumn>,
    groups: Vec<Group>,
}

/// A token type.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    rust: String,
    /// Whether a role decides too.
    by_role: bool,
    docs: Option<String>,
}

/// A scope.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    name: String,
    wire: String,
    docs: Option<String>,
    always: bool,
    /// By token type.
    ticks: Vec<bool>,
    /// How many operations ask for it, alone or with others.
    operations: usize,
}

/// A role, and which scopes it lists.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RoleColumn {
    name: String,
    /// By scope.
    ticks: Vec<bool>,
}

/// The operations that ask for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// In words, `supply and sales`.
    scope: String,
    /// How the scopes count: `all`, `any`, `any_token` or `public`.
    needs: &'static str,
    scopes: Vec<String>,
    holders: Vec<String>,
    operations: Vec<Line>,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    id: String,
    request: String,
    /// What its resource asks for, where the operation says otherwise.
    instead_of: Option<String>,
    /// Values that depend on the token: name, then token type and word.
    by_token: Vec<(String, Vec<(String, &'static str)>)>,
    deprecated: bool,
}

impl Matrix {
    /// The matrix of a model. The syntax tree tells which operations say a scope of their own; without it, none is
    /// marked.
    #[must_use]
    pub fn new(model: &Model, descriptor: Option<&Descriptor>) -> Self {
        let names = |ids: &[TokenId]| ids.iter().map(|id| model.token(*id).name.clone()).collect::<Vec<_>>();
        let asks = |scope: ScopeId| {
            let guards = model.operations().map(|(_, operation)| &operation.guard);
            guards
                .filter(|guard| model.guard_scopes(guard).contains(&scope))
                .count()
        };
        let tokens = model.tokens.iter().map(|token| Column {
            name: token.name.clone(),
            rust: token.rust.to_string(),
            by_role: token.roles != TokenRoles::None,
            docs: token.docs.clone(),
        });
        let scopes = model.scope_ids().map(|id| {
            let scope = model.scope(id);
            Row {
                name: scope.name.clone(),
                wire: scope.wire.clone(),
                docs: scope.docs.clone(),
                always: scope.always,
                ticks: model.token_ids().map(|token| scope.tokens.contains(&token)).collect(),
                operations: asks(id),
            }
        });
        let roles = model.roles.iter().map(|role| RoleColumn {
            name: role.name.clone(),
            ticks: model
                .scope_ids()
                .map(|id| model.scope(id).always || role.scopes.contains(&id))
                .collect(),
        });
        let groups = guards(model).into_iter().map(|guard| {
            let operations = model.operations().filter(|(_, operation)| operation.guard == guard);
            Group {
                scope: guard_text(model, &guard),
                needs: match guard {
                    Guard::Scope(_) | Guard::All(_) => "all",
                    Guard::Any(_) => "any",
                    Guard::AnyToken => "any_token",
                    Guard::Public => "public",
                },
                scopes: model
                    .guard_scopes(&guard)
                    .into_iter()
                    .map(|id| model.scope(id).name.clone())
                    .collect(),
                holders: names(&model.holders(&guard)),
                operations: operations
                    .map(|(resource, operation)| line(model, descriptor, resource, operation))
                    .collect(),
            }
        });
        Self {
            title: model.provider.title.clone(),
            file: model.provider.file.clone(),
            checked: model.provider.checked.clone(),
            tokens: tokens.collect(),
            scopes: scopes.collect(),
            roles: roles.collect(),
            groups: groups.collect(),
        }
    }
}

/// What operations ask for, each once: single scopes in matrix order, then sets, then what is built in.
fn guards(model: &Model) -> Vec<Guard> {
    let mut guards: Vec<Guard> = Vec::new();
    for (_, operation) in model.operations() {
        if !guards.contains(&operation.guard) {
            guards.push(operation.guard.clone());
        }
    }
    guards.sort_by_key(|guard| {
        let kind = match guard {
            Guard::Scope(_) => 0,
            Guard::All(_) => 1,
            Guard::Any(_) => 2,
            Guard::AnyToken => 3,
            Guard::Public => 4,
        };
        (kind, model.guard_scopes(guard))
    });
    guards
}

fn guard_text(model: &Model, guard: &Guard) -> String {
    let scopes = model.guard_scopes(guard);
    let names: Vec<&str> = scopes.iter().map(|scope| model.scope(*scope).name.as_str()).collect();
    match guard {
        Guard::Public => "public".to_owned(),
        Guard::AnyToken => "any_token".to_owned(),
        Guard::Any(_) => names.join(" or "),
        Guard::Scope(_) | Guard::All(_) => names.join(" and "),
    }
}

fn line(model: &Model, descriptor: Option<&Descriptor>, resource: &Resource, operation: &Operation) -> Line {
    let by_token = operation.params.iter().filter_map(|param| {
        let Presence::ByToken(rule) = param.presence else {
            return None;
        };
        let rule = model.rule(rule);
        let words = [
            (&rule.required, "required"),
            (&rule.absent, "absent"),
            (&rule.optional, "optional"),
        ];
        let mut tokens: Vec<(TokenId, &str)> = Vec::new();
        for (ids, word) in words {
            tokens.extend(ids.iter().map(|id| (*id, word)));
        }
        tokens.sort();
        let tokens = tokens
            .into_iter()
            .map(|(id, word)| (model.token(id).name.clone(), word));
        Some((param.rust.to_string(), tokens.collect()))
    });
    Line {
        id: format!("{}.{}", resource.name, operation.name),
        request: format!("{} {}", operation.method.as_str(), operation.path_text()),
        instead_of: descriptor.and_then(|descriptor| overridden(descriptor, model, resource, operation)),
        by_token: by_token.collect(),
        deprecated: operation.deprecated.is_some(),
    }
}

/// What the resource (or the top) asks for, where the operation asks for something else.
fn overridden(descriptor: &Descriptor, model: &Model, resource: &Resource, operation: &Operation) -> Option<String> {
    let syntax: &syntax::Resource = descriptor
        .resources
        .iter()
        .find(|(name, _)| name.value == resource.name)
        .map(|(_, syntax)| syntax)?;
    let outer = syntax.settings.scope.as_ref().or(descriptor.settings.scope.as_ref())?;
    let mut names: Vec<&str> = outer.names().value.iter().map(|name| name.value.as_str()).collect();
    // In matrix order, as the guard is; what is built in is not in the matrix, and alone.
    names.sort_by_key(|name| model.scopes.iter().position(|scope| scope.name == *name));
    let outer = names.join(if matches!(outer, ScopeUse::Any(_)) {
        " or "
    } else {
        " and "
    });
    (outer != guard_text(model, &operation.guard)).then_some(outer)
}
