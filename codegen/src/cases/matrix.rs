//! The scope matrix as compile-fail tests.

use super::{Holder, conditional};
use crate::Files;
use std::fmt::Write as _;
use tollgate_descriptor::model::{Guard, Model, Operation, Presence, Resource, RuleId, TokenId, Type};

/// The files of a provider, for trybuild: `fail/<row>__<column>.rs` for every cell without a tick, and `pass.rs`.
///
/// `krate` is the crate that has the provider as a module.
#[must_use]
pub fn matrix(model: &Model, krate: &str) -> Files {
    let mut files = Files::new();
    let mut pass = String::new();
    for column in columns(model) {
        for holder in Holder::all(model) {
            if holder.may_call(model, &column.guard) {
                let name = format!("{}_holds_{}", holder.file_name, column.name);
                pass.push_str(&call(model, &holder, &column, &name, Shown::Permitted));
            } else {
                let text = call(model, &holder, &column, "wrong", Shown::Default);
                let what = format!("`{}` does not hold `{}`.", holder.file_name, column.name);
                files.insert(
                    format!("fail/{}__{}.rs", holder.file_name, column.name),
                    file(model, krate, &what, &text),
                );
            }
        }
    }
    for (name, what, text) in rules(model) {
        files.insert(format!("fail/{name}.rs"), file(model, krate, &what, &text));
    }
    files.insert(
        "pass.rs".to_owned(),
        file(model, krate, "Every cell of the scope matrix with a tick.", &pass),
    );
    files
}

/// A column of the matrix, with an operation that asks for just that.
struct Column<'m> {
    name: String,
    guard: Guard,
    probe: Option<(&'m Resource, &'m Operation)>,
    /// The trait, for a scope that no operation asks for alone.
    bound: Option<String>,
}

fn columns(model: &Model) -> Vec<Column<'_>> {
    let mut columns = Vec::new();
    let mut add = |name: String, guard: Guard, bound: Option<String>| {
        let asks = |(_, operation): &(&Resource, &Operation)| operation.guard == guard;
        let plain = model
            .operations()
            .filter(asks)
            .find(|(_, operation)| conditional(operation).next().is_none());
        let probe = plain.or_else(|| model.operations().find(asks));
        if probe.is_some() || bound.is_some() {
            columns.push(Column {
                name,
                guard,
                probe,
                bound,
            });
        }
    };
    for id in model.scope_ids() {
        let scope = model.scope(id);
        add(scope.name.clone(), Guard::Scope(id), Some(scope.rust.to_string()));
    }
    for id in model.union_ids() {
        add(set_name(model, &Guard::Any(id), "_or_"), Guard::Any(id), None);
    }
    for id in model.all_ids() {
        add(set_name(model, &Guard::All(id), "_and_"), Guard::All(id), None);
    }
    add("any_token".to_owned(), Guard::AnyToken, None);
    add("public".to_owned(), Guard::Public, None);
    columns
}

fn set_name(model: &Model, guard: &Guard, word: &str) -> String {
    let scopes = model.guard_scopes(guard);
    let names: Vec<_> = scopes.iter().map(|scope| model.scope(*scope).name.as_str()).collect();
    names.join(word)
}

/// With which type arguments an operation is shown.
#[derive(Clone, Copy)]
enum Shown {
    /// As its defaults have it.
    Default,
    /// With whatever its rules permit.
    Permitted,
}

/// A function that makes the call, named `name`.
fn call(model: &Model, holder: &Holder, column: &Column<'_>, name: &str, shown: Shown) -> String {
    let provider = &model.provider.id;
    let client = &holder.type_name;
    let Some((resource, operation)) = column.probe else {
        let bound = column.bound.as_deref().unwrap_or_default();
        return format!(
            "\nfn {name}(client: &{provider}::Client<{client}>) {{\n    fn needs<T: {provider}::scope::{bound}>(_: \
             &{provider}::Client<T>) {{}}\n    needs(client);\n}}\n"
        );
    };
    let mut generics = Vec::new();
    let mut arguments = Vec::new();
    if matches!(shown, Shown::Permitted) {
        for param in conditional(operation) {
            if let Presence::ByToken(rule) = param.presence {
                let letter = model.rule(rule).rust.as_str();
                generics.push(format!("{letter}: {provider}::rule::{letter}<{client}>"));
                arguments.push(letter.to_owned());
            }
        }
    }
    function(provider, client, resource, operation, name, (&generics, &arguments))
}

