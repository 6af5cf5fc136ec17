//! Which models requests, answers and webhooks hold.

use super::Check;
use crate::model::{DefinitionId, Events, Payload, Returns, Shape, Type};
use std::collections::BTreeSet;

impl Check<'_> {
    pub(super) fn mark_reach(&mut self) {
        let mut requests = BTreeSet::new();
        let mut responses: BTreeSet<DefinitionId> = self.model.error_models.iter().copied().collect();
        for (_, operation) in self.model.operations() {
            let params = operation.params.iter().map(|param| &param.ty);
            let body = operation.body.iter().filter_map(typed);
            for ty in params.chain(body) {
                named(ty, &mut requests);
            }
            let payloads: Vec<&Payload> = match &operation.returns {
                Returns::Nothing => Vec::new(),
                Returns::One(payload) => vec![payload],
                Returns::PerStatus { statuses, .. } => {
                    statuses.iter().filter_map(|status| status.payload.as_ref()).collect()
                }
            };
            for ty in payloads.into_iter().filter_map(typed) {
                named(ty, &mut responses);
            }
        }
        // What the provider sends on its own is read as answers are.
        match self.model.webhooks.as_ref().map(|webhooks| &webhooks.events) {
            Some(Events::One(ty)) => named(ty, &mut responses),
            Some(Events::ByName(events)) => events.iter().for_each(|event| named(&event.ty, &mut responses)),
            None => {}
        }
        let requests = self.closed(requests);
        let responses = self.closed(responses);
        for (at, definition) in self.model.definitions.iter_mut().enumerate() {
            definition.in_request = requests.contains(&DefinitionId(at));
            definition.in_response = responses.contains(&DefinitionId(at));
        }
    }

    /// These models and all that they hold.
    pub(super) fn closed(&self, from: BTreeSet<DefinitionId>) -> BTreeSet<DefinitionId> {
        let mut open: Vec<DefinitionId> = from.into_iter().collect();
        let mut closed = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some(definition) = self.model.definitions.get(id.index()) else {
                continue;
            };
            if !closed.insert(id) {
                continue;
            }
            let mut held = BTreeSet::new();
            match &definition.shape {
                Shape::Record(record) => record.fields.iter().for_each(|field| named(&field.ty, &mut held)),
                Shape::Union { variants, .. } => held.extend(variants.iter().map(|variant| variant.definition)),
                Shape::Alias(ty) => named(ty, &mut held),
                Shape::Enum(_) => {}
            }
            open.extend(held);
        }
        closed
    }
}

fn typed(payload: &Payload) -> Option<&Type> {
    match payload {
        Payload::Typed(ty) => Some(ty),
        Payload::Bytes | Payload::Text => None,
    }
}

/// The models that a type names.
pub(super) fn named(ty: &Type, into: &mut BTreeSet<DefinitionId>) {
    match ty {
        Type::Named(id) => {
            into.insert(*id);
        }
        Type::List(inner) | Type::Map(inner) => named(inner, into),
        _ => {}
    }
}
