//! The paths that generated code names, and how a module imports them.
//!
//! Templates write every path in full: `tollgate::Call`, `super::scope::Sales`. Before a module is printed, each such
//! path is cut down to what people write, and its head goes into a `use` at the top. A name that the module defines
//! itself is left in full, so that a model `Url` and the runtime's `Url` can stand in one module.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

/// Where an importable path may begin.
const ROOTS: [&str; 3] = ["std", "super", "tollgate"];

/// Modules that are imported as such: `scope::Sales` says more than `Sales`.
const MODULES: [&str; 12] = [
    "fmt", "format", "lists", "models", "open", "record", "role", "rule", "scope", "settings", "union", "webhook",
];

/// The items with short paths, after the imports that they need; and the module's documentation.
pub(crate) fn import(items: &TokenStream, docs: &[String]) -> (TokenStream, Vec<String>) {
    let mut defined = defined(items);
    parameters(items, &mut defined);
    let mut imports = Imports {
        defined,
        names: BTreeMap::new(),
    };
    let items = imports.shorten(items);
    let items = imports.shorten_docs(&items);
    let docs = docs.iter().map(|line| imports.shorten_links(line)).collect();
    let uses = imports.uses();
    (quote! { #uses #items }, docs)
}

/// The names that the items define in this module, or bring into it.
fn defined(items: &TokenStream) -> BTreeSet<String> {
    let words = ["enum", "fn", "macro_rules", "mod", "static", "struct", "trait", "type"];
    let mut names = BTreeSet::new();
    let mut trees = items.clone().into_iter().peekable();
    while let Some(tree) = trees.next() {
        let TokenTree::Ident(word) = tree else { continue };
        if words.contains(&word.to_string().as_str())
            && let Some(TokenTree::Ident(name)) = trees.peek()
        {
            names.insert(name.to_string());
        } else if word == "use" {
            let mut last = None;
            for tree in trees.by_ref() {
                match tree {
                    TokenTree::Ident(name) => last = Some(name.to_string()),
                    TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                    TokenTree::Group(group) => {
                        let listed = group.stream().into_iter().filter_map(|tree| match tree {
                            TokenTree::Ident(name) => Some(name.to_string()),
                            _ => None,
                        });
                        names.extend(listed);
                    }
                    _ => {}
                }
            }
            names.extend(last);
        }
    }
    names
}

/// Type parameters that are named after a rule; an import of that name would be hidden where they stand.
fn parameters(items: &TokenStream, names: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = items.clone().into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => parameters(&group.stream(), names),
            TokenTree::Ident(root) if root == "super" => {
                if let [_, rule, name] = path_at(&trees, at).as_slice()
                    && rule == "rule"
                {
                    names.insert(name.clone());
                }
            }
            _ => {}
        }
    }
}

struct Imports {
    defined: BTreeSet<String>,
    /// By short name, the path it stands for.
    names: BTreeMap<String, Vec<String>>,
}

impl Imports {
    fn shorten(&mut self, items: &TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = items.clone().into_iter().collect();
        let mut short = Vec::with_capacity(trees.len());
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            match tree {
                TokenTree::Group(group) => {
                    let inner = self.shorten(&group.stream());
                    let mut group = Group::new(group.delimiter(), inner);
                    group.set_span(Span::call_site());
                    short.push(TokenTree::Group(group));
                    at += 1;
                }
                TokenTree::Ident(word) if word == "use" => {
                    // What is re-exported is named in full.
                    let end = end_of_use(&trees, at);
                    short.extend(trees.get(at..end).unwrap_or_default().iter().cloned());
                    at = end;
                }
                TokenTree::Ident(root) if ROOTS.contains(&root.to_string().as_str()) && !follows_path(&trees, at) => {
                    let path = path_at(&trees, at);
                    let cut = self.cut(&path);
                    // A segment and the two colons behind it are three trees.
                    at += cut * 3;
                    if let Some(tree) = trees.get(at) {
                        short.push(tree.clone());
                        at += 1;
                    }
                }
                other => {
                    short.push(other.clone());
                    at += 1;
                }
            }
        }
        short.into_iter().collect()
    }

    /// How many segments at the beginning of a path an import makes unnecessary.
    fn cut(&mut self, path: &[String]) -> usize {
        let Some(named) = path.iter().position(|segment| {
            MODULES.contains(&segment.as_str()) || segment.starts_with(|c: char| c.is_ascii_uppercase())
        }) else {
            return 0;
        };
        let (Some(name), Some(full)) = (path.get(named), path.get(..=named)) else {
            return 0;
        };
        if self.defined.contains(name) {
            return 0;
        }
        let known = self.names.entry(name.clone()).or_insert_with(|| full.to_vec());
        if known == full { named } else { 0 }
    }

    /// Links of documentation, which rustdoc wants as short as they can be.
    fn shorten_docs(&self, items: &TokenStream) -> TokenStream {
        let mut is_doc = false;
        let short = items.clone().into_iter().map(|tree| match tree {
            TokenTree::Group(group) => {
                let mut short = Group::new(group.delimiter(), self.shorten_docs(&group.stream()));
                short.set_span(Span::call_site());
                TokenTree::Group(short)
            }
            TokenTree::Ident(word) => {
                is_doc = word == "doc";
                TokenTree::Ident(word)
            }
            TokenTree::Literal(text) if is_doc => {
                is_doc = false;
                match syn::parse_str::<syn::LitStr>(&text.to_string()) {
                    Ok(line) => TokenTree::Literal(Literal::string(&self.shorten_links(&line.value()))),
                    Err(_) => TokenTree::Literal(text),
                }
            }
            TokenTree::Literal(text) => TokenTree::Literal(text),
            TokenTree::Punct(punct) => TokenTree::Punct(punct),
        });
        short.collect()
    }

    fn shorten_links(&self, line: &str) -> String {
        let mut line = line.to_owned();
        if line.contains("](super::") {
            for (name, path) in &self.names {
                line = line.replace(&format!("[`{name}`]({})", path.join("::")), &format!("[`{name}`]"));
            }
        }
        line
    }

    fn uses(&self) -> TokenStream {
        let mut by_parent: BTreeMap<&[String], Vec<&String>> = BTreeMap::new();
        for path in self.names.values() {
            if let Some((name, parent)) = path.split_last() {
                by_parent.entry(parent).or_default().push(name);
            }
        }
        let uses = by_parent.iter().map(|(parent, names)| {
            let parent = parent.iter().map(|segment| Ident::new(segment, Span::call_site()));
            let names = names.iter().map(|name| Ident::new(name, Span::call_site()));
            if names.len() == 1 {
                quote! { use #(#parent::)* #(#names)*; }
            } else {
                quote! { use #(#parent::)* {#(#names),*}; }
            }
        });
        quote! { #(#uses)* }
    }
}

/// The position behind the `;` of a `use`.
fn end_of_use(trees: &[TokenTree], at: usize) -> usize {
    let rest = trees.get(at..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|tree| is_punct(tree, ';'))
        .map_or(rest.len(), |end| end + 1);
    at + length
}

/// The segments of the path that begins here.
fn path_at(trees: &[TokenTree], at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut rest = trees.get(at..).unwrap_or_default();
    while let [TokenTree::Ident(segment), tail @ ..] = rest {
        path.push(segment.to_string());
        match tail {
            [first, second, next @ ..] if is_punct(first, ':') && is_punct(second, ':') => rest = next,
            _ => break,
        }
    }
    path
}

/// Whether the word here is a later segment of a path, as in `::tollgate` and `provider::super`.
fn follows_path(trees: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| trees.get(at));
    before(1).is_some_and(|tree| is_punct(tree, ':')) && before(2).is_some_and(|tree| is_punct(tree, ':'))
}

fn is_punct(tree: &TokenTree, c: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == c)
}

