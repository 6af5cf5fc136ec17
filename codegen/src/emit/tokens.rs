//! `token.rs`: one Rust type per token type.

use super::{doc, leaf, tick};
use crate::module::Module;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{Carrier, Environment, Model, Placement, Scheme, Token, TokenField};

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
        generic(token)
    } else {
        plain(token)
    };
    let constructors = constructors(model, token);
    let shown = credential(token);
    quote! {
        #declaration
        #constructors
        #shown
    }
}

fn docs(token: &Token) -> TokenStream {
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

fn plain(token: &Token) -> TokenStream {
    let docs = docs(token);
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

fn generic(token: &Token) -> TokenStream {
    let docs = docs(token);
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
    let new = new(token);
    let optional = token
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.optional)
        .map(optional_field);
    let from_env = from_env(model, token);
    quote! {
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

fn new(token: &Token) -> TokenStream {
    let names: Vec<_> = token
        .fields
        .iter()
        .map(|field| leaf::name(field.rust.as_str()))
        .collect();
    let required: Vec<_> = token
        .fields
        .iter()
        .zip(&names)
        .filter(|(field, _)| !field.optional)
        .map(|(_, name)| quote! { #name: impl Into<tollgate::Secret> })
        .collect();
    let values = token.fields.iter().zip(&names).map(|(field, name)| {
        if field.optional {
            quote! { None }
        } else {
            quote! { Some(#name.into()) }
        }
    });
    let docs = if required.len() == 1 {
        "Wraps the secret."
    } else {
        "Wraps the secrets."
    };
    let docs = doc::line(docs);
    let role = token.is_generic().then(|| quote! { , std::marker::PhantomData });
    let bound = role_bound(token);
    let must_use = required.is_empty().then(|| quote! { #[must_use] });
    quote! {
        #docs
        #must_use
        pub fn new(#(#required),*) -> Self #bound {
            Self(tollgate::TokenValue::new(<Self as tollgate::Credential>::SPEC, [#(#values),*]) #role)
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

fn from_env(model: &Model, token: &Token) -> Option<TokenStream> {
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
    let first = environments.iter().any(|(at, _)| *at == 0).then(|| from_default(token));
    let differs = token
        .fields
        .iter()
        .any(|field| (1..model.environments.len()).any(|at| env(field, at) != env(field, 0)));
    let any = differs.then(|| from_named(token, &environments));
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

fn from_default(token: &Token) -> TokenStream {
    let docs = doc::outer(&[
        format!("Reads it from the environment: {}.", variables(token, 0)),
        String::new(),
        "# Errors".to_owned(),
        String::new(),
        "A variable is not set, empty or not Unicode.".to_owned(),
    ]);
    let wrap = wrap(token);
    let bound = role_bound(token);
    quote! {
        #docs
        pub fn from_env() -> Result<Self, tollgate::TokenError> #bound {
            tollgate::TokenValue::from_env(<Self as tollgate::Credential>::SPEC, 0).map(#wrap)
        }
    }
}

fn from_named(token: &Token, environments: &[(usize, &Environment)]) -> TokenStream {
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
    let wrap = wrap(token);
    let bound = role_bound(token);
    quote! {
        #docs
        pub fn from_env_in(environment: super::Environment) -> Result<Self, tollgate::TokenError> #bound {
            let environment = tollgate::Named::index(environment);
            tollgate::TokenValue::from_env(<Self as tollgate::Credential>::SPEC, environment).map(#wrap)
        }
    }
}

fn credential(token: &Token) -> TokenStream {
    let head = impl_head(token, &quote! { tollgate::Credential });
    let name = &token.name;
    let type_name = token.rust.as_str();
    let scheme = scheme(&token.scheme);
    let fields = token.fields.iter().map(field_spec);
    let prefix = token
        .format
        .as_ref()
        .map(|format| per_environment(&format.prefix))
        .unwrap_or_default();
    let pattern = leaf::option(token.format.as_ref().and_then(|format| format.pattern.as_ref()));
    quote! {
        #head {
            const SPEC: &'static tollgate::TokenSpec = &tollgate::TokenSpec {
                name: #name,
                type_name: #type_name,
                scheme: #scheme,
                fields: &[#(#fields),*],
                prefix: &[#prefix],
                pattern: #pattern,
                ..tollgate::TokenSpec::DEFAULT
            };

            fn value(&self) -> &tollgate::TokenValue {
                &self.0
            }
        }
    }
}

fn field_spec(field: &TokenField) -> TokenStream {
    let name = &field.name;
    let env = per_environment(&field.env);
    let optional = field.optional;
    quote! { tollgate::FieldSpec { name: #name, env: &[#env], optional: #optional } }
}

/// `Some("A"), None`, or nothing where no environment has one.
fn per_environment(values: &[Option<String>]) -> TokenStream {
    if values.iter().all(Option::is_none) {
        return TokenStream::new();
    }
    let values = values.iter().map(|value| leaf::option(value.as_ref()));
    quote! { #(#values),* }
}

fn scheme(scheme: &Scheme) -> TokenStream {
    match scheme {
        Scheme::None => quote! { tollgate::Scheme::None },
        Scheme::Signed(signed) => {
            let name = &signed.signer;
            let options = signed.options.iter().map(|(name, value)| {
                let value = value.to_string();
                quote! { (#name, #value) }
            });
            let placements = signed.placements.iter().map(placement);
            quote! {
                tollgate::Scheme::Signed(&tollgate::Signed {
                    signer: #name,
                    options: &[#(#options),*],
                    placements: &[#(#placements),*],
                })
            }
        }
        Scheme::Basic { username, password } => {
            let (username, password) = (username.to_string(), password.to_string());
            quote! { tollgate::Scheme::Basic { username: #username, password: #password } }
        }
        Scheme::Placed(placements) => {
            let placements = placements.iter().map(placement);
            quote! { tollgate::Scheme::Placed(&[#(#placements),*]) }
        }
    }
}

fn placement(Placement { at, name, value }: &Placement) -> TokenStream {
    let at = match at {
        Carrier::Header => quote! { tollgate::Carrier::Header },
        Carrier::Query => quote! { tollgate::Carrier::Query },
        Carrier::Cookie => quote! { tollgate::Carrier::Cookie },
        Carrier::Body => quote! { tollgate::Carrier::Body },
    };
    let value = value.to_string();
    quote! { tollgate::Placement { at: #at, name: #name, value: #value } }
}
