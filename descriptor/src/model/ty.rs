//! Types: what bodies and parameters consist of.

use super::{Choice, DefinitionId, FieldName, Line, TypeName};

/// A type of a field, a parameter or a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Text.
    String,
    /// A 64-bit integer; written as given here, read from either.
    Int(NumberFormat),
    /// A 64-bit float.
    Float,
    /// An exact decimal; written as given here, read from either.
    Decimal(NumberFormat),
    /// A bool.
    Bool,
    /// `YYYY-MM-DD`
    Date,
    /// An instant.
    DateTime(DateTimeFormat),
    /// A UUID.
    Uuid,
    /// A URL.
    Url,
    /// Bytes: base64 in JSON, a file part in multipart.
    Bytes,
    /// Any JSON.
    Json,
    /// Text that may never be shown.
    Secret,
    /// `[T]`
    List(Box<Type>),
    /// `map<T>`, keys are text.
    Map(Box<Type>),
    /// A model.
    Named(DefinitionId),
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberFormat {
    /// `1.5`
    Number,
    /// `"1.5"`
    String,
}

/// How an instant is written; exported as part of [`Type::DateTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateTimeFormat {
    /// `1994-11-06T08:49:37Z`
    Rfc3339,
    /// Seconds since 1970, a number.
    Unix,
    /// Milliseconds since 1970, a number.
    UnixMs,
}

/// How a list is written in a query, a header or a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArrayStyle {
    /// `a=1&a=2`
    Repeat,
    /// `a=1,2`
    Comma,
    /// `a[]=1&a[]=2`
    Brackets,
}

/// A model of the descriptor.
#[derive(Clone, Debug)]
pub struct Definition {
    /// As written.
    pub name: String,
    /// In Rust.
    pub rust: TypeName,
    /// For people.
    pub docs: Option<String>,
    /// What it is.
    pub shape: Shape,
    /// Whether a request body or parameter contains it.
    pub in_request: bool,
    /// Whether an answer contains it.
    pub in_response: bool,
    /// Where it is declared.
    pub line: Line,
}

/// What a model is.
#[derive(Clone, Debug)]
pub enum Shape {
    /// An object.
    Record(Record),
    /// `$enum`: open, an unknown value is kept.
    Enum(Vec<Variant>),
    /// `$union`: what says by a tag, or by its kind of JSON, which model it is; an unknown one is kept as JSON.
    Union {
        /// The field that holds the tag; `None` where the kind of JSON decides.
        tag: Option<String>,
        /// By tag, or by kind: `object`, `list`, `text`, `number`, `bool`.
        variants: Vec<UnionVariant>,
    },
    /// `$alias`: another name for a type.
    Alias(Type),
}

/// An object.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// In the author's order.
    pub fields: Vec<Field>,
    /// `$one_of` and `$at_most_one`: fields that exclude each other, one enum in Rust each.
    pub choices: Vec<Choice>,
    /// `$open`: what is known is partial, so unknown fields are kept.
    pub open: bool,
}

/// A field of a [`Record`].
#[derive(Clone, Debug)]
pub struct Field {
    /// The key in JSON.
    pub wire: String,
    /// In Rust.
    pub rust: FieldName,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing.
    pub presence: FieldPresence,
    /// `const`: always written, not in the Rust type. JSON text.
    pub constant: Option<String>,
    /// Must be behind a `Box`, because the model contains itself.
    pub boxed: bool,
    /// The most elements of a list.
    pub max_items: Option<u32>,
    /// How a list is written in a form.
    pub style: ArrayStyle,
    /// The media type of its part in a multipart body.
    pub content: Option<String>,
    /// Why not to use it.
    pub deprecated: Option<String>,
    /// For people.
    pub docs: Option<String>,
}

/// Whether a field may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldPresence {
    /// `T!`
    Required,
    /// `T`: unset is not written, null is read as absent.
    Optional,
    /// `T|null`: absent keeps, null clears, a value sets.
    Clearable,
    /// `T|null!`: always written, null or a value.
    Nullable,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct Variant {
    /// In JSON.
    pub wire: String,
    /// In Rust.
    pub rust: TypeName,
}

/// A model of a union.
#[derive(Clone, Debug)]
pub struct UnionVariant {
    /// The tag's value, or the kind.
    pub tag: String,
    /// In Rust.
    pub rust: TypeName,
    /// The model; a record where a tag decides.
    pub definition: DefinitionId,
}
