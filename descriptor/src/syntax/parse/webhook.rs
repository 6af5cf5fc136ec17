//! Webhooks.

use crate::syntax::keys;
use crate::syntax::read::Reader;
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{Events, Signature, WebhookSecret, WebhookSignature, Webhooks};

impl Reader<'_> {
    pub(super) fn webhooks(&mut self, node: &Node) -> Option<Webhooks> {
        let fields = self.block(node, &keys::WEBHOOKS)?;
        Some(Webhooks {
            span: fields.span,
            signature: self.field(&fields, "signature", Self::webhook_signature),
            event_name: self.field(&fields, "event_name", Self::place),
            events: self.field(&fields, "events", Self::events),
        })
    }

    fn webhook_signature(&mut self, node: &Node) -> Option<WebhookSignature> {
        if node.holds("none") {
            return self.none(node).map(WebhookSignature::None);
        }
        let fields = self.block(node, &keys::SIGNATURE)?;
        Some(WebhookSignature::Signed(Box::new(Signature {
            span: fields.span,
            algorithm: self.field(&fields, "algorithm", Self::text),
            header: self.field(&fields, "header", Self::text),
            split: self.field(&fields, "split", Self::text),
            prefix: self.field(&fields, "prefix", Self::text),
            encoding: self.field(&fields, "encoding", Self::text),
            payload: self.field(&fields, "payload", Self::text),
            id: self.field(&fields, "id", Self::place),
            timestamp: self.field(&fields, "timestamp", Self::place),
            tolerance: self.field(&fields, "tolerance", Self::measure),
            secret: self.field(&fields, "secret", Self::webhook_secret),
        })))
    }

    fn webhook_secret(&mut self, node: &Node) -> Option<WebhookSecret> {
        let fields = self.block(node, &keys::WEBHOOK_SECRET)?;
        Some(WebhookSecret {
            span: fields.span,
            env: self.field(&fields, "env", Self::per_environment),
            prefix: self.field(&fields, "prefix", Self::text),
            encoding: self.field(&fields, "encoding", Self::text),
        })
    }

    fn events(&mut self, node: &Node) -> Option<Events> {
        match node.kind {
            Kind::Map(_) => Some(Events::ByName(self.named_types(node))),
            _ => self.type_(node).map(Events::One),
        }
    }
}
