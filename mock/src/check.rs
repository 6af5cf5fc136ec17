//! Compares a request with what its operation declares.

mod body;
mod form;
mod json;
mod param;
mod text;

pub(crate) use self::{param::given, text::to_json};

use crate::arrival::Arrival;
use crate::auth::Identity;
use crate::route::Captures;
use tollgate_descriptor::model::{Model, Operation, Settings};

/// A request with everything that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) model: &'a Model,
    pub(crate) operation: &'a Operation,
    pub(crate) settings: &'a Settings,
    pub(crate) arrival: &'a Arrival,
    pub(crate) captures: &'a Captures,
    pub(crate) identity: Option<&'a Identity>,
    /// Whether what the descriptor does not know is a mistake.
    pub(crate) strict: bool,
}

/// What is wrong with a request.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    /// One mistake at a place; values are never repeated, they could be secrets.
    pub(crate) fn add(&mut self, at: &str, what: impl AsRef<str>) {
        self.0.push(format!("{at}: {}", what.as_ref()));
    }

    pub(crate) fn text(&self) -> String {
        const SHOWN: usize = 10;
        let text = self.0[..self.0.len().min(SHOWN)].join("; ");
        match self.0.len().checked_sub(SHOWN) {
            None | Some(0) => text,
            Some(more) => format!("{text}; and {more} more"),
        }
    }
}

/// A request that is refused for what it holds.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// Checks a request, and gathers every mistake.
pub(crate) fn check(subject: &Subject<'_>) -> Result<(), Misfit> {
    let length = subject.arrival.body.len() as u64;
    if let Some(max) = subject.operation.max_body.filter(|max| length > *max) {
        return Err(Misfit {
            status: 413,
            message: format!("the body has {length} bytes, more than {max}"),
        });
    }
    body::check_media(subject)?;
    let mut problems = Problems::default();
    param::check_all(subject, &mut problems);
    body::check(subject, &mut problems);
    if problems.0.is_empty() {
        return Ok(());
    }
    Err(Misfit {
        status: 400,
        message: problems.text(),
    })
}

/// How well a request fits an operation, for operations that share a route: `None` if a constant differs or a
/// required value is missing, else fewer strangers first, then more recognised values.
pub(crate) fn fitness(subject: &Subject<'_>) -> Option<(usize, usize)> {
    param::fitness(subject)
}
