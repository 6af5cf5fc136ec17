//! Names in Rust, and what collides.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{FieldName, TypeName};
use crate::span::{Span, Spanned};
use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::BTreeMap;

/// Every word that cannot be an identifier in some edition.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names of the prelude that generated code writes without a path: a model of that name would hide them.
pub(super) const PRELUDE: [&str; 21] = [
    "AsRef", "Box", "Clone", "Copy", "Debug", "Default", "Drop", "Err", "From", "Into", "Iterator", "None", "Ok",
    "Option", "Result", "Send", "Some", "String", "Sync", "ToString", "Vec",
];

/// Verbs of which the object is more than one.
const PLURAL_VERBS: [&str; 14] = [
    "aggregate",
    "all",
    "browse",
    "count",
    "each",
    "export",
    "filter",
    "find",
    "import",
    "list",
    "query",
    "scan",
    "search",
    "stats",
];

/// The `snake_case` name of a wire name; `None` where no letter or digit of ASCII is left.
pub(super) fn field_name(wire: &str) -> Option<FieldName> {
    let name = wire.to_snake_case();
    if !name.is_ascii() || name.is_empty() {
        return None;
    }
    let name = if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else {
        name
    };
    Some(FieldName(if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }))
}

/// The `UpperCamelCase` name of a wire name; `None` where no letter or digit of ASCII is left.
pub(super) fn type_name(wire: &str) -> Option<TypeName> {
    let name = wire.to_upper_camel_case();
    if !name.is_ascii() || name.is_empty() {
        return None;
    }
    let name = if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("N{name}")
    } else {
        name
    };
    Some(TypeName(if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }))
}

/// As [`type_name`], and not one of the prelude.
pub(super) fn item_name(wire: &str) -> Option<TypeName> {
    let name = type_name(wire)?;
    Some(if PRELUDE.contains(&name.as_str()) {
        TypeName(format!("{name}_"))
    } else {
        name
    })
}

/// The struct of an operation: verb and noun for one word, the words themselves for several.
pub(super) fn operation_name(resource: &str, operation: &str) -> Option<TypeName> {
    let verb = operation.to_snake_case();
    if verb.contains('_') {
        return type_name(operation);
    }
    let resource = resource.to_snake_case();
    let noun = if PLURAL_VERBS.contains(&verb.as_str()) {
        resource
    } else {
        singular(&resource)
    };
    type_name(&format!("{verb}_{noun}"))
}

/// The singular of the last word of a `snake_case` noun.
fn singular(noun: &str) -> String {
    let (head, last) = noun.rsplit_once('_').map_or(("", noun), |(head, last)| (head, last));
    let last = singular_word(last);
    if head.is_empty() {
        last
    } else {
        format!("{head}_{last}")
    }
}

