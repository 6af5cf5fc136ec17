//! From the tree to the blocks of a descriptor.

mod auth;
mod limit;
mod operation;
mod page;
mod place;
mod reply;
mod schema;
mod webhook;

use super::keys;
use super::read::{Fields, Reader};
use super::tree::Node;
use super::{Allow, Descriptor, Entries, Environment, OpenApi, Resource, Settings, Variable};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{Span, Spanned};

impl Reader<'_> {
    /// The main file. What may also stand in an included file is not missed yet.
    pub(super) fn descriptor(&mut self, node: &Node) -> Option<Descriptor> {
        let fields = self.open_block(node, &keys::DESCRIPTOR, |_| false)?;
        let mut descriptor = self.blocks(&fields);
        descriptor.version = self.field(&fields, "descriptor", Self::version);
        descriptor.provider = self.field(&fields, "provider", Self::text);
        descriptor.title = self.field(&fields, "title", Self::text);
        descriptor.docs = self.field(&fields, "docs", Self::text);
        descriptor.checked = self.field(&fields, "checked", Self::loose_text);
        descriptor.include = self
            .field(&fields, "include", |reader, node| reader.texts(node, "a list of files"))
            .map_or_else(Vec::new, |files| files.value);
        descriptor.openapi = self.field(&fields, "openapi", Self::openapi);
        descriptor.health_check = self.field(&fields, "health_check", Self::health_check);
        descriptor.webhooks = self.field(&fields, "webhooks", Self::webhooks);
        descriptor.settings = self.settings(&fields);
        Some(descriptor)
    }

    /// A file named under `include`.
    pub(super) fn included(&mut self, node: &Node) -> Option<Descriptor> {
        let fields = self.block(node, &keys::INCLUDED)?;
        Some(self.blocks(&fields))
    }

    /// The keys of a descriptor that must stand in one of its files.
    pub(super) fn missing_blocks(&mut self, node: &Node, included: &[Node]) {
        let stands = |key: &str| {
            let mut files = std::iter::once(node).chain(included);
            files.any(|file| file.holds(key) || file.misspells(key, &keys::DESCRIPTOR))
        };
        for key in keys::DESCRIPTOR
            .all_keys()
            .filter(|key| key.required && !stands(key.name))
        {
            let place = Span::new(node.span.file, node.span.start..node.span.start);
            self.push(
                Diagnostic::new(Code::MissingKey, place, format!("a descriptor needs `{}`", key.name))
                    .label(format!("`{}` is missing", key.name))
                    .help(format!("`{}`: {}", key.name, key.doc)),
            );
        }
    }

    /// What may stand in every file.
    fn blocks(&mut self, fields: &Fields<'_>) -> Descriptor {
        Descriptor {
            span: fields.span,
            allow: self.many(fields, "allow", Self::allows),
            environments: self.plural(fields, "environments", Self::environment),
            variables: self.plural(fields, "variables", Self::variable),
            schemes: self.plural(fields, "schemes", Self::scheme),
            tokens: self.plural(fields, "tokens", Self::token),
            scopes: self.plural(fields, "scopes", Self::scope),
            roles: self.plural(fields, "roles", Self::role),
            rate_limits: self.plural(fields, "rate_limits", Self::rate_limit),
            pagers: self.plural(fields, "pagers", Self::pager),
            resources: self.plural(fields, "resources", Self::resource),
            models: self.plural(fields, "models", Self::model),
            ..Descriptor::default()
        }
    }

    fn plural<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Entries<T> {
        self.many(fields, name, |reader, node| reader.entries(node, "named entries", read))
    }

    fn version(&mut self, node: &Node) -> Option<Spanned<u64>> {
        let version = self.integer(node)?;
        if version.value != 1 {
            self.push(
                Diagnostic::new(
                    Code::LanguageVersion,
                    version.span,
                    format!("version `{}` of the language is not known", version.value),
                )
                .help("this program reads version 1; write `descriptor: 1`, or take a newer program"),
            );
        }
        Some(version)
    }

    fn allows(&mut self, node: &Node) -> Vec<Allow> {
        let Some(list) = self.list(node, "a list of `{ lint, reason }`") else {
            return Vec::new();
        };
        list.iter().filter_map(|allow| self.allow(allow)).collect()
    }

    fn allow(&mut self, node: &Node) -> Option<Allow> {
        let fields = self.block(node, &keys::ALLOW)?;
        Some(Allow {
            span: fields.span,
            lint: self.field(&fields, "lint", Self::text),
            reason: self.field(&fields, "reason", Self::reason),
        })
    }

    fn openapi(&mut self, node: &Node) -> Option<OpenApi> {
        let fields = self.block(node, &keys::OPENAPI)?;
        Some(OpenApi {
            span: fields.span,
            file: self.field(&fields, "file", Self::text),
            skip: self.many(&fields, "skip", |reader, node| {
                reader.entries(node, "operations and reasons", Self::reason)
            }),
        })
    }

    fn environment(&mut self, node: &Node) -> Option<Environment> {
        let fields = self.block(node, &keys::ENVIRONMENT)?;
        Some(Environment {
            span: fields.span,
            base_url: self.field(&fields, "base_url", Self::text),
            hosts: self.many(&fields, "hosts", Self::named_texts),
            docs: self.field(&fields, "docs", Self::text),
        })
    }

    fn variable(&mut self, node: &Node) -> Option<Variable> {
        let fields = self.block(node, &keys::VARIABLE)?;
        Some(Variable {
            span: fields.span,
            env: self.field(&fields, "env", Self::per_environment),
            pattern: self.field(&fields, "pattern", Self::text),
            enum_: self.field(&fields, "enum", |reader, node| reader.texts(node, "a list of values")),
            default: self.field(&fields, "default", Self::text),
            docs: self.field(&fields, "docs", Self::text),
        })
    }

    fn resource(&mut self, node: &Node) -> Option<Resource> {
        let fields = self.block(node, &keys::RESOURCE)?;
        Some(Resource {
            span: fields.span,
            docs: self.field(&fields, "docs", Self::text),
            settings: self.settings(&fields),
            operations: self.plural(&fields, "operations", Self::operation),
        })
    }

    fn settings(&mut self, fields: &Fields<'_>) -> Settings {
        Settings {
            scope: self.field(fields, "scope", Self::scope_use),
            rate_limit: self.field(fields, "rate_limit", Self::rate_limit_use),
            pager: self.field(fields, "pager", Self::pager_use),
            retry: self.field(fields, "retry", Self::retry_use),
            errors: self.field(fields, "errors", Self::errors),
            classify: self.field(fields, "classify", Self::classify),
            unwrap: self.field(fields, "unwrap", Self::unwrap),
            headers: self.field(fields, "headers", |reader, node| {
                Some(Spanned::new(reader.named_texts(node), node.span))
            }),
            formats: self.field(fields, "formats", Self::formats),
            host: self.field(fields, "host", Self::text),
            timeout: self.field(fields, "timeout", Self::measure),
        }
    }

    /// The reason of `{ none: "reason" }`.
    fn none(&mut self, node: &Node) -> Option<Spanned<String>> {
        let fields = self.block(node, &keys::NONE)?;
        self.field(&fields, "none", Self::reason)
    }
}
