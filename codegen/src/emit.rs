//! From a model to tokens. One file of this folder per generated file or thing, one `emit` in each; none can fail.

pub(crate) mod doc;
mod error;
mod handle;
pub(crate) mod leaf;
pub(crate) mod operation;
pub(crate) mod paths;
mod provider;
mod record;
mod resource;
mod roles;
mod rules;
mod scopes;
mod settings;
mod tick;
mod tokens;
mod webhook;
mod wire;
mod workspace;

pub(crate) use self::provider::marker;

use crate::{Options, module::Module};
use tollgate_descriptor::model::Model;

/// The whole client of a provider.
pub(crate) fn emit(model: &Model, options: &Options) -> Module {
    let settings = settings::Settings::of(model);
    let mut provider = provider::emit(model, options);
    provider.children.extend(record::emit(model, options));
    if !model.roles.is_empty() {
        provider.children.push(roles::emit(model));
    }
    if !model.rules.is_empty() {
        provider.children.push(rules::emit(model));
    }
    provider.children.push(scopes::emit(model));
    provider.children.push(tokens::emit(model));
    provider.children.extend(webhook::emit(model));
    let resources = model
        .resources
        .iter()
        .map(|resource| resource::emit(model, &settings, resource));
    provider.children.extend(resources);
    provider.children.push(settings.emit(model));
    provider.children.sort_by(|left, right| left.name.cmp(&right.name));
    provider
}
