//! Blocks that are read and checked, and cannot be generated yet.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};

impl Check<'_> {
    pub(super) fn check_unsupported_blocks(&mut self) {
        let descriptor = self.descriptor;
        if let Some(openapi) = &descriptor.openapi {
            self.unsupported(
                openapi.span,
                "`openapi`",
                "what only the document says is left out for now",
            );
        } else {
            self.check_from_without_document();
        }
    }

    /// `from` and `$from` name something of a document.
    fn check_from_without_document(&mut self) {
        let descriptor = self.descriptor;
        let operations = descriptor
            .resources
            .iter()
            .flat_map(|(_, resource)| &resource.operations);
        let operations = operations.filter_map(|(_, operation)| operation.from.as_ref());
        let models = descriptor.models.iter().filter_map(|(_, model)| model.from.as_ref());
        for from in operations.chain(models) {
            self.push(
                Diagnostic::new(
                    Code::DanglingName,
                    from.span,
                    format!("`{}` of an OpenAPI document, and there is none", from.value),
                )
                .help("name the document: `openapi: { file: openapi.json }`"),
            );
        }
    }
}
