//! What would give a client that does not compile, or does something else than it says, is refused.

use tollgate_descriptor::diagnostic::{Code, Diagnostic};
use tollgate_descriptor::load_at;
use tollgate_descriptor::source::Sources;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

/// All that is told of a descriptor, warnings left out.
fn told(text: &str) -> Vec<Diagnostic> {
    let sources = Sources::from_text("shop.yaml", text);
    match load_at(&sources, TODAY) {
        Ok(loaded) => loaded.model.unsupported,
        Err(diagnostics) => diagnostics.iter().cloned().collect(),
    }
}

/// A descriptor with one token, scope, role, variable, environment and resource.
fn named(token: &str, scope: &str, role: &str, resource: &str) -> String {
    format!(
        "descriptor: 1\nprovider: shop\ntitle: Shop\nchecked: 2026-11-21\n\
         environments: {{ production: {{ base_url: https://api.example.com }} }}\n\
         tokens: {{ {token}: {{ scheme: bearer, env: SHOP_TOKEN, roles: any }}, other: {{ scheme: bearer, env: SHOP_OTHER }} }}\n\
         scopes: {{ {scope}: [{token}, other] }}\n\
         roles: {{ {role}: all }}\n\
         health_check: {resource}.get\n\
         resources: {{ {resource}: {{ scope: {scope}, operations: {{ get: {{ get: /shop }} }} }} }}\n"
    )
}

#[test]
fn names_that_stand_in_every_client_are_refused() {
    assert_eq!(told(&named("account", "sales", "seller", "stock")), []);
    let tokens = [
        "anonymous",
        "anonymous_client",
        "client",
        "connection",
        "environment",
        "error",
        "error_body",
        "role",
        "token",
        "variable",
        "workspace",
        "shop_provider",
        "other_client",
        "option",
        "string",
        "result",
        "t",
    ];
    let cases = tokens
        .iter()
        .map(|name| (name, named(name, "sales", "seller", "stock")))
        .chain(
            ["copy", "send", "t"]
                .iter()
                .map(|name| (name, named("account", name, "seller", "stock"))),
        )
        .chain(
            ["role", "within", "more", "sync"]
                .iter()
                .map(|name| (name, named("account", "sales", name, "stock"))),
        )
        .chain(
            [
                "models",
                "role",
                "rule",
                "scope",
                "settings",
                "token",
                "new",
                "with",
                "verify",
                "narrow",
                "anonymous",
                "t",
            ]
            .iter()
            .map(|name| (name, named("account", "sales", "seller", name))),
        );
    for (name, text) in cases {
        let told = told(&text);
        let codes: Vec<Code> = told.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, [Code::ReservedName], "{name}: {told:?}");
    }
}

#[test]
fn variables_that_are_one_name_are_refused() {
    let text = named("account", "sales", "seller", "stock")
        + "variables: { shop_1: { default: a }, shop1: { default: b } }\nheaders: { X-A: \"{shop_1}{shop1}\" }\n";
    let told = told(&text);
    let codes: Vec<Code> = told.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [Code::CollidingNames], "{told:?}");
}

/// One operation with a body.
fn posting(words: &str, models: &str) -> String {
    format!(
        "descriptor: 1\nprovider: shop\ntitle: Shop\nchecked: 2026-11-21\n\
         environments: {{ production: {{ base_url: https://api.example.com }} }}\n\
         resources: {{ stock: {{ scope: public, operations: {{ upsert: {{ post: /stock, {words} }} }} }} }}\n\
         models:\n{models}"
    )
}

const ITEM: &str = "  Item: { key: string, sku: string! }\n";

#[test]
fn a_batch_whose_list_is_out_of_reach_is_not_generated() {
    let batch = |items: &str, body: &str| {
        let words = format!("body: Body, batch: {{ max_items: 2, items: {items} }}");
        let told = told(&posting(&words, &format!("{ITEM}  Body: {body}\n")));
        told.into_iter()
            .map(|diagnostic| (diagnostic.code, diagnostic.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(batch("$.items", "{ items: [Item] }"), []);
    let problem = |what: &str| vec![(Code::NotSupportedYet, format!("{what} cannot be generated yet"))];
    assert_eq!(
        batch("$.data.items", "{ data: Data }\n  Data: { items: [Item] }"),
        problem("a batch whose list is deeper than a field of the body")
    );
    assert_eq!(
        batch("$.items", "{ $alias: \"map<[Item]>\" }"),
        problem("a batch whose list is an entry of a map")
    );
    assert_eq!(
        batch("$.items", "{ $one_of: [[items, all]], items: [Item], all: bool }"),
        problem("a batch whose list takes part in a choice")
    );
}

/// The label of the one thing that is told.
fn label(words: &str, models: &str) -> Option<String> {
    match told(&posting(words, models)).as_slice() {
        [] => None,
        [only] => Some(only.label.clone().unwrap_or_default()),
        several => panic!("{several:?}"),
    }
}

#[test]
fn an_object_is_made_for_a_value_only_where_it_needs_nothing_else() {
    let cases = [
        ("{ meta: \"Meta!\" }", "{ kind: string!, id: string }", None),
        ("{ meta: Meta }", "{ kind: string, id: string }", None),
        (
            "{ meta: Meta }",
            "{ kind: string!, id: string }",
            Some("`meta` may be absent, and would be made without `kind`, which it needs"),
        ),
        (
            "{ meta: Meta }",
            "{ kind: { type: string, const: a }, id: string }",
            Some("`meta` may be absent, and would be made without `kind`, which it needs"),
        ),
        (
            "{ meta: Meta|null }",
            "{ id: string }",
            Some("`meta` may be null, and would no longer be"),
        ),
        (
            "{ $at_most_one: [[meta, plain]], meta: Meta, plain: bool }",
            "{ id: string }",
            Some("`meta` takes part in a choice, and another may be chosen"),
        ),
    ];
    for (body, meta, expected) in cases {
        let key = label(
            "body: Body, idempotency_key: $.meta.id",
            &format!("  Body: {body}\n  Meta: {meta}\n"),
        );
        assert_eq!(key.as_deref(), expected, "key: {body} {meta}");
        let param = label(
            "body: Body, params: { note: { in: body, name: $.meta.note, type: string } }",
            &format!("  Body: {body}\n  Meta: {meta}\n"),
        );
        assert_eq!(param.as_deref(), expected, "param: {body} {meta}");
    }
}

#[test]
fn a_key_of_each_element_needs_no_list() {
    for list in ["\"[Item]!\"", "[Item]"] {
        let models = format!("{ITEM}  Body: {{ items: {list} }}\n");
        assert_eq!(label("body: Body, idempotency_key: $.items.*.key", &models), None);
    }
}
