//! Models that contain themselves.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{DefinitionId, FieldPresence, Shape, Type};

impl Check<'_> {
    /// Boxes the fields through which a model contains itself, and reports what would never end.
    pub(super) fn check_cycles(&mut self) {
        let edges: Vec<Vec<usize>> = self
            .model
            .definitions
            .iter()
            .map(|found| contained(&found.shape, |_| true))
            .collect();
        let needed: Vec<Vec<usize>> = self
            .model
            .definitions
            .iter()
            .map(|found| required(&found.shape))
            .collect();
        for at in 0..self.model.definitions.len() {
            if reaches(&needed, at, at) {
                self.report_endless(at);
            }
        }
        let mut definitions = std::mem::take(&mut self.model.definitions);
        for (at, definition) in definitions.iter_mut().enumerate() {
            let Shape::Record(record) = &mut definition.shape else {
                continue;
            };
            for field in &mut record.fields {
                field.boxed = direct(&field.ty).is_some_and(|id| id.index() == at || reaches(&edges, id.index(), at));
            }
        }
        self.model.definitions = definitions;
    }

    fn report_endless(&mut self, at: usize) {
        let Some((name, _)) = self.descriptor.models.get(at) else {
            return;
        };
        self.push(
            Diagnostic::new(
                Code::EndlessType,
                name.span,
                format!("`{}` contains itself without end", name.value),
            )
            .label("no value of it could be written")
            .help("take the `!` from the field that leads back, or make it a list"),
        );
    }
}

/// The model that a type holds directly; lists and maps put it elsewhere.
fn direct(ty: &Type) -> Option<DefinitionId> {
    match ty {
        Type::Named(id) => Some(*id),
        _ => None,
    }
}

/// The models that a model holds directly.
fn contained(shape: &Shape, keep: impl Fn(FieldPresence) -> bool) -> Vec<usize> {
    match shape {
        Shape::Record(record) => record
            .fields
            .iter()
            .filter(|field| keep(field.presence))
            .filter_map(|field| direct(&field.ty))
            .map(DefinitionId::index)
            .collect(),
        Shape::Union { variants, .. } => variants.iter().map(|variant| variant.definition.index()).collect(),
        Shape::Alias(ty) => direct(ty).map(DefinitionId::index).into_iter().collect(),
        Shape::Enum(_) => Vec::new(),
    }
}

/// The models without which no value of a model exists. A union needs one variant only, which may well end.
fn required(shape: &Shape) -> Vec<usize> {
    match shape {
        Shape::Union { variants, .. } if variants.len() > 1 => Vec::new(),
        Shape::Alias(ty) => aliased(ty).map(DefinitionId::index).into_iter().collect(),
        shape => contained(shape, |presence| presence == FieldPresence::Required),
    }
}

/// The model that an alias is made of, through lists and maps: an alias of itself has no meaning at all.
fn aliased(ty: &Type) -> Option<DefinitionId> {
    match ty {
        Type::List(inner) | Type::Map(inner) => aliased(inner),
        other => direct(other),
    }
}

/// Whether a way of at least one step leads from `from` to `to`.
fn reaches(edges: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; edges.len()];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in edges.get(at).into_iter().flatten() {
            if *next == to {
                return true;
            }
            if let Some(seen) = seen.get_mut(*next)
                && !*seen
            {
                *seen = true;
                open.push(*next);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_has_at_least_one_step() {
        let edges = vec![vec![1], vec![2], vec![1], vec![]];
        assert!(reaches(&edges, 0, 2));
        assert!(reaches(&edges, 1, 1));
        assert!(!reaches(&edges, 0, 0));
        assert!(!reaches(&edges, 3, 0));
    }
}