fn function(
    provider: &str,
    client: &str,
    resource: &Resource,
    operation: &Operation,
    name: &str,
    (generics, arguments): (&[String], &[String]),
) -> String {
    let list = |items: &[String]| {
        if items.is_empty() {
            String::new()
        } else {
            format!("<{}>", items.join(", "))
        }
    };
    format!(
        "\n#[allow(deprecated)]\nfn {name}{generics}(client: {provider}::Client<{client}>, operation: \
         {provider}::{module}::{type_name}{arguments}) {{\n    let _ = client.{module}().{method}(operation);\n}}\n",
        generics = list(generics),
        arguments = list(arguments),
        module = resource.rust,
        type_name = operation.type_name,
        method = operation.rust,
    )
}

/// What each rule forbids, with the first operation that has it: a required value left out, an absent one given.
fn rules(model: &Model) -> Vec<(String, String, String)> {
    let mut cases = Vec::new();
    for id in model.rule_ids() {
        let rule = model.rule(id);
        let has = |operation: &Operation| conditional(operation).any(|param| param.presence == Presence::ByToken(id));
        let Some((resource, operation)) = model.operations().find(|(_, operation)| has(operation)) else {
            continue;
        };
        let sides = [("omits", &rule.required, "required"), ("gives", &rule.absent, "absent")];
        for (verb, tokens, word) in sides {
            for token in tokens {
                for holder in Holder::all(model).iter().filter(|holder| holder.token == Some(*token)) {
                    if !holder.may_call(model, &operation.guard) {
                        continue;
                    }
                    let name = format!("{}__{verb}_{}", holder.file_name, rule.field);
                    let name = if rule.rust.as_str().ends_with(|c: char| c.is_ascii_digit()) {
                        format!("{name}_{}", rule.rust)
                    } else {
                        name
                    };
                    let what = format!("`{}` is {word} with `{}`.", rule.field, holder.file_name);
                    let text = breach(model, holder, (resource, operation), id, (verb == "gives", *token));
                    cases.push((name, what, text));
                }
            }
        }
    }
    cases
}

/// A call that breaks one rule and keeps the others.
fn breach(
    model: &Model,
    holder: &Holder,
    (resource, operation): (&Resource, &Operation),
    broken: RuleId,
    (give, token): (bool, TokenId),
) -> String {
    let arguments: Vec<_> = conditional(operation)
        .filter_map(|param| match param.presence {
            Presence::ByToken(rule) => {
                let required = model.rule(rule).required.contains(&token);
                let present = if rule == broken { give } else { required };
                let value = type_text(model, &param.ty);
                Some(if present {
                    format!("tollgate::Given<{value}>")
                } else {
                    "tollgate::Absent".to_owned()
                })
            }
            _ => None,
        })
        .collect();
    function(
        &model.provider.id,
        &holder.type_name,
        resource,
        operation,
        "wrong",
        (&[], &arguments),
    )
}

/// A type as a test writes it.
fn type_text(model: &Model, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int(_) => "i64".to_owned(),
        Type::Float => "f64".to_owned(),
        Type::Decimal(_) => "tollgate::Decimal".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Date => "tollgate::Date".to_owned(),
        Type::DateTime(_) => "tollgate::Timestamp".to_owned(),
        Type::Uuid => "tollgate::Uuid".to_owned(),
        Type::Url => "tollgate::Url".to_owned(),
        Type::Bytes => "tollgate::Bytes".to_owned(),
        Type::Json => "tollgate::Json".to_owned(),
        Type::Secret => "tollgate::Secret".to_owned(),
        Type::List(inner) => format!("Vec<{}>", type_text(model, inner)),
        Type::Map(inner) => format!("std::collections::BTreeMap<String, {}>", type_text(model, inner)),
        Type::Named(id) => format!("{}::models::{}", model.provider.id, model.definition(*id).rust),
    }
}

fn file(model: &Model, krate: &str, what: &str, text: &str) -> String {
    let mut file = String::new();
    let provider = &model.provider.id;
    // Writing to a string does not fail.
    let _ = write!(
        file,
        "// @generated by tollgate from {}. Do not edit.\n// {what}\n\nuse {krate}::{provider};\n{text}\nfn main() {{}}\n",
        model.provider.file
    );
    file
}