#[cfg(test)]
mod runtime;

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(items: &TokenStream) -> String {
        import(items, &[]).0.to_string()
    }

    #[test]
    fn paths_are_imported_once_and_cut() {
        let items = quote! {
            fn call(a: tollgate::Call<super::models::Order>, b: tollgate::Call<super::models::Line>) -> std::fmt::Result {}
        };
        let expected = quote! {
            use std::fmt;
            use super::models;
            use tollgate::Call;
            fn call(a: Call<models::Order>, b: Call<models::Line>) -> fmt::Result {}
        };
        assert_eq!(imported(&items), expected.to_string());
    }

    #[test]
    fn a_name_of_the_module_is_not_hidden() {
        let items = quote! {
            pub struct Client<T> { client: tollgate::Client<T> }
            impl tollgate::spec::Named for Environment {}
        };
        let expected = quote! {
            use tollgate::spec::Named;
            pub struct Client<T> { client: tollgate::Client<T> }
            impl Named for Environment {}
        };
        assert_eq!(imported(&items), expected.to_string());
    }

    #[test]
    fn the_second_of_two_equal_names_stays_in_full() {
        let items = quote! { type A = (tollgate::Error, std::Error, tollgate::Error); };
        let expected = quote! { use tollgate::Error; type A = (Error, std::Error, Error); };
        assert_eq!(imported(&items), expected.to_string());
    }

    #[test]
    fn a_type_parameter_hides_no_import() {
        let items = quote! {
            impl<Method: super::rule::Method<T>> A<Method> {
                const METHOD: tollgate::Method = tollgate::Method::Get;
            }
        };
        let expected = quote! {
            use super::rule;
            impl<Method: rule::Method<T>> A<Method> {
                const METHOD: tollgate::Method = tollgate::Method::Get;
            }
        };
        assert_eq!(imported(&items), expected.to_string());
    }

    #[test]
    fn links_are_as_short_as_the_imports_allow() {
        let items = quote! {
            #[doc = " [`Account`](super::token::Account), [`Other`](super::token::Other)"]
            impl super::token::Account {}
        };
        let docs = ["[`Account`](super::token::Account)".to_owned()];
        let (items, docs) = import(&items, &docs);
        assert!(
            items
                .to_string()
                .contains(" [`Account`], [`Other`](super::token::Other)"),
            "{items}"
        );
        assert_eq!(docs, ["[`Account`]"]);
    }

    #[test]
    fn macros_and_reexports_keep_their_paths() {
        let items = quote! {
            pub use tollgate::Anonymous;
            macro_rules! m { () => { ::tollgate::Ticked::YES provider::super::x } }
            impl tollgate::Anonymous {}
        };
        let expected = quote! {
            pub use tollgate::Anonymous;
            macro_rules! m { () => { ::tollgate::Ticked::YES provider::super::x } }
            impl tollgate::Anonymous {}
        };
        assert_eq!(imported(&items), expected.to_string());
    }
}
