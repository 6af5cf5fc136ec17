//! `rule.rs`: values whose presence depends on the token.

use super::{
    doc, leaf,
    record::{Place, rust_type},
    tick,
};
use crate::module::Module;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use tollgate_descriptor::model::{Model, Rule, TokenId};

/// The module `rule`.
pub(super) fn emit(model: &Model) -> Module {
    let rules = model.rules.iter().map(|rule| rule_traits(model, rule));
    let items = quote! { #(#rules)* };
    Module::new("rule", table(model), items)
}

fn table(model: &Model) -> Vec<String> {
    let heads: Vec<String> = model
        .tokens
        .iter()
        .map(|token| format!(" [`{0}`](super::token::{0}) |", token.rust))
        .collect();
    let mut lines = vec![
        "Values whose presence depends on the token.".to_owned(),
        String::new(),
        format!("| Value |{}", heads.concat()),
        format!("| --- |{}", " --- |".repeat(heads.len())),
    ];
    for rule in &model.rules {
        let cells: Vec<String> = model
            .token_ids()
            .map(|token| format!(" {} |", word(rule, token)))
            .collect();
        lines.push(format!("| [`{}`]({}) |{}", rule.field, rule.rust, cells.concat()));
    }
    lines
}

fn word(rule: &Rule, token: TokenId) -> &'static str {
    if rule.required.contains(&token) {
        "required"
    } else if rule.absent.contains(&token) {
        "absent"
    } else if rule.optional.contains(&token) {
        "optional"
    } else {
        ""
    }
}

/// ``required with `Account`, absent with `Channel` ``
pub(super) fn presence(model: &Model, rule: &Rule) -> String {
    let with = |tokens: &[TokenId], word: &str| {
        let names: Vec<String> = tokens
            .iter()
            .map(|token| doc::code(model.token(*token).rust.as_str()))
            .collect();
        (!names.is_empty()).then(|| format!("{word} with {}", doc::list(&names, "and")))
    };
    let parts = [
        with(&rule.required, "required"),
        with(&rule.absent, "absent"),
        with(&rule.optional, "optional"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn rule_traits(model: &Model, rule: &Rule) -> TokenStream {
    let value = doc::code(rule.field.as_str());
    let note = format!("`by_token`: {}", doc::braces(&rule.line.to_string()));
    let omits = side(
        model,
        &format_ident!("Omits{}", rule.rust.as_str()),
        &Side {
            docs: format!("Tokens with which {value} may be left out."),
            texts: tick::on_unimplemented(
                &format!("with `{{Self}}`, {value} is required"),
                &format!("add `.{}(…)`", rule.field),
                &note,
            ),
            refused: &rule.required,
            said: &[&rule.absent, &rule.optional],
        },
    );
    let gives = side(
        model,
        &format_ident!("Gives{}", rule.rust.as_str()),
        &Side {
            docs: format!("Tokens with which {value} may be given."),
            texts: tick::on_unimplemented(
                &format!("with `{{Self}}`, {value} must be left out"),
                &format!("remove `.{}(…)`", rule.field),
                &note,
            ),
            refused: &rule.absent,
            said: &[&rule.required, &rule.optional],
        },
    );
    let both = value_trait(model, rule);
    quote! {
        #omits
        #gives
        #both
    }
}

/// One side of a rule: leaving out, or giving.
struct Side<'r> {
    docs: String,
    texts: TokenStream,
    /// Tokens for which it does not hold.
    refused: &'r [TokenId],
    /// Tokens for which the descriptor says that it does. It holds for all others too, silently: there only the
    /// scope is to speak.
    said: &'r [&'r [TokenId]],
}

fn side(model: &Model, name: &proc_macro2::Ident, side: &Side) -> TokenStream {
    let docs = doc::line(&side.docs);
    let texts = &side.texts;
    let declaration = tick::declare(name, &[]);
    let bound = quote! { super::role::Role };
    let ticks = model
        .token_ids()
        .filter(|token| !side.refused.contains(token))
        .map(|token| {
            let silent = !side.said.iter().any(|tokens| tokens.contains(&token));
            let silence = silent.then(|| quote! { #[diagnostic::do_not_recommend] });
            let tick = tick::implement(&quote! { #name }, &tick::holder(model.token(token), &bound));
            quote! { #silence #tick }
        });
    quote! {
        #docs
        #texts
        #declaration
        #(#ticks)*
        #[diagnostic::do_not_recommend]
        impl #name for super::token::Anonymous {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

fn value_trait(model: &Model, rule: &Rule) -> TokenStream {
    let value = doc::code(rule.field.as_str());
    let docs = doc::line(&format!(
        "What {value} may be with a token `T`: {}.",
        presence(model, rule)
    ));
    let message = format!("{value} depends on the token and is `Given(…)`, `Absent` or an `Option`, not `{{Self}}`");
    let label = format!("use `.{}(…)`, or leave it out", rule.field);
    let name = leaf::name(rule.rust.as_str());
    let omits = format_ident!("Omits{}", rule.rust.as_str());
    let gives = format_ident!("Gives{}", rule.rust.as_str());
    let ty = rust_type(model, &rule.ty, Place::Outside);
    let tick = quote! { const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES; };
    quote! {
        #docs
        #[diagnostic::on_unimplemented(message = #message, label = #label)]
        pub trait #name<T>: tollgate::Conditional<#ty> {
            #[doc(hidden)]
            const USE_MACRO: tollgate::Ticked;
        }
        impl<T: #omits> #name<T> for tollgate::Absent { #tick }
        impl<T: #gives> #name<T> for tollgate::Given<#ty> { #tick }
        impl<T: #omits + #gives> #name<T> for Option<#ty> { #tick }
    }
}
