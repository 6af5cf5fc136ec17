//! Blocks that are read and checked, and cannot be generated yet.

use super::{Check, place::Meaning, reach, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Payload;
use crate::syntax::{self, Events, WebhookSignature};

/// What a webhook's signature is made over.
const PAYLOAD_HOLES: [&str; 3] = ["id", "timestamp", "body"];

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
        if let Some(webhooks) = &descriptor.webhooks {
            self.unsupported(
                webhooks.span,
                "`webhooks`",
                "calls of the provider are left to the application for now",
            );
            self.check_webhooks(webhooks);
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

    fn check_webhooks(&mut self, webhooks: &syntax::Webhooks) {
        match &webhooks.signature {
            Some(WebhookSignature::Signed(signature)) => self.check_signature(signature),
            Some(WebhookSignature::None(_)) | None => {}
        }
        if let Some(name) = &webhooks.event_name {
            self.check_place(name, Meaning::Value);
        }
        match &webhooks.events {
            None => {}
            Some(Events::One(ty)) => self.check_event(ty),
            Some(Events::ByName(events)) => {
                for (_, ty) in &events.value {
                    self.check_event(ty);
                }
            }
        }
    }

    fn check_event(&mut self, ty: &syntax::Type) {
        // With a document, the model may be one of its schemas.
        let known = Self::bare_name(ty)
            .is_none_or(|name| self.definition(name).is_some() || super::ty::BUILT_IN.contains(&name.as_str()));
        if self.descriptor.openapi.is_some() && !known {
            return;
        }
        if let Some(Payload::Typed(ty)) = self.check_payload(ty, Formats::default(), "an event") {
            let mut models = std::mem::take(&mut self.seen.models);
            reach::named(&ty, &mut models);
            self.seen.models = models;
        }
    }

    fn check_signature(&mut self, signature: &syntax::Signature) {
        if let Some(algorithm) = &signature.algorithm
            && algorithm.value != "hmac_sha256"
        {
            self.unknown_word("algorithm", algorithm, ["hmac_sha256"]);
        }
        if let Some(header) = &signature.header {
            self.check_header_name(header);
        }
        for encoding in signature
            .encoding
            .iter()
            .chain(signature.secret.iter().filter_map(|secret| secret.encoding.as_ref()))
        {
            if !["hex", "base64"].contains(&encoding.as_str()) {
                self.unknown_word("encoding", encoding, ["hex", "base64"]);
            }
        }
        if let Some(payload) = &signature.payload {
            self.check_template(payload, "part of the message", &PAYLOAD_HOLES);
        }
        if let Some(id) = &signature.id {
            self.check_place(id, Meaning::Value);
        }
        if let Some(timestamp) = &signature.timestamp {
            self.check_place(timestamp, Meaning::UsualTime);
        }
        if let Some(tolerance) = &signature.tolerance {
            self.check_duration(tolerance);
        }
        for env in signature
            .secret
            .iter()
            .filter_map(|secret| secret.env.as_ref())
            .flat_map(syntax::PerEnvironment::texts)
        {
            self.check_env_name(env);
        }
    }
}
