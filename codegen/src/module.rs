//! A generated module: a file of a checked-in crate, or a `mod { … }` in the other front doors.

use crate::emit::{doc, leaf, paths};
use proc_macro2::TokenStream;
use quote::quote;

/// A module, and the modules in it.
#[derive(Debug)]
pub(crate) struct Module {
    /// Its name, and that of its file.
    pub(crate) name: String,
    /// Attributes of its `mod` line.
    pub(crate) attributes: TokenStream,
    /// Whether others may name it.
    pub(crate) public: bool,
    /// Lints that it, and all in it, may break.
    pub(crate) allowed: Vec<TokenStream>,
    /// What it is about, a line of Markdown each.
    pub(crate) docs: Vec<String>,
    /// Its items, with full paths.
    pub(crate) items: TokenStream,
    /// The modules in it.
    pub(crate) children: Vec<Module>,
}

impl Module {
    /// A public module.
    pub(crate) fn new(name: &str, docs: Vec<String>, items: TokenStream) -> Self {
        Self {
            name: name.to_owned(),
            attributes: TokenStream::new(),
            public: true,
            allowed: Vec::new(),
            docs,
            items,
            children: Vec::new(),
        }
    }

    /// A module that only its parent may name.
    pub(crate) fn private(name: &str, docs: Vec<String>, items: TokenStream) -> Self {
        Self {
            public: false,
            ..Self::new(name, docs, items)
        }
    }

    /// The content of its file.
    pub(crate) fn file(&self) -> TokenStream {
        let (items, docs) = paths::import(&self.items, &self.docs);
        let docs = doc::inner(&docs);
        let children = self.children.iter().map(Self::declaration);
        let lints = self.lints();
        quote! {
            #docs
            #lints
            #(#children)*
            #items
        }
    }

    /// The module with all that is in it.
    pub(crate) fn nested(&self) -> TokenStream {
        let (items, docs) = paths::import(&self.items, &self.docs);
        let docs = doc::inner(&docs);
        let children = self.children.iter().map(Self::nested);
        let head = self.head();
        let lints = self.lints();
        quote! {
            #head {
                #docs
                #lints
                #(#children)*
                #items
            }
        }
    }

    fn lints(&self) -> TokenStream {
        let allowed = &self.allowed;
        quote! { #(#![allow(#allowed)])* }
    }

    fn declaration(&self) -> TokenStream {
        let head = self.head();
        quote! { #head; }
    }

    fn head(&self) -> TokenStream {
        let attributes = &self.attributes;
        let name = leaf::name(&self.name);
        let visibility = self.public.then(|| quote! { pub });
        quote! { #attributes #visibility mod #name }
    }
}
