//! What failures look like.

use super::{Entries, ErrorKind, Place, Type, Value};
use crate::span::{Span, Spanned};

/// `errors`: where the body of a failure says what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    /// All of it.
    pub span: Span,
    /// Its model.
    pub body: Option<Type>,
    /// A text for people; the first place that holds one.
    pub message: Vec<Place>,
    /// A code for programs.
    pub code: Vec<Place>,
    /// The provider's number of the request.
    pub request_id: Vec<Place>,
}

/// One of `classify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All of it.
    pub span: Span,
    /// What must hold.
    pub when: Option<When>,
    /// What it then is.
    pub kind: Option<Spanned<ErrorKind>>,
    /// What to tell the caller.
    pub hint: Option<Spanned<String>>,
    /// The model of this failure.
    pub body: Option<Type>,
}

/// `when`: all that is given must hold; of several values one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// All of it.
    pub span: Span,
    /// The status.
    pub status: Vec<Spanned<Status>>,
    /// The code, from where `errors` says it is.
    pub code: Vec<Spanned<String>>,
    /// Headers.
    pub header: Entries<Vec<Spanned<String>>>,
    /// Places in the body, not read yet.
    pub body: Entries<Vec<Spanned<Value>>>,
    /// A place that holds something.
    pub present: Option<Place>,
}

/// `unwrap`: a place, or `{ body, when }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrap {
    /// The place, not read yet.
    pub body: Spanned<String>,
    /// Places and values of what wraps: where they are not, nothing does.
    pub when: Entries<Vec<Spanned<Value>>>,
}

/// One status, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// `404`.
    Code(u16),
    /// `2xx`: the first digit.
    Class(u8),
}
