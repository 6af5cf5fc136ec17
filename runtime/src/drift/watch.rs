//! Where decoders leave what they find. Decoding does not wait for anything, so that a thread knows whose answer it reads.

use super::DriftKind;
use std::cell::RefCell;

/// How many different findings of one answer are told apart.
const MOST: usize = 64;

/// A finding, and how often it was made in one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: DriftKind,
    /// The model, enum or union; empty for a status.
    pub(crate) model: &'static str,
    /// As the provider sent it, and not yet fit to be shown.
    pub(crate) name: String,
    pub(crate) count: u64,
}

thread_local! {
    static FOUND: RefCell<Option<Vec<Found>>> = const { RefCell::new(None) };
}

/// While it lives, this thread's decoders leave what they find. It does nothing unless it is switched on.
#[must_use = "it watches until it is ended"]
pub(crate) struct Watch {
    is_on: bool,
    /// An answer that is read in the middle of another one has findings of its own.
    outer: Option<Vec<Found>>,
}

impl Watch {
    pub(crate) fn begin(is_on: bool) -> Self {
        let outer = if is_on {
            FOUND.with_borrow_mut(|found| found.replace(Vec::new()))
        } else {
            None
        };
        Self { is_on, outer }
    }

    pub(crate) fn end(mut self) -> Vec<Found> {
        self.take()
    }

    fn take(&mut self) -> Vec<Found> {
        if !std::mem::take(&mut self.is_on) {
            return Vec::new();
        }
        let outer = self.outer.take();
        let found = FOUND.with_borrow_mut(|found| std::mem::replace(found, outer));
        found.unwrap_or_default()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.take();
    }
}

/// Whether anybody wants to know.
pub(crate) fn is_watched() -> bool {
    FOUND.with_borrow(Option::is_some)
}

/// Leaves a finding, if anybody wants to know.
pub(crate) fn note(kind: DriftKind, model: &'static str, name: &str) {
    FOUND.with_borrow_mut(|found| {
        let Some(found) = found else {
            return;
        };
        let known = found
            .iter_mut()
            .find(|known| known.kind == kind && known.name == name && known.model == model);
        if let Some(known) = known {
            known.count += 1;
        } else if found.len() < MOST {
            // A model that fits nothing at all tells nothing more by its hundredth field.
            found.push(Found {
                kind,
                model,
                name: name.to_owned(),
                count: 1,
            });
        }
    });
}
