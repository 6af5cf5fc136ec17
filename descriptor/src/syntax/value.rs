//! The pieces that many blocks share.

use crate::span::{Span, Spanned};

/// Named entries in the author's order; no name stands twice.
pub type Entries<T> = Vec<(Spanned<String>, T)>;

/// A value of any shape, where a descriptor quotes JSON: constants, examples, options, conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in the author's own characters, always a JSON number.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Spanned<Value>>),
    /// A map.
    Map(Entries<Spanned<Value>>),
}

/// Where in a message something stands: `$.a.b`, `{ header: NAME }`, or the long form with a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// All of it.
    pub span: Span,
    /// Which part of the message.
    pub target: Target,
    /// How the text there means a time or a number; several are tried in order.
    pub format: Vec<Spanned<String>>,
    /// A pattern whose first group is taken.
    pub pattern: Option<Spanned<String>>,
}

/// The part of a message that a [`Place`] points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A path in the body, `$.a.b`, not read yet.
    Body(Spanned<String>),
    /// A header.
    Header(Spanned<String>),
    /// A bare word. What it names depends on the key: a query parameter for a pager, a header for `learn`,
    /// nothing where only places may stand.
    Word(Spanned<String>),
}

impl Target {
    /// What was written, whichever part it points at.
    #[must_use]
    pub fn text(&self) -> &Spanned<String> {
        match self {
            Self::Body(text) | Self::Header(text) | Self::Word(text) => text,
        }
    }
}
