//! The macro front door of Tollgate: [`provider!`], which users reach as `tollgate::provider!`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::{env, fs, path::Path};
use syn::{LitStr, parse_macro_input};
use tollgate_codegen::Options;
use tollgate_descriptor::{load, source::Sources};

/// Turns a descriptor into a module with its typed client, named after the provider.
///
/// The path counts from the folder of `Cargo.toml`. The crate is built again when the descriptor, or a file that it
/// includes, changes; what is wrong with it is reported as `tollgate check` does. Lints are not: a macro cannot warn.
///
/// ```ignore
/// tollgate::provider!("api/acme.yaml");
///
/// let client = acme::Client::new(acme::Account::from_env()?)?;
/// ```
#[proc_macro]
pub fn provider(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let path = parse_macro_input!(input as LitStr);
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    match expand(Path::new(&root), &path.value()) {
        Ok(items) => items.into(),
        Err(problem) => {
            let error = syn::Error::new(path.span(), problem.message).into_compile_error();
            let watched = problem.watched;
            quote! { #error #watched }.into()
        }
    }
}

/// What to report, and what to watch meanwhile.
#[derive(Debug)]
struct Problem {
    message: String,
    watched: TokenStream,
}

fn expand(root: &Path, path: &str) -> Result<TokenStream, Problem> {
    let text = fs::read_to_string(root.join(path)).map_err(|error| Problem {
        message: format!(
            "the descriptor `{path}` cannot be read: {error}\nthe path counts from {}",
            root.display()
        ),
        watched: TokenStream::new(),
    })?;
    let sources = Sources::load(path, text, |included| fs::read_to_string(root.join(included)));
    let watched = watch(root, &sources);
    let made = load(&sources).and_then(|loaded| tollgate_codegen::tokens(&loaded.model, &Options::nested()));
    match made {
        Ok(items) => Ok(quote! { #items #watched }),
        Err(diagnostics) => Err(Problem {
            // rustc indents what follows the first line of a message, and its own `error: ` stands before it.
            message: format!(
                "in the descriptor `{path}`\n\n{}",
                diagnostics.render(&sources, false).trim_end()
            ),
            watched,
        }),
    }
}

/// Lets rustc depend on the files. There is no other way for a macro to say so.
fn watch(root: &Path, sources: &Sources) -> TokenStream {
    let files = sources.files();
    let present = files.iter().map(|file| root.join(file)).filter(|file| file.is_file());
    let literals = present.map(|file| Literal::string(&file.to_string_lossy()));
    quote! { #(const _: &[u8] = include_bytes!(#literals);)* }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTOR: &str = "descriptor: 1\nprovider: shop\ntitle: Shop\nchecked: 2026-11-21\n\
        environments: { production: { base_url: https://shop.example } }\n\
        resources:\n  status:\n    scope: public\n    operations: { ping: { get: /ping } }\n";

    #[test]
    fn a_descriptor_becomes_a_module_that_depends_on_it() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("shop.yaml"), DESCRIPTOR).unwrap();
        let items = expand(root.path(), "shop.yaml").unwrap().to_string();
        assert!(items.contains("pub mod shop"), "{items}");
        assert!(items.contains("include_bytes"), "{items}");
    }

    #[test]
    fn what_is_wrong_is_drawn_and_watched() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("shop.yaml"), DESCRIPTOR.replace("title", "titel")).unwrap();
        let problem = expand(root.path(), "shop.yaml").unwrap_err();
        assert!(problem.message.contains("shop.yaml:3:1"), "{}", problem.message);
        assert!(problem.message.contains("did you mean `title`?"), "{}", problem.message);
        assert!(problem.watched.to_string().contains("shop.yaml"));
    }

    #[test]
    fn a_missing_file_says_where_it_was_looked_for() {
        let root = tempfile::tempdir().unwrap();
        let problem = expand(root.path(), "api/none.yaml").unwrap_err();
        assert!(problem.message.contains("api/none.yaml"), "{}", problem.message);
        assert!(
            problem.message.contains(&root.path().display().to_string()),
            "{}",
            problem.message
        );
    }
}
