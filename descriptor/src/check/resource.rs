//! Resources.

use super::{Check, name::Taken, operation::Seen, setting::Level, text};
use crate::model::{Operation, Resource, TypeName};
use crate::span::Spanned;
use crate::syntax;

/// An operation that is in the model, with the name of its struct.
struct Listed<'d> {
    name: &'d Spanned<String>,
    written: &'d syntax::Operation,
    type_name: TypeName,
}

impl<'d> Check<'d> {
    pub(super) fn check_resources(&mut self, top: &Level<'d>) {
        let descriptor = self.descriptor;
        let mut taken = Taken::default();
        let mut handles = Taken::default();
        for (at, (name, resource)) in descriptor.resources.iter().enumerate() {
            self.check_snake_case(name, "resource");
            let rust = self.name_field(&mut taken, name, "resource");
            self.refuse_reserved_resource(name, rust.as_str());
            let handle = super::name::item_name(name).unwrap_or(TypeName(String::new()));
            self.take(&mut handles, handle.as_str(), &name.value, name.span, "resource");
            if let Some(scope) = &resource.settings.scope {
                self.check_scope_names(scope);
            }
            let level = self.check_level(top, &resource.settings);
            let mut inside = Taken::default();
            self.take(&mut inside, handle.as_str(), &name.value, name.span, "type");
            let operations = self.check_operations(at, name, resource, &level, &mut inside);
            // What only an OpenAPI file says is left out, and an empty handle would be of no use.
            if operations.is_empty() {
                continue;
            }
            self.model.resources.push(Resource {
                name: name.value.clone(),
                rust,
                handle,
                docs: text(resource.docs.as_ref()),
                operations,
            });
        }
        self.check_routes();
    }

    fn check_operations(
        &mut self,
        at: usize,
        resource: &'d Spanned<String>,
        entry: &'d syntax::Resource,
        level: &Level<'d>,
        inside: &mut Taken,
    ) -> Vec<Operation> {
        let mut listed: Vec<Listed<'d>> = Vec::new();
        let mut methods = Taken::default();
        for (name, written) in &entry.operations {
            self.check_snake_case(name, "operation");
            self.name_field(&mut methods, name, "operation");
            if let Some(from) = &written.from {
                self.unsupported(from.span, "`from`", "the operation is left out for now");
                self.seen.from_openapi = true;
                self.check_left_out(level, written);
                continue;
            }
            let Some(type_name) = super::name::operation_name(resource, name) else {
                self.nameless(name, "operation");
                continue;
            };
            self.take(inside, type_name.as_str(), &name.value, name.span, "operation");
            listed.push(Listed {
                name,
                written,
                type_name,
            });
        }
        let mut operations = Vec::new();
        let mut names = Vec::new();
        for Listed {
            name,
            written,
            type_name,
        } in listed
        {
            let operation = self.check_operation(resource, name, written, type_name, level, inside);
            self.seen.operations.push(Seen {
                unsure_guard: self.unsure.guard,
                resource,
                name,
                written,
                written_at: at,
                place: (self.model.resources.len(), operations.len()),
            });
            names.push(name);
            operations.push(operation);
        }
        self.name_operation_choices(&mut operations, &names, inside);
        operations
    }
}
