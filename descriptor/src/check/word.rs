//! The words of the tree as the words of the model.

use crate::model::{Algorithm, ArrayStyle, DateTimeFormat, Kind, Method, NumberFormat};
use crate::syntax;

macro_rules! same {
    ($($Word:ident { $($variant:ident),* })*) => {
        $(
            impl From<syntax::$Word> for $Word {
                fn from(word: syntax::$Word) -> Self {
                    match word {
                        $(syntax::$Word::$variant => Self::$variant,)*
                    }
                }
            }
        )*
    };
}

same! {
    Algorithm { Sliding, Fixed, Bucket, Concurrency }
    ArrayStyle { Repeat, Comma, Brackets }
    DateTimeFormat { Rfc3339, Unix, UnixMs }
    Method { Get, Post, Put, Patch, Delete, Head }
    NumberFormat { Number, String }
}

impl From<syntax::ErrorKind> for Kind {
    fn from(kind: syntax::ErrorKind) -> Self {
        match kind {
            syntax::ErrorKind::Invalid => Self::Invalid,
            syntax::ErrorKind::Unauthorized => Self::Unauthorized,
            syntax::ErrorKind::QuotaExceeded => Self::QuotaExceeded,
            syntax::ErrorKind::OutOfScope => Self::OutOfScope,
            syntax::ErrorKind::NotFound => Self::NotFound,
            syntax::ErrorKind::Conflict => Self::Conflict,
            syntax::ErrorKind::Unavailable => Self::Unavailable,
            syntax::ErrorKind::RateLimited => Self::RateLimited,
            syntax::ErrorKind::Rejected => Self::Rejected,
            syntax::ErrorKind::Server => Self::Server,
        }
    }
}
