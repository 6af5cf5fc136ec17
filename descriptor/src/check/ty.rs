//! Type expressions: `int!`, `[T]`, `map<T>`, `T|null`.

use super::{Check, Fault};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::model::{ArrayStyle, DateTimeFormat, DefinitionId, NumberFormat, Type};
use crate::span::{Span, Spanned};
use crate::syntax;
use std::ops::Range;

/// The names that are types without a model.
pub(super) const BUILT_IN: [&str; 12] = [
    "string", "int", "float", "decimal", "bool", "date", "datetime", "uuid", "url", "bytes", "json", "secret",
];

/// How values are written where a field or parameter does not say so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Formats {
    pub(super) array: ArrayStyle,
    pub(super) decimal: NumberFormat,
    pub(super) int: NumberFormat,
    pub(super) datetime: DateTimeFormat,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            array: ArrayStyle::Repeat,
            decimal: NumberFormat::Number,
            int: NumberFormat::Number,
            datetime: DateTimeFormat::Rfc3339,
        }
    }
}

/// A type expression, its names not resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression<At> {
    pub(super) kind: Kind<At>,
    /// `T|null`.
    pub(super) nullable: bool,
    /// `T!`.
    pub(super) required: bool,
}

/// What a type expression is without its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<At> {
    Name(String, At),
    List(Box<Kind<At>>),
    Map(Box<Kind<At>>),
}

impl<At> Kind<At> {
    fn at<To>(self, change: &impl Fn(At) -> To) -> Kind<To> {
        match self {
            Self::Name(name, at) => Kind::Name(name, change(at)),
            Self::List(inner) => Kind::List(Box::new(inner.at(change))),
            Self::Map(inner) => Kind::Map(Box::new(inner.at(change))),
        }
    }
}

/// A type with its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) ty: Type,
    pub(super) nullable: bool,
    pub(super) required: bool,
}

/// Reads a type written as text.
pub(super) fn parse_type(text: &str) -> Result<Expression<Range<usize>>, Fault> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let kind = reader.kind()?;
    let nullable = reader.take("|");
    if nullable && !reader.take("null") {
        return Err(reader.fault("only `null` may stand after the `|`"));
    }
    let required = reader.take("!");
    reader.blanks();
    if reader.at < text.len() {
        return Err(reader.fault("nothing is expected here"));
    }
    Ok(Expression {
        kind,
        nullable,
        required,
    })
}

/// Deeper types than this are a mistake, and would only cost stack.
const DEPTH: usize = 16;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn fault(&self, problem: &str) -> Fault {
        Fault::new(self.at.min(self.text.len())..self.text.len(), problem)
    }

    fn kind(&mut self) -> Result<Kind<Range<usize>>, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.fault("too deep"));
        }
        if self.take("[") {
            let inner = self.element()?;
            return if self.take("]") {
                Ok(Kind::List(inner))
            } else {
                Err(self.fault("a `]` is expected"))
            };
        }
        self.blanks();
        let start = self.at;
        let length = self
            .rest()
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '-'))
            .unwrap_or(self.rest().len());
        self.at += length;
        let name = self.text.get(start..self.at).unwrap_or("");
        if name.is_empty() {
            return Err(self.fault("a type is expected"));
        }
        if name == "map" && self.take("<") {
            let inner = self.element()?;
            return if self.take(">") {
                Ok(Kind::Map(inner))
            } else {
                Err(self.fault("a `>` is expected"))
            };
        }
        Ok(Kind::Name(name.to_owned(), start..start + length))
    }

    /// What a list or a map holds: a type without marks.
    fn element(&mut self) -> Result<Box<Kind<Range<usize>>>, Fault> {
        let inner = self.kind()?;
        self.blanks();
        if self.rest().starts_with('!') || self.rest().starts_with('|') {
            return Err(self.fault("an element is always there: `!` and `|null` stand behind the whole type"));
        }
        Ok(Box::new(inner))
    }
}

