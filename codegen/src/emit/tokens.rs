//! `token.rs`: one Rust type per token type.

mod source;

use super::{doc, leaf, settings, tick};
use crate::module::Module;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{
    Carrier, Environment, Grant, GrantFrom, GrantKind, Model, Placement, Scheme, Token, TokenField,
};

/// The module `token`.
pub(super) fn emit(model: &Model) -> Module {
    let the_trait = token_trait(model);
    let tokens = model.tokens.iter().map(|token| token_type(model, token));
    let items = quote! {
        pub use tollgate::Anonymous;

        #the_trait
        #(#tokens)*

        impl Token for Anonymous {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    };
    Module::new(
        "token",
        vec![format!("Token types of {}.", doc::title(&model.provider.title))],
        items,
    )
}

fn token_trait(model: &Model) -> TokenStream {
    let title = &model.provider.title;
    let links: Vec<String> = model.tokens.iter().map(|token| format!("[`{}`]", token.rust)).collect();
    let docs = if links.is_empty() {
        "What may be shown here: nothing but [`Anonymous`].".to_owned()
    } else {
        format!(
            "The token types: {}, and what an application declares with [`tollgate::token!`].",
            links.join(", ")
        )
    };
    let docs = doc::line(&docs);
    let names: Vec<String> = model
        .tokens
        .iter()
        .map(|token| {
            if token.is_generic() {
                format!("{}<Role>", token.rust)
            } else {
                token.rust.to_string()
            }
        })
        .collect();
    let message = format!("`{{Self}}` is not a token of {}", doc::braces(title));
    let label = doc::braces(&tick::needs_one_of(title, &names));
    let note = format!("tokens: {}", doc::braces(&model.tokens_line.to_string()));
    let texts = tick::on_unimplemented(&message, &label, &note);
    let declaration = tick::declare(&leaf::name("Token"), &[quote! { tollgate::Credential }]);
    quote! {
        #docs
        #texts
        #declaration
    }
}

fn token_type(model: &Model, token: &Token) -> TokenStream {
    let declaration = if token.is_generic() {
        generic(model, token)
    } else {
        plain(model, token)
    };
    let constructors = constructors(model, token);
    let shown = credential(token);
    quote! {
        #declaration
        #constructors
        #shown
    }
}

fn docs(model: &Model, token: &Token) -> TokenStream {
    let mut lines = token.docs.as_deref().map_or_else(
        || {
            vec![format!(
                "{} `{}` token.",
                capital(doc::article(token.rust.as_str())),
                token.rust
            )]
        },
        doc::prose,
    );
    lines.push(String::new());
    lines.push(travels(&token.scheme));
    lines.extend(token.grant.as_ref().map(|grant| got(model, grant)));
    if token.is_generic() {
        lines.push(String::new());
        lines.push("What it may do is up to the role of its value: `Role`, one of [`role`](super::role).".to_owned());
    }
    doc::outer(&lines)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn travels(scheme: &Scheme) -> String {
    match scheme {
        Scheme::None => "It is not sent.".to_owned(),
        Scheme::Basic { .. } => "Sent by HTTP basic authentication.".to_owned(),
        Scheme::Signed(signed) => format!("Not sent: it signs, by `{}`.", signed.signer),
        Scheme::Placed(placements) => {
            let places: Vec<String> = placements
                .iter()
                .map(|Placement { at, name, value }| match at {
                    Carrier::Header => format!("header `{name}: {value}`"),
                    Carrier::Query => format!("query parameter `{name}={value}`"),
                    Carrier::Cookie => format!("cookie `{name}={value}`"),
                    Carrier::Body => format!("`{name}` in the body"),
                })
                .collect();
            format!("Sent as {}.", doc::list(&places, "and"))
        }
    }
}

/// How the short-lived token is got.
fn got(model: &Model, grant: &Grant) -> String {
    let how = match (&grant.from, grant.kind) {
        (GrantFrom::Url { url, .. }, GrantKind::ClientCredentials) => format!("by client credentials from `{url}`"),
        (GrantFrom::Url { url, .. }, GrantKind::RefreshToken) => format!("with a refresh token from `{url}`"),
        (GrantFrom::Url { url, .. }, GrantKind::Exchange) => format!("by logging in at `{url}`"),
        (GrantFrom::Call { with, .. }, _) => {
            let with: Vec<String> = with.iter().map(|id| format!("[`{}`]", model.token(*id).rust)).collect();
            let call = source::operation(model, &grant.from).map(|(resource, operation)| {
                format!(
                    " by [`{0}::{1}`](super::{2}::{0}::{1})",
                    resource.handle, operation.rust, resource.rust
                )
            });
            format!("with {}{}", doc::list(&with, "or"), call.unwrap_or_default())
        }
    };
    let kept = if grant.persist {
        ", and kept in the token store of the connection"
    } else {
        ""
    };
    format!("The token that is sent is got {how}{kept}; the client sees to it when it is needed, and before it ends.")
}

fn plain(model: &Model, token: &Token) -> TokenStream {
    let docs = docs(model, token);
    let name = leaf::name(token.rust.as_str());
    quote! {
        #docs
        #[derive(Clone, Debug)]
        pub struct #name(tollgate::TokenValue);
        impl Token for #name {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

fn generic(model: &Model, token: &Token) -> TokenStream {
    let docs = docs(model, token);
    let name = leaf::name(token.rust.as_str());
    quote! {
        #docs
        pub struct #name<Role>(tollgate::TokenValue, std::marker::PhantomData<fn() -> Role>);

        impl<Role> Clone for #name<Role> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), std::marker::PhantomData)
            }
        }

        impl<Role> std::fmt::Debug for #name<Role> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<Role: super::role::Role> Token for #name<Role> {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }

        impl<Role: super::role::Role, Less: super::role::Within<Role>> tollgate::WithinScopesOf<#name<Role>> for #name<Less> {
            const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
        }
    }
}

fn constructors(model: &Model, token: &Token) -> TokenStream {
    let name = leaf::name(token.rust.as_str());
    // What is no role is told so by a bound on the function; one on the `impl` hides the function instead.
    let head = if token.is_generic() {
        quote! { impl<Role> #name<Role> }
    } else {
        quote! { impl #name }
    };
    let source = source::of(model, token);
    let new = new(token, source.as_ref());
    let optional = token
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.optional)
        .map(optional_field);
    let from_env = from_env(model, token, source.as_ref());
    let source_trait = source.as_ref().map(source::Source::emit);
    quote! {
        #source_trait
        #head {
            #new
            #from_env
            #(#optional)*
        }
    }
}

/// `impl Trait for Account`, `impl<Role: role::Role> Trait for ApiKey<Role>`
fn impl_head(token: &Token, what: &TokenStream) -> TokenStream {
    let name = leaf::name(token.rust.as_str());
    if token.is_generic() {
        quote! { impl<Role: super::role::Role> #what for #name<Role> }
    } else {
        quote! { impl #what for #name }
    }
}

/// `where Role: role::Role`, if a role decides.
fn role_bound(token: &Token) -> Option<TokenStream> {
    token.is_generic().then(|| quote! { where Role: super::role::Role })
}

fn wrap(token: &Token) -> TokenStream {
    if token.is_generic() {
        quote! { |value| Self(value, std::marker::PhantomData) }
    } else {
        quote! { Self }
    }
}

fn new(token: &Token, source: Option<&source::Source>) -> TokenStream {
    let names: Vec<_> = token
        .fields
        .iter()
        .map(|field| leaf::name(field.rust.as_str()))
        .collect();
    let required = token.fields.iter().zip(&names).filter(|(field, _)| !field.optional);
    let required: Vec<_> = required
        .map(|(_, name)| quote! { #name: impl Into<tollgate::Secret> })
        .collect();
    let values = token.fields.iter().zip(&names).map(|(field, name)| {
        if field.optional {
            quote! { None }
        } else {
            quote! { Some(#name.into()) }
        }
    });
    let docs = match (source, required.len()) {
        (Some(source), _) => source.docs(token),
        (None, 1) => "Wraps the secret.".to_owned(),
        (None, _) => "Wraps the secrets.".to_owned(),
    };
    let docs = doc::line(&docs);
    let role = token.is_generic().then(|| quote! { , std::marker::PhantomData });
    let bound = role_bound(token);
    let must_use = required.is_empty().then(|| quote! { #[must_use] });
    let value = quote! { tollgate::TokenValue::new(<Self as tollgate::Credential>::SPEC, [#(#values),*]) };
    let (with, value) = match source {
        None => (None, value),
        Some(source) => {
            let (name, ty) = (&source.argument, source.ty());
            let value = quote! { #value.got_with(tollgate::Credential::value(#name)) };
            (Some(quote! { #name: #ty }), value)
        }
    };
    let arguments = with.into_iter().chain(required);
    quote! {
        #docs
        #must_use
        pub fn new(#(#arguments),*) -> Self #bound {
            Self(#value #role)
        }
    }
}

fn optional_field((at, field): (usize, &TokenField)) -> TokenStream {
    let name = leaf::name(field.rust.as_str());
    let index = Literal::usize_unsuffixed(at);
    let docs = doc::line(&format!("Adds `{}`, which may be missing.", field.name));
    quote! {
        #docs
        #[must_use]
        pub fn #name(mut self, #name: impl Into<tollgate::Secret>) -> Self {
            self.0 = self.0.with(#index, #name.into());
            self
        }
    }
}

fn from_env(model: &Model, token: &Token, source: Option<&source::Source>) -> Option<TokenStream> {
    let readable = |at: usize| {
        let mut required = token.fields.iter().filter(|field| !field.optional).peekable();
        required.peek().is_some() && required.all(|field| env(field, at).is_some())
    };
    let environments: Vec<(usize, &Environment)> = model
        .environments
        .iter()
        .enumerate()
        .filter(|(at, _)| readable(*at))
        .collect();
    let first = environments
        .iter()
        .any(|(at, _)| *at == 0)
        .then(|| from_default(token, source));
    let differs = token
        .fields
        .iter()
        .any(|field| (1..model.environments.len()).any(|at| env(field, at) != env(field, 0)));
    let any = differs.then(|| from_named(token, source, &environments));
    (!environments.is_empty()).then(|| quote! { #first #any })
}

fn env(field: &TokenField, environment: usize) -> Option<&str> {
    field.env.get(environment)?.as_deref()
}

fn variables(token: &Token, environment: usize) -> String {
    let names: Vec<String> = token
        .fields
        .iter()
        .filter_map(|field| env(field, environment))
        .map(|name| format!("`{name}`"))
        .collect();
    doc::list(&names, "and")
}

/// The argument for what a token is got with, and what makes a token of the value that was read.
fn read(token: &Token, source: Option<&source::Source>) -> (Option<TokenStream>, TokenStream) {
    let wrap = wrap(token);
    let Some(source) = source else {
        return (None, quote! { .map(#wrap) });
    };
    let (name, ty) = (&source.argument, source.ty());
    let with = quote! { .map(|value| value.got_with(tollgate::Credential::value(#name))) };
    (Some(quote! { #name: #ty }), quote! { #with.map(#wrap) })
}

fn from_default(token: &Token, source: Option<&source::Source>) -> TokenStream {
    let docs = doc::outer(&[
        format!("Reads it from the environment: {}.", variables(token, 0)),
        String::new(),
        "# Errors".to_owned(),
        String::new(),
        "A variable is not set, empty or not Unicode.".to_owned(),
    ]);
    let (with, made) = read(token, source);
    let bound = role_bound(token);
    quote! {
        #docs
        pub fn from_env(#with) -> Result<Self, tollgate::TokenError> #bound {
            tollgate::TokenValue::from_env(<Self as tollgate::Credential>::SPEC, 0)#made
        }
    }
}

fn from_named(token: &Token, source: Option<&source::Source>, environments: &[(usize, &Environment)]) -> TokenStream {
    let mut lines = vec!["Reads it from the environment:".to_owned(), String::new()];
    lines.extend(environments.iter().map(|(at, environment)| {
        format!(
            "- [`{0}`](super::Environment::{0}): {1}",
            environment.rust,
            variables(token, *at)
        )
    }));
    lines.extend(["", "# Errors", "", "A variable is not set, empty or not Unicode."].map(str::to_owned));
    let docs = doc::outer(&lines);
    let (with, made) = read(token, source);
    let with = with.map(|with| quote! { #with, });
    let bound = role_bound(token);
    quote! {
        #docs
        pub fn from_env_in(#with environment: super::Environment) -> Result<Self, tollgate::TokenError> #bound {
            let environment = tollgate::Named::index(environment);
            tollgate::TokenValue::from_env(<Self as tollgate::Credential>::SPEC, environment)#made
        }
    }
}

fn credential(token: &Token) -> TokenStream {
    let head = impl_head(token, &quote! { tollgate::Credential });
    let spec = settings::token_name(token);
    quote! {
        #head {
            const SPEC: &'static tollgate::TokenSpec = &super::settings::#spec;

            fn value(&self) -> &tollgate::TokenValue {
                &self.0
            }
        }
    }
}
