//! Operations as data.

use crate::{DecodeError, Reply, Request, Spec, Ticked};
use std::fmt;

/// One request of a provider, as data: it can be stored, queued, cloned and logged.
pub trait Operation: Clone + fmt::Debug + Send + Sync + 'static {
    /// What a success holds.
    type Output: Send + 'static;
    /// What the body of a failure holds: the provider's enum, or [`NoErrorBody`].
    type Failure: ErrorBody;
    /// What is constant about it.
    const SPEC: &'static Spec;

    /// Writes the request. Mistakes are recorded in it, and reported when it is sent.
    fn encode(&self, request: &mut Request);

    /// Reads the answer.
    ///
    /// # Errors
    /// When the answer is not what the descriptor says.
    fn decode(reply: &Reply) -> Result<Self::Output, DecodeError>;
}

/// Says that a client with a token `T` may call this operation.
///
/// It repeats the guard of the handle's method: `Client::call` asks for it, so that a method whose guard is missing or
/// too weak does not compile in the generated crate.
pub trait PermittedBy<T: ?Sized> {
    #[doc(hidden)]
    const USE_MACRO: Ticked;
}

/// An operation whose answer comes in pages.
#[diagnostic::on_unimplemented(
    message = "the answers of `{Self}` do not come in pages",
    label = "there is one answer: use `send`",
    note = "an operation has pages where the descriptor gives it a `pager`"
)]
pub trait Paged: Operation<Output = Vec<<Self as Paged>::Item>> {
    /// One of many.
    type Item: Send + 'static;
}

/// An operation over a list that may be sent in parts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not sent in parts",
    label = "there is one request: use `send`",
    note = "an operation is split where the descriptor says `batch: {{ split: true }}`"
)]
pub trait Splits: Operation {
    /// One element of the list.
    type Item: Clone + Send + Sync + 'static;

    /// The list.
    fn items(&self) -> &[Self::Item];

    /// The same operation over another list.
    #[must_use]
    fn with_items(&self, items: Vec<Self::Item>) -> Self;
}

/// The bodies of a provider's failures, one enum.
pub trait ErrorBody: fmt::Debug + Send + Sync + Sized + 'static {
    /// Reads a body as the model with this number; `None` where it does not fit.
    fn read(model: usize, body: &[u8]) -> Option<Self>;
}

/// The failures of a provider that declares no error model.
#[derive(Clone, Copy, Debug)]
pub enum NoErrorBody {}

impl ErrorBody for NoErrorBody {
    fn read(_: usize, _: &[u8]) -> Option<Self> {
        None
    }
}

/// A value that is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Absent;

/// A value that is given. It has no `Default`: a derived one would give `0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Given<V>(pub V);

/// A value whose presence depends on the token: [`Given<V>`] or [`Absent`], and `Option<V>` where either will do.
#[diagnostic::on_unimplemented(
    message = "a value that depends on the token is `Given(…)`, `Absent` or an `Option`, not `{Self}`",
    label = "use the setter"
)]
pub trait Conditional<V>: Clone + fmt::Debug + Send + Sync + 'static {
    /// The value, if there is one.
    fn value(&self) -> Option<&V>;
}

impl<V> Conditional<V> for Absent {
    fn value(&self) -> Option<&V> {
        None
    }
}

impl<V: Clone + fmt::Debug + Send + Sync + 'static> Conditional<V> for Given<V> {
    fn value(&self) -> Option<&V> {
        Some(&self.0)
    }
}

impl<V: Clone + fmt::Debug + Send + Sync + 'static> Conditional<V> for Option<V> {
    fn value(&self) -> Option<&V> {
        self.as_ref()
    }
}
