//! What generated code names of the runtime, held against what is emitted.

use super::{follows_path, path_at};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;

/// All that generated code names of the runtime, which is all that this crate knows of it. What is new here has to exist
/// there, and `generated` compiles only if it does.
const RUNTIME: [&str; 131] = [
    "Absent",
    "Algorithm",
    "Anonymous",
    "BatchSpec",
    "Bytes",
    "Call",
    "Carrier",
    "Clearable",
    "Client",
    "ClientAuth",
    "Conditional",
    "Connection",
    "ConnectionError",
    "Credential",
    "Date",
    "Decimal",
    "DecodeError",
    "Encoding",
    "EnvironmentSpec",
    "Error",
    "ErrorBody",
    "Errors",
    "FieldSpec",
    "File",
    "Given",
    "Grant",
    "GrantBody",
    "GrantFrom",
    "GrantKind",
    "GrantParam",
    "GrantResponse",
    "GrantValue",
    "Json",
    "KeyPlace",
    "Kind",
    "Learn",
    "Limit",
    "Method",
    "Named",
    "NoErrorBody",
    "NoSuchToken",
    "NoVariables",
    "Operation",
    "PageSize",
    "Paged",
    "Pager",
    "PagerKind",
    "Param",
    "ParamAt",
    "Part",
    "Path",
    "Per",
    "PermittedBy",
    "Place",
    "Placement",
    "Provider",
    "ProviderSpec",
    "Reply",
    "Request",
    "Retry",
    "Ring",
    "Rule",
    "Scheme",
    "Secret",
    "Sending",
    "Settings",
    "Signed",
    "SignatureSpec",
    "SignedPart",
    "Spec",
    "Splits",
    "Start",
    "StatusMatch",
    "Step",
    "Style",
    "Ticked",
    "TimeFormat",
    "Timestamp",
    "TokenError",
    "TokenSpec",
    "TokenValue",
    "Url",
    "Uuid",
    "Values",
    "VariableSpec",
    "WebhookSpec",
    "When",
    "WithinScopesOf",
    "handle",
    "open_enum",
    "open_enum_way",
    "format::Base64",
    "format::DecimalNumber",
    "format::DecimalString",
    "format::Float",
    "format::Int",
    "format::IntString",
    "format::Unix",
    "format::UnixMs",
    "param::Unix",
    "param::UnixMs",
    "record::Constant",
    "record::Record",
    "record::Value",
    "record::field",
    "record::field_as",
    "record::formatted",
    "record::nullable",
    "record::parse",
    "record::read",
    "record::required",
    "record::skip",
    "record::write",
    "record::write_open",
    "serde::Deserialize",
    "serde::Deserializer",
    "serde::Serialize",
    "serde::Serializer",
    "serde::de::MapAccess",
    "union::read",
    "union::read_kind",
    "union::unknown",
    "union::variant",
    "union::variant_as",
    "union::write",
    "webhook::Body",
    "webhook::Delivery",
    "webhook::Sender",
    "webhook::Signed",
    "webhook::Unsigned",
    "webhook::Webhooks",
];

/// The runtime's paths in a stream: up to a type, or whole where there is none.
fn runtime_paths(items: &TokenStream, found: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = items.clone().into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => runtime_paths(&group.stream(), found),
            TokenTree::Ident(root) if root == "tollgate" && !follows_path(&trees, at) => {
                let path = path_at(&trees, at);
                let is_type = |segment: &String| segment.starts_with(|c: char| c.is_ascii_uppercase());
                let end = path.iter().position(is_type).map_or(path.len(), |at| at + 1);
                found.insert(path.get(1..end).unwrap_or_default().join("::"));
            }
            _ => {}
        }
    }
}

fn runtime_paths_of(module: &crate::module::Module, found: &mut BTreeSet<String>) {
    runtime_paths(&module.items, found);
    for child in &module.children {
        runtime_paths_of(child, found);
    }
}

#[test]
fn the_runtime_is_known_by_these_paths_and_no_others() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../descriptor/tests/good/acme.yaml");
    let sources = tollgate_descriptor::source::Sources::read(path).unwrap();
    let loaded = tollgate_descriptor::load(&sources).unwrap();
    let mut found = BTreeSet::new();
    runtime_paths_of(
        &crate::emit::emit(&loaded.model, &crate::Options::checked_in()),
        &mut found,
    );
    let unknown: Vec<&String> = found.iter().filter(|path| !RUNTIME.contains(&path.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