fn singular_word(word: &str) -> String {
    const SAME: [&str; 8] = ["series", "species", "news", "data", "sales", "status", "sms", "dns"];
    const ODD: [(&str, &str); 4] = [
        ("people", "person"),
        ("children", "child"),
        ("movies", "movie"),
        ("analyses", "analysis"),
    ];
    if let Some((_, one)) = ODD.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    if SAME.contains(&word) || word.len() < 3 {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies")
        && stem.len() > 1
    {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "uses", "zzes"] {
        // `statuses` and `boxes`, but `warehouses` and `causes` keep their `e`.
        if word.ends_with(ending) && !word.ends_with("ouses") && !word.ends_with("auses") {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// The name of parameters or fields that exclude each other: what they begin with, else all of them.
pub(super) fn choice_name(members: &[&str]) -> String {
    let words: Vec<Vec<String>> = members
        .iter()
        .map(|member| member.to_snake_case().split('_').map(str::to_owned).collect())
        .collect();
    let Some(first) = words.first() else {
        return String::new();
    };
    let shared = first
        .iter()
        .enumerate()
        .take_while(|(at, word)| words.iter().all(|member| member.get(*at) == Some(*word)))
        .map(|(_, word)| word.as_str())
        .collect::<Vec<_>>()
        .join("_");
    if shared.is_empty() {
        let names: Vec<String> = members.iter().map(|member| member.to_snake_case()).collect();
        return names.join("_or_");
    }
    shared
}

/// Names of one namespace of Rust, and who took them.
#[derive(Debug, Default)]
pub(super) struct Taken {
    names: BTreeMap<String, (String, Span)>,
}

impl Taken {
    /// Takes a name, or says who has it.
    fn take(&mut self, rust: &str, written: &str, span: Span) -> Option<(String, Span)> {
        if let Some(other) = self.names.get(rust) {
            return Some(other.clone());
        }
        self.names.insert(rust.to_owned(), (written.to_owned(), span));
        None
    }

    /// Whether somebody has it.
    pub(super) fn has(&self, rust: &str) -> bool {
        self.names.contains_key(rust)
    }
}

impl Check<'_> {
    /// A `snake_case` name of its own in `taken`.
    pub(super) fn name_field(&mut self, taken: &mut Taken, written: &Spanned<String>, what: &str) -> FieldName {
        let Some(name) = field_name(written) else {
            self.nameless(written, what);
            return FieldName(String::new());
        };
        self.take(taken, name.as_str(), &written.value, written.span, what);
        name
    }

    /// An `UpperCamelCase` name of its own in `taken`.
    pub(super) fn name_type(&mut self, taken: &mut Taken, written: &Spanned<String>, what: &str) -> TypeName {
        let Some(name) = type_name(written) else {
            self.nameless(written, what);
            return TypeName(String::new());
        };
        self.take(taken, name.as_str(), &written.value, written.span, what);
        name
    }

    /// Takes a name that is already in Rust's form.
    pub(super) fn take(&mut self, taken: &mut Taken, rust: &str, written: &str, span: Span, what: &str) {
        let Some((other, place)) = taken.take(rust, written, span) else {
            return;
        };
        if place == span {
            return;
        }
        let message = if other == written {
            format!("two {what}s are named `{written}` in Rust")
        } else {
            format!("`{other}` and `{written}` are both `{rust}` in Rust")
        };
        self.push(
            Diagnostic::new(Code::CollidingNames, span, message)
                .label(format!("would be `{rust}` again"))
                .secondary(place, format!("is `{rust}` already"))
                .help("rename one of them"),
        );
    }

    /// A name that is a word of a descriptor: `snake_case` or close to it.
    pub(super) fn nameless(&mut self, written: &Spanned<String>, what: &str) {
        self.push(
            Diagnostic::new(Code::BadName, written.span, format!("`{}` gives no name in Rust", written.value))
                .label(format!("a {what} needs a letter or a digit of ASCII"))
                .help("where the wire name must stay, write `rust_name: { name: \"wire name\", … }`, or `rust_name: \"wire value\"` in an enum"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(wire: &str) -> String {
        field_name(wire).map(|name| name.0).unwrap_or_default()
    }

    fn operation(resource: &str, name: &str) -> String {
        operation_name(resource, name).map(|name| name.0).unwrap_or_default()
    }

    #[test]
    fn wire_names_become_snake_case() {
        assert_eq!(field("contactId"), "contact_id");
        assert_eq!(field("X-Request-ID"), "x_request_id");
        assert_eq!(field("_object"), "object");
        assert_eq!(field("3pl"), "n3pl");
        assert_eq!(field("-"), "");
        assert_eq!(field("größe"), "");
    }

    #[test]
    fn keywords_get_an_underscore() {
        assert_eq!(field("type"), "type_");
        assert_eq!(field("Self"), "self_");
        assert_eq!(type_name("self").map(|name| name.0).as_deref(), Some("Self_"));
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn a_model_does_not_hide_the_prelude() {
        assert_eq!(item_name("option").map(|name| name.0).as_deref(), Some("Option_"));
        assert_eq!(item_name("Order").map(|name| name.0).as_deref(), Some("Order"));
    }

    #[test]
    fn one_word_takes_the_noun_of_its_resource() {
        assert_eq!(operation("orders", "list"), "ListOrders");
        assert_eq!(operation("orders", "get"), "GetOrder");
        assert_eq!(operation("inventory", "get"), "GetInventory");
        assert_eq!(operation("purchase_orders", "create"), "CreatePurchaseOrder");
        assert_eq!(operation("companies", "me"), "MeCompany");
    }

    #[test]
    fn several_words_stand_for_themselves() {
        assert_eq!(operation("listings", "count_variants"), "CountVariants");
    }

    #[test]
    fn nouns_become_one() {
        for (many, one) in [
            ("orders", "order"),
            ("addresses", "address"),
            ("statuses", "status"),
            ("boxes", "box"),
            ("batches", "batch"),
            ("warehouses", "warehouse"),
            ("prices", "price"),
            ("cases", "case"),
            ("inventory", "inventory"),
            ("status", "status"),
            ("companies", "company"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn a_choice_is_named_after_what_its_members_begin_with() {
        assert_eq!(choice_name(&["findByCategory", "findByHandles", "findById"]), "find_by");
        assert_eq!(choice_name(&["skus", "ids"]), "skus_or_ids");
        assert_eq!(choice_name(&["status", "statuses"]), "status_or_statuses");
    }
}
