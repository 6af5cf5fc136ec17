//! Blank lines, which prettyplease leaves out altogether.
//!
//! Items stand apart, except a run of `use`, of `mod`, of one-line items of a kind, and the ticks behind their trait.

use std::collections::BTreeSet;
use syn::{Attribute, File, ImplItem, Item, Meta, TraitItem, spanned::Spanned};

/// The same text with blank lines between items and between methods.
pub(super) fn print_blank_lines(text: &str) -> String {
    let Ok(file) = syn::parse_file(text) else {
        return text.to_owned();
    };
    let mut breaks = BTreeSet::new();
    if let (Some(first), Some(last)) = (file.items.first(), inner_docs(&file))
        && last < start(first)
    {
        breaks.insert(start(first));
    }
    gather(&file.items, &mut breaks);
    let mut spaced = String::with_capacity(text.len() + breaks.len());
    for (at, line) in text.lines().enumerate() {
        if breaks.contains(&(at + 1)) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
    }
    spaced
}

fn inner_docs(file: &File) -> Option<usize> {
    file.attrs.last().map(|attribute| attribute.span().end().line)
}

/// The lines before which a blank one belongs.
fn gather(items: &[Item], breaks: &mut BTreeSet<usize>) {
    for pair in items.windows(2) {
        if let [above, below] = pair
            && stand_apart(above, below)
        {
            breaks.insert(start(below));
        }
    }
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    let last = module.attrs.iter().rfind(|attribute| is_inner(attribute));
                    if let (Some(last), Some(first)) = (last, items.first())
                        && last.span().end().line < start(first)
                    {
                        breaks.insert(start(first));
                    }
                    gather(items, breaks);
                }
            }
            Item::Impl(block) => {
                for pair in block.items.windows(2) {
                    if let [ImplItem::Fn(_) | ImplItem::Const(_), below @ ImplItem::Fn(_)] = pair {
                        breaks.insert(start(below));
                    }
                }
            }
            Item::Trait(block) => {
                for pair in block.items.windows(2) {
                    if let [TraitItem::Fn(_), below @ TraitItem::Fn(_)] = pair {
                        breaks.insert(start(below));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_inner(attribute: &Attribute) -> bool {
    matches!(attribute.style, syn::AttrStyle::Inner(_))
}

fn start(item: &impl Spanned) -> usize {
    item.span().start().line
}

fn stand_apart(above: &Item, below: &Item) -> bool {
    let one_line = |item: &Item| item.span().start().line == item.span().end().line;
    match (above, below) {
        (Item::Use(above), Item::Use(below)) => is_public(above) != is_public(below),
        (Item::Mod(above), Item::Mod(below)) => above.content.is_some() || below.content.is_some(),
        (Item::Impl(above), Item::Impl(below)) => !(is_tick(above) && is_tick(below)),
        (Item::Trait(_), Item::Impl(below)) => !is_tick(below),
        (Item::Impl(above), Item::Use(_)) => !is_tick(above),
        (Item::Macro(_), Item::Use(_)) => false,
        (Item::Static(_), Item::Static(_)) => !(one_line(above) && one_line(below)),
        _ => true,
    }
}

fn is_public(item: &syn::ItemUse) -> bool {
    matches!(item.vis, syn::Visibility::Public(_))
}

/// An `impl` of nothing, or of nothing but a constant.
fn is_tick(item: &syn::ItemImpl) -> bool {
    item.trait_.is_some()
        && item
            .items
            .iter()
            .all(|item| matches!(item, ImplItem::Const(constant) if constant.ident == "USE_MACRO"))
        && !item
            .attrs
            .iter()
            .any(|attribute| matches!(attribute.meta, Meta::NameValue(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_methods_stand_apart() {
        let text = "//! Docs.\nuse a::b;\nuse c;\n/// A.\nstruct A;\nimpl A {\n    fn a() {}\n    /// B.\n    fn b() {}\n}\ntrait T {}\nimpl T for A {}\nimpl T for B {}\n";
        let expected = "//! Docs.\n\nuse a::b;\nuse c;\n\n/// A.\nstruct A;\n\nimpl A {\n    fn a() {}\n\n    /// B.\n    fn b() {}\n}\n\ntrait T {}\nimpl T for A {}\nimpl T for B {}\n";
        assert_eq!(print_blank_lines(text), expected);
    }

    #[test]
    fn what_does_not_parse_stays() {
        assert_eq!(print_blank_lines("struct {"), "struct {");
    }
}
