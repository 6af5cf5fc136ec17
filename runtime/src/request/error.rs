//! Mistakes of a request that is never sent.

use std::fmt;

/// Why a request could not be written. It is found while the operation is encoded, and reported when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value of the path is empty: the request would go to another route.
    EmptyPathValue {
        /// The hole.
        name: String,
    },
    /// A value of the path would change its segments, as `..` does.
    PathEscapes {
        /// The path's template.
        path: &'static str,
    },
    /// A hole of the path has no value.
    MissingPathValue {
        /// The hole.
        name: String,
    },
    /// A parameter has a value that cannot be sent.
    Value {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A header would hold a character that headers cannot carry.
    Header {
        /// Its name.
        name: String,
    },
    /// A list is longer than the provider takes.
    TooManyItems {
        /// The parameter or field.
        name: &'static str,
        /// How many there are.
        len: usize,
        /// How many there may be.
        max: u32,
    },
    /// A batch is longer than the provider takes.
    BatchTooLong {
        /// How many elements there are.
        len: usize,
        /// How many there may be.
        max: u32,
    },
    /// The body is longer than the provider takes.
    BodyTooLong {
        /// How many bytes there are.
        len: usize,
        /// How many there may be.
        max: u64,
    },
    /// The body, or a value in it, cannot be written.
    Body {
        /// Why.
        problem: String,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPathValue { name } => write!(f, "the path value `{name}` is empty"),
            Self::PathEscapes { path } => write!(f, "a value would lead out of the path `{path}`"),
            Self::MissingPathValue { name } => write!(f, "the path value `{name}` is missing"),
            Self::Value { name, problem } => write!(f, "`{name}` cannot be sent: {problem}"),
            Self::Header { name } => write!(
                f,
                "the header `{name}` would hold a character that headers cannot carry"
            ),
            Self::TooManyItems { name, len, max } => {
                write!(f, "`{name}` has {len} elements, and the provider takes {max}")
            }
            Self::BatchTooLong { len, max } => {
                write!(f, "the batch has {len} elements, and the provider takes {max}")
            }
            Self::BodyTooLong { len, max } => write!(f, "the body has {len} bytes, and the provider takes {max}"),
            Self::Body { problem } => write!(f, "the body cannot be written: {problem}"),
        }
    }
}

impl std::error::Error for EncodeError {}
