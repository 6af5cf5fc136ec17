//! Models and the types of their fields.

use super::{ArrayStyle, DateTimeFormat, Deprecated, Entries, NumberFormat, Value};
use crate::span::{Span, Spanned};

/// A type as written: a text, or a YAML list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `int!`, `string|null`, `"[Parcel]!"`; not read yet.
    Text(Spanned<String>),
    /// `[Order]`: the type of the elements, and the place of the whole.
    List(Box<Type>, Span),
}

impl Type {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::List(_, span) => *span,
        }
    }
}

/// One of `models`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// All of it.
    pub span: Span,
    /// `$docs`.
    pub docs: Option<Spanned<String>>,
    /// `$enum`.
    pub enum_: Option<Enum>,
    /// `$union`.
    pub union: Option<Union>,
    /// `$alias`.
    pub alias: Option<Type>,
    /// `$open`: what is known is partial, so that unknown fields are kept.
    pub open: Option<Spanned<bool>>,
    /// `$from`: a schema of the OpenAPI file.
    pub from: Option<Spanned<String>>,
    /// `$one_of`: sets of fields of which exactly one is given.
    pub one_of: Vec<Spanned<Vec<Spanned<String>>>>,
    /// `$at_most_one`: sets of fields of which one may be given.
    pub at_most_one: Vec<Spanned<Vec<Spanned<String>>>>,
    /// Its fields, by the key they stand under.
    pub fields: Entries<Field>,
}

/// `$enum`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// All of it.
    pub span: Span,
    /// The values in the author's order.
    pub values: Vec<EnumValue>,
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// The name, where it is not derived from the wire value.
    pub name: Option<Spanned<String>>,
    /// What travels.
    pub wire: Spanned<String>,
}

/// `$union`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// All of it.
    pub span: Span,
    /// The field that tells the variants apart.
    pub tag: Option<Spanned<String>>,
    /// Value of the tag and type; or the Rust name, with the value of the tag inside.
    pub variants: Entries<Variant>,
    /// Kind of JSON and type, instead of both.
    pub kinds: Entries<Type>,
}

/// A variant of a union with a tag. The short form `tag: type` gives only the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// `name`: the value of the tag.
    pub name: Option<Spanned<String>>,
    /// The model.
    pub type_: Type,
}

/// A field of a model. The short form `name: type` gives only the type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// All of it.
    pub span: Span,
    /// Whether `null` stood here: the OpenAPI file's field of this name is removed.
    pub removed: bool,
    /// Its type.
    pub type_: Option<Type>,
    /// The wire name, where the key is not.
    pub name: Option<Spanned<String>>,
    /// Always this value, and not in the Rust type.
    pub const_: Option<Spanned<Value>>,
    /// How it is written; what may stand here depends on the type.
    pub format: Option<Spanned<String>>,
    /// How a list is written into a form.
    pub style: Option<Spanned<ArrayStyle>>,
    /// The media type of a part of a multipart body.
    pub content: Option<Spanned<String>>,
    /// The most elements that the provider takes.
    pub max_items: Option<Spanned<u64>>,
    /// Whether its use is discouraged.
    pub deprecated: Option<Deprecated>,
    /// A text for readers.
    pub docs: Option<Spanned<String>>,
}

/// `formats`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    /// All of it.
    pub span: Span,
    /// Lists in queries and forms.
    pub array: Option<Spanned<ArrayStyle>>,
    /// Decimals in JSON.
    pub decimal: Option<Spanned<NumberFormat>>,
    /// Integers in JSON.
    pub int: Option<Spanned<NumberFormat>>,
    /// Points in time.
    pub datetime: Option<Spanned<DateTimeFormat>>,
}