impl Check<'_> {
    /// A type as written, its names not resolved.
    pub(super) fn read_type(&mut self, ty: &syntax::Type) -> Option<Expression<Span>> {
        match ty {
            syntax::Type::Text(text) => match parse_type(text) {
                Ok(expression) => Some(Expression {
                    kind: expression.kind.at(&|range| text.part(range)),
                    nullable: expression.nullable,
                    required: expression.required,
                }),
                Err(fault) => {
                    self.fault(Code::BadTypeExpression, text, &fault, "type");
                    None
                }
            },
            syntax::Type::List(inner, span) => {
                let expression = self.read_type(inner)?;
                if expression.nullable || expression.required {
                    self.push(
                        Diagnostic::new(Code::BadTypeExpression, inner.span(), "a mark on the element of a list")
                            .label("an element is always there")
                            .secondary(*span, "the list")
                            .help("a mark of the list itself stands behind it, and the whole is quoted: `\"[T]!\"`"),
                    );
                }
                Some(Expression {
                    kind: Kind::List(Box::new(expression.kind)),
                    nullable: false,
                    required: false,
                })
            }
        }
    }

    /// A type with its marks.
    pub(super) fn check_type(&mut self, ty: &syntax::Type, formats: Formats) -> Option<Marked> {
        let expression = self.read_type(ty)?;
        Some(Marked {
            ty: self.resolve_type(&expression.kind, formats),
            nullable: expression.nullable,
            required: expression.required,
        })
    }

    /// A type where marks make no sense.
    pub(super) fn check_plain_type(&mut self, ty: &syntax::Type, formats: Formats, what: &str) -> Option<Type> {
        let marked = self.check_type(ty, formats)?;
        self.refuse_marks(ty, marked.nullable || marked.required, what);
        Some(marked.ty)
    }

    /// A type with its names resolved; any JSON for a name that nothing defines, which is reported.
    pub(super) fn resolve_type(&mut self, kind: &Kind<Span>, formats: Formats) -> Type {
        match kind {
            Kind::List(inner) => Type::List(Box::new(self.resolve_type(inner, formats))),
            Kind::Map(inner) => Type::Map(Box::new(self.resolve_type(inner, formats))),
            Kind::Name(name, span) => {
                let known = built_in(name, formats).or_else(|| self.definition(name).map(Type::Named));
                known.unwrap_or_else(|| {
                    self.unknown_type(name, *span);
                    Type::Json
                })
            }
        }
    }

    /// The model of that name.
    pub(super) fn definition(&self, name: &str) -> Option<DefinitionId> {
        self.definition_names.get(name).copied()
    }

    fn unknown_type(&mut self, name: &str, span: Span) {
        let models = self.descriptor.models.iter().map(|(model, _)| model.as_str());
        let problem = Diagnostic::new(Code::DanglingName, span, format!("unknown type `{name}`"));
        let problem = match suggest::nearest(name, models.chain(BUILT_IN)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if name == "text" => problem.help("`text` is for bodies and answers; a field of text is a `string`"),
            None => problem.help(format!("a model of `models`, or one of {}", suggest::list(&BUILT_IN))),
        };
        self.push(problem);
    }

    /// The model that one type names, for places where only a model may stand.
    pub(super) fn check_model_name(&mut self, ty: &syntax::Type, what: &str) -> Option<DefinitionId> {
        let expression = self.read_type(ty)?;
        if let Kind::Name(name, span) = &expression.kind {
            if let Some(id) = self.definition(name) {
                self.refuse_marks(ty, expression.nullable || expression.required, what);
                return Some(id);
            }
            if !BUILT_IN.contains(&name.as_str()) {
                self.unknown_type(name, *span);
                return None;
            }
        }
        self.push(
            Diagnostic::new(Code::WrongType, ty.span(), format!("{what} must be a model"))
                .label("the name of a model is expected"),
        );
        None
    }

    fn refuse_marks(&mut self, ty: &syntax::Type, marked: bool, what: &str) {
        if marked {
            self.push(
                Diagnostic::new(
                    Code::BadTypeExpression,
                    ty.span(),
                    format!("a mark on the type of {what}"),
                )
                .label(format!("{what} is always there"))
                .help("leave out `!` and `|null`"),
            );
        }
    }

    /// The text of a type, if it is one bare name.
    pub(super) fn bare_name(ty: &syntax::Type) -> Option<&Spanned<String>> {
        match ty {
            syntax::Type::Text(text) => Some(text),
            syntax::Type::List(..) => None,
        }
    }
}

fn built_in(name: &str, formats: Formats) -> Option<Type> {
    Some(match name {
        "string" => Type::String,
        "int" => Type::Int(formats.int),
        "float" => Type::Float,
        "decimal" => Type::Decimal(formats.decimal),
        "bool" => Type::Bool,
        "date" => Type::Date,
        "datetime" => Type::DateTime(formats.datetime),
        "uuid" => Type::Uuid,
        "url" => Type::Url,
        "bytes" => Type::Bytes,
        "json" => Type::Json,
        "secret" => Type::Secret,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &Kind<Range<usize>>) -> String {
        match kind {
            Kind::Name(name, _) => name.clone(),
            Kind::List(inner) => format!("[{}]", shown(inner)),
            Kind::Map(inner) => format!("map<{}>", shown(inner)),
        }
    }

    fn read(text: &str) -> Option<(String, bool, bool)> {
        let expression = parse_type(text).ok()?;
        Some((shown(&expression.kind), expression.nullable, expression.required))
    }

    #[test]
    fn marks_stand_behind_the_type() {
        assert_eq!(read("int"), Some(("int".into(), false, false)));
        assert_eq!(read("int!"), Some(("int".into(), false, true)));
        assert_eq!(read("string|null"), Some(("string".into(), true, false)));
        assert_eq!(read("string|null!"), Some(("string".into(), true, true)));
        assert_eq!(read("[Parcel]!"), Some(("[Parcel]".into(), false, true)));
    }

    #[test]
    fn lists_and_maps_nest() {
        assert_eq!(read("map<[string]>"), Some(("map<[string]>".into(), false, false)));
        assert_eq!(
            read("[map<[webhookDto.Customer]>]|null"),
            Some(("[map<[webhookDto.Customer]>]".into(), true, false))
        );
    }

    #[test]
    fn a_name_knows_where_it_stands() {
        let expression = parse_type("map<[Order]>");
        assert_eq!(
            expression.map(|expression| expression.kind),
            Ok(Kind::Map(Box::new(Kind::List(Box::new(Kind::Name(
                "Order".into(),
                5..10
            ))))))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "!",
            "[int",
            "int]",
            "map<int",
            "int|string",
            "int!!",
            "int!|null",
            "[int!]",
            "map<a|null>",
            "[]",
            "a b",
            "[[[[[[[[[[[[[[[[[[[[a",
        ] {
            assert!(parse_type(text).is_err(), "{text}");
        }
    }
}
