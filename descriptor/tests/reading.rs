//! What the reader makes of sound descriptors.

use tollgate_descriptor::diagnostic::{Code, Diagnostics};
use tollgate_descriptor::source::Sources;
use tollgate_descriptor::span::FileId;
use tollgate_descriptor::syntax::{
    self, Descriptor, ErrorKind, Location, Method, PagerUse, Presence, RateLimitUse, RetryUse, RetryWhen, Returns,
    RoleKind, SchemeUse, ScopeUse, Status, Target, TokenRoles, Type, Value,
};

const HEAD: &str =
    "descriptor: 1\nprovider: shop\nenvironments: { production: { base_url: https://api.example.com } }\n";

fn read(text: &str) -> (Sources, Descriptor) {
    let sources = Sources::from_text("shop.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let descriptor = syntax::parse(&sources, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(&sources, false));
    (sources, descriptor.expect("a descriptor"))
}

fn codes(sources: &Sources) -> Vec<Code> {
    let mut diagnostics = Diagnostics::new();
    let _ = syntax::parse(sources, &mut diagnostics);
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_real_descriptors_are_read_without_complaint() {
    for (text, resources) in [
        (include_str!("corpus/flxpoint.yaml"), 7),
        (include_str!("corpus/flexport.yaml"), 4),
        (include_str!("corpus/flexprice.yaml"), 7),
        (include_str!("corpus/flex_forward.yaml"), 4),
    ] {
        let (_, descriptor) = read(text);
        assert_eq!(descriptor.resources.len(), resources);
    }
}

#[test]
fn every_place_in_a_real_descriptor_is_where_it_was_written() {
    let (sources, descriptor) = read(include_str!("corpus/flxpoint.yaml"));
    for (name, token) in &descriptor.tokens {
        assert_eq!(sources.snippet(name.span), name.value);
        assert!(sources.snippet(token.span).starts_with('{') && sources.snippet(token.span).ends_with('}'));
    }
    let (_, inventory) = descriptor
        .resources
        .iter()
        .find(|(name, _)| name.value == "inventory")
        .expect("inventory");
    let (_, upsert) = &inventory.operations[0];
    let route = upsert.route.as_ref().expect("a route");
    assert_eq!(
        (route.method.value, sources.snippet(route.path.span)),
        (Method::Post, "/inventory/parents")
    );
    let (_, source_id) = &upsert.params[0];
    assert_eq!(source_id.in_.as_ref().map(|place| place.value), Some(Location::Body));
    let by_token = source_id.by_token.as_ref().expect("by_token");
    assert_eq!(by_token[1].0.value, "source");
    assert_eq!(by_token[1].1.value, Presence::Absent);
    assert!(
        matches!(&upsert.body, Some(Type::List(element, _)) if matches!(&**element, Type::Text(text) if text.value == "InventoryParentWrite"))
    );
}

#[test]
fn short_and_long_forms_are_one() {
    let (_, descriptor) = read(&format!(
        "{HEAD}{}",
        r#"
tokens:
  plain: { scheme: bearer, env: A, roles: any }
  pair: { scheme: { basic: { username: "{user}", password: "{token}" } }, env: { production: B }, roles: [writer] }
scopes: { one: [plain], two: { tokens: [pair], always: true } }
roles: { writer: all, most: { all_except: [one] }, few: [two] }
scope: one
rate_limit: { none: "not documented" }
pager: { type: link }
retry: { when: [network, server] }
resources:
  orders:
    scope: [one, two]
    rate_limit: [a, b]
    pager: by_page
    retry: { none: "counted" }
    operations:
      get: { get: "/orders/{id}", scope: { any: [one, two] }, returns: { 200: Order, 2xx: json }, deprecated: true }
      watch: { get: /orders/events, returns: { stream: sse, of: Order, end: "[DONE]" }, deprecated: "use get" }
      old: { get: /old, returns: [Order], deprecated: { use: orders.get, since: 2026-01-01 } }
models: { Order: { id: int!, unit: { type: Unit, deprecated: false } }, Unit: { $enum: { kilogram: kg } } }
"#
    ));
    assert!(matches!(descriptor.tokens[0].1.roles, Some(TokenRoles::Any(_))));
    assert!(matches!(&descriptor.tokens[1].1.scheme, Some(SchemeUse::Basic(basic)) if basic.password.is_some()));
    assert_eq!(descriptor.scopes[1].1.always.map(|always| always.value), Some(true));
    assert!(matches!(descriptor.roles[0].1.kind, RoleKind::All));
    assert!(matches!(&descriptor.roles[1].1.kind, RoleKind::AllExcept(scopes) if scopes.len() == 1));
    assert!(matches!(&descriptor.settings.scope, Some(ScopeUse::All(names)) if names.len() == 1));
    assert!(
        matches!(&descriptor.settings.rate_limit, Some(RateLimitUse::None(reason)) if reason.value == "not documented")
    );
    assert!(matches!(&descriptor.settings.pager, Some(PagerUse::Inline(_))));
    let Some(RetryUse::Policy(retry)) = &descriptor.settings.retry else {
        panic!("a policy");
    };
    let when: Vec<RetryWhen> = retry
        .when
        .iter()
        .flat_map(|when| when.iter().map(|when| when.value))
        .collect();
    assert_eq!(when, [RetryWhen::Network, RetryWhen::Kind(ErrorKind::Server)]);

    let orders = &descriptor.resources[0].1;
    assert!(matches!(&orders.settings.rate_limit, Some(RateLimitUse::Names(names)) if names.len() == 2));
    assert!(matches!(&orders.settings.retry, Some(RetryUse::None(_))));
    let [get, watch, old] = [
        &orders.operations[0].1,
        &orders.operations[1].1,
        &orders.operations[2].1,
    ];
    assert!(matches!(&get.settings.scope, Some(ScopeUse::Any(names)) if names.len() == 2));
    let Some(Returns::ByStatus(returns)) = &get.returns else {
        panic!("by status");
    };
    assert_eq!(returns[0].0.value, Status::Code(200));
    assert_eq!(returns[1].0.value, Status::Class(2));
    assert!(matches!(&watch.returns, Some(Returns::Stream(stream)) if stream.end.is_some()));
    assert!(matches!(&old.returns, Some(Returns::Type(Type::List(..)))));
    assert!(
        get.deprecated
            .as_ref()
            .is_some_and(|deprecated| deprecated.text.is_none())
    );
    assert!(
        old.deprecated
            .as_ref()
            .is_some_and(|deprecated| deprecated.since.is_some())
    );
    assert!(descriptor.models[0].1.fields[1].1.deprecated.is_none());
    let values = &descriptor.models[1].1.enum_.as_ref().expect("an enum").values;
    assert_eq!(
        values[0].name.as_ref().map(|name| name.value.as_str()),
        Some("kilogram")
    );
}

#[test]
fn places_tell_the_body_from_headers_and_words() {
    let (_, descriptor) = read(&format!(
        "{HEAD}{}",
        r"
pagers: { all: { type: cursor, cursor: after, next: $.next, page_size: { header: X-Size } } }
errors: { message: [$.error.message, { body: $.text, pattern: '^(\w+)' }] }
retry: { wait_from: [{ header: Retry-After, format: [seconds, http_date] }] }
resources: {}
"
    ));
    let pager = &descriptor.pagers[0].1;
    assert!(
        matches!(pager.cursor.as_ref().map(|place| &place.target), Some(Target::Word(word)) if word.value == "after")
    );
    assert!(
        matches!(pager.next.as_ref().map(|place| &place.target), Some(Target::Body(path)) if path.value == "$.next")
    );
    let size = pager
        .page_size
        .as_ref()
        .and_then(|size| size.name.as_ref())
        .expect("a name");
    assert!(matches!(&size.target, Target::Header(header) if header.value == "X-Size"));
    let message = &descriptor.settings.errors.as_ref().expect("errors").message;
    assert_eq!(
        message[1].pattern.as_ref().map(|pattern| pattern.value.as_str()),
        Some(r"^(\w+)")
    );
    let Some(RetryUse::Policy(retry)) = &descriptor.settings.retry else {
        panic!("a policy");
    };
    assert_eq!(retry.wait_from.as_ref().unwrap()[0].format.len(), 2);
}

#[test]
fn values_keep_the_characters_of_their_numbers() {
    let (_, descriptor) = read(&format!(
        "{HEAD}{}",
        r#"
resources:
  orders:
    operations:
      create:
        post: /orders
        params: { version: { const: 2 }, live: { const: true } }
        examples: [{ body: { price: 1.10, name: "1.10", gone: null, tags: [a, 1] }, status: 201 }]
"#
    ));
    let create = &descriptor.resources[0].1.operations[0].1;
    assert_eq!(
        create.params[1].1.const_.as_ref().map(|value| &value.value),
        Some(&Value::Bool(true))
    );
    let Some(Value::Map(body)) = create.examples[0].body.as_ref().map(|body| &body.value) else {
        panic!("a map");
    };
    assert_eq!(body[0].1.value, Value::Number("1.10".to_owned()));
    assert_eq!(body[1].1.value, Value::Text("1.10".to_owned()));
    assert_eq!(body[2].1.value, Value::Null);
}

#[test]
fn a_part_of_a_text_has_its_own_place() {
    let (sources, descriptor) = read(&format!(
        "{HEAD}title: \"Shop of things\"\ndocs: plain text\nresources: {{}}\n"
    ));
    let title = descriptor.title.expect("a title");
    assert_eq!(sources.snippet(title.part(8..14)), "things");
    let docs = descriptor.docs.expect("docs");
    assert_eq!(sources.snippet(docs.part(6..10)), "text");
}

#[test]
fn positions_count_characters_from_one() {
    let (sources, descriptor) = read(&format!(
        "{HEAD}title: Zoë é\r\nresources: {{ \"é\": {{ operations: {{}} }} }}\n"
    ));
    assert_eq!(descriptor.title.expect("a title").value, "Zoë é");
    let (name, _) = &descriptor.resources[0];
    let position = sources.position(name.span);
    assert_eq!((position.line, position.column), (5, 14));
}

#[test]
fn included_files_are_one_descriptor() {
    let sources = Sources::load(
        "providers/shop.yaml",
        format!("{HEAD}include: [shop/models.yaml, shop/orders.yaml]\n"),
        |name| match name {
            "providers/shop/models.yaml" => Ok("models: { Order: { id: int! } }\n".to_owned()),
            "providers/shop/orders.yaml" => Ok("resources: { orders: { operations: {} } }\n".to_owned()),
            other => Err(std::io::Error::other(other.to_owned())),
        },
    );
    let mut diagnostics = Diagnostics::new();
    let descriptor = syntax::parse(&sources, &mut diagnostics).expect("a descriptor");
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(&sources, false));
    assert_eq!(descriptor.models[0].0.value, "Order");
    assert_ne!(descriptor.resources[0].0.span.file, FileId::MAIN);
    assert_eq!(sources.files().len(), 3);
}

#[test]
fn a_file_that_could_not_be_fetched_is_watched_too() {
    let sources = Sources::load(
        "shop.yaml",
        format!("{HEAD}include: [gone.yaml]\nresources: {{}}\n"),
        |_| Err(std::io::Error::other("gone")),
    );
    assert_eq!(codes(&sources), [Code::Include]);
    assert_eq!(sources.files().len(), 2);
}

#[test]
fn one_run_shows_every_mistake() {
    let sources = Sources::from_text(
        "shop.yaml",
        format!(
            "{HEAD}tokesn: {{}}\nscopes: {{ all: {{ tokens: key, alwayz: true }} }}\nresources: {{ a: {{ operations: {{ b: {{ }} }} }} }}\n"
        ),
    );
    assert_eq!(
        codes(&sources),
        [Code::UnknownKey, Code::UnknownKey, Code::WrongType, Code::NoRoute]
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[test]
fn codes_are_found_by_number_and_by_name() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.id()), Some(*code));
        assert_eq!(Code::parse(code.name()), Some(*code));
        let explained = code.explain();
        assert!(
            explained.starts_with(&format!("# {}: {}\n", code.id(), code.title())),
            "{code}"
        );
        assert!(explained.len() > 120, "{code} is not explained");
    }
    assert_eq!(Code::parse("E999"), None);
}
