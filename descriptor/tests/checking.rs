//! From a file to a model.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::{Date, date};
use tollgate_descriptor::diagnostic::{Code, Severity};
use tollgate_descriptor::model::{
    FieldPresence, Guard, Model, Path as ModelPath, Place, Presence, Returns, Scheme, Shape, SignerOption, Source,
    Step, TimeFormat,
};
use tollgate_descriptor::source::Sources;
use tollgate_descriptor::{Loaded, load_at};

const TODAY: Date = date(2026, 11, 21);

fn load(path: impl AsRef<Path>) -> Loaded {
    let sources = Sources::read(path).expect("a descriptor");
    load_at(&sources, TODAY).unwrap_or_else(|diagnostics| panic!("{}", diagnostics.render(&sources, false)))
}

fn acme() -> Model {
    load("tests/good/acme.yaml").model
}

#[test]
fn the_whole_language_becomes_a_model() {
    let loaded = load("tests/good/acme.yaml");
    assert!(loaded.lints.is_empty(), "{:?}", loaded.lints);
    assert!(loaded.model.unsupported.is_empty(), "{:?}", loaded.model.unsupported);
    insta::assert_debug_snapshot!("acme", loaded.model);
}

#[test]
fn every_grant_becomes_a_model() {
    let loaded = load("tests/good/harbor.yaml");
    assert!(loaded.lints.is_empty(), "{:?}", loaded.lints);
    assert!(loaded.model.unsupported.is_empty(), "{:?}", loaded.model.unsupported);
    insta::assert_debug_snapshot!("harbor_tokens", loaded.model.tokens);
}

#[test]
fn the_hard_parts_of_real_providers_are_read() {
    for name in ["flxpoint", "flexport", "flexprice", "flex_forward"] {
        let loaded = load(format!("tests/corpus/{name}.yaml"));
        assert_eq!(loaded.model.provider.id, name);
    }
}

#[test]
fn every_mistake_is_told_in_one_run() {
    let sources = Sources::read("tests/many/shop.yaml").expect("a descriptor");
    let Err(diagnostics) = load_at(&sources, TODAY) else {
        panic!("the mistakes were not found");
    };
    insta::assert_snapshot!("many", diagnostics.render(&sources, false));
}

#[test]
fn what_cannot_be_generated_yet_is_no_error() {
    let loaded = load("tests/diagnostics/not_supported_yet.yaml");
    assert!(
        loaded
            .model
            .unsupported
            .iter()
            .all(|diagnostic| diagnostic.code == Code::NotSupportedYet)
    );
    let words: Vec<&str> = loaded
        .model
        .unsupported
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(words.len(), 4, "{words:#?}");
}

#[test]
fn a_year_makes_facts_old_and_no_error() {
    let sources = Sources::read("tests/good/acme.yaml").expect("a descriptor");
    let codes = |today| -> Vec<Code> {
        let loaded = load_at(&sources, today).expect("a sound descriptor");
        loaded.lints.iter().map(|diagnostic| diagnostic.code).collect()
    };
    assert_eq!(codes(date(2027, 11, 21)), []);
    assert_eq!(codes(date(2027, 11, 22)), [Code::StaleFacts]);
}

#[test]
fn errors_are_never_silenced() {
    let text = "descriptor: 1\nprovider: shop\nallow: [{ lint: E045, reason: because }]\n\
                environments: { production: { base_url: https://api.example.com } }\n\
                resources: { shop: { operations: { get: { get: /shop } } } }\n";
    let Err(diagnostics) = load_at(&Sources::from_text("shop.yaml", text), TODAY) else {
        panic!("the missing scope was not found");
    };
    assert!(
        diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == Code::OperationWithoutScope)
    );
}

#[test]
fn ids_lead_into_their_lists() {
    let model = acme();
    for (_, operation) in model.operations() {
        assert!(operation.settings.index() < model.settings.len());
        for param in &operation.params {
            if let Presence::ByToken(rule) = param.presence {
                assert_eq!(model.rule(rule).field, param.rust);
            }
        }
        if let Guard::All(id) = operation.guard {
            assert!(model.all(id).scopes.len() > 1);
        }
    }
    for check in &model.health_checks {
        assert!(check.operation < model.resources[check.resource].operations.len());
    }
}

#[test]
fn a_key_frees_its_field() {
    let model = acme();
    let create = model
        .definitions
        .iter()
        .find(|definition| definition.name == "OrderCreate")
        .expect("the model");
    let Shape::Record(record) = &create.shape else {
        panic!("not an object");
    };
    assert_eq!(record.fields[0].wire, "key");
    assert_eq!(record.fields[0].presence, FieldPresence::Optional);
}

#[test]
fn only_what_leads_straight_back_is_boxed() {
    let model = acme();
    let tree = model
        .definitions
        .iter()
        .find(|definition| definition.name == "Tree")
        .expect("the model");
    let Shape::Record(record) = &tree.shape else {
        panic!("not an object");
    };
    let boxed: Vec<&str> = record
        .fields
        .iter()
        .filter(|field| field.boxed)
        .map(|field| field.wire.as_str())
        .collect();
    assert_eq!(boxed, ["next"]);
}

#[test]
fn a_default_pager_is_for_gets_that_return_a_list() {
    let model = acme();
    for (_, operation) in model.operations() {
        if operation.pager.is_some() {
            assert!(matches!(operation.returns, Returns::One(_)), "{}", operation.type_name);
        }
    }
    let count = model
        .operations()
        .find(|(_, operation)| operation.type_name.as_str() == "CountStock");
    assert!(count.is_some_and(|(_, operation)| operation.pager.is_none()));
}

#[test]
fn a_line_less_never_panics() {
    let text = std::fs::read_to_string("tests/good/acme.yaml").expect("a descriptor");
    let lines: Vec<&str> = text.lines().collect();
    for without in 0..lines.len() {
        let kept: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != without)
            .map(|(_, line)| *line)
            .collect();
        let sources = Sources::from_text("acme.yaml", kept.join("\n"));
        if let Err(diagnostics) = load_at(&sources, TODAY) {
            assert!(diagnostics.has_errors());
            assert!(
                diagnostics
                    .iter()
                    .any(|diagnostic| diagnostic.severity == Severity::Error)
            );
        }
    }
}

#[test]
fn a_word_in_the_wrong_place_never_panics() {
    let text = std::fs::read_to_string("tests/good/acme.yaml").expect("a descriptor");
    let words: Vec<&str> = text
        .split_inclusive([' ', '\n', '{', '}', '[', ']', ',', ':'])
        .collect();
    for at in (0..words.len()).step_by(23) {
        let mut changed = words.clone();
        changed.swap(at, (at * 7 + 3) % words.len());
        let sources = Sources::from_text("acme.yaml", changed.concat());
        let _ = load_at(&sources, TODAY);
    }
}

#[test]
fn what_signers_are_told_is_laid_flat_and_keeps_its_types() {
    let text = r#"
descriptor: 1
provider: shop
title: Shop
checked: 2026-11-21
environments: { production: { base_url: https://api.example.com } }
variables: { region: { env: SHOP_REGION } }
schemes:
  app_jwt:
    signer: jwt
    options:
      algorithm: RS256
      key: "{private_key}"
      lifetime: 1h30m
      skew: 0s
      claims: { iss: "{app_id}", aud: ["{region}", all], "https://shop.example/admin": true, level: 3, sub: { kind: app } }
    header: { Authorization: "Bearer {signature}" }
  signed: { signer: hmac, options: { key: "{key}", payload: "{timestamp}{method}{path}{body}" }, header: { X-Sign: "v1={signature}", X-Time: "{timestamp}" } }
  sigv4: { signer: aws_sigv4, options: { region: "{region}", service: dynamodb, key: "{secret}", key_id: "{key_id}", session_token: "{session}" } }
  own: { signer: notary, options: { depth: { a: 1, b: "{key}" } }, query: { sig: "{signature}" } }
tokens:
  app: { scheme: app_jwt, fields: { app_id: { env: SHOP_APP_ID, secret: false }, private_key: { env: SHOP_APP_KEY } } }
  partner: { scheme: signed, fields: { key: { env: SHOP_PARTNER_KEY } } }
  cloud: { scheme: sigv4, fields: { key_id: { env: SHOP_KEY_ID }, secret: { env: SHOP_SECRET }, session: { env: SHOP_SESSION, optional: true } } }
  sealed: { scheme: own, fields: { key: { env: SHOP_SEAL } } }
scopes: { member: [app, partner, cloud, sealed] }
scope: member
health_check: shop.get
resources:
  shop: { operations: { get: { get: /shop, returns: json } } }
"#;
    let sources = Sources::from_text("shop.yaml", text);
    let loaded =
        load_at(&sources, TODAY).unwrap_or_else(|diagnostics| panic!("{}", diagnostics.render(&sources, false)));
    assert!(loaded.lints.is_empty(), "{}", loaded.lints.render(&sources, false));
    assert!(loaded.model.unsupported.is_empty(), "{:?}", loaded.model.unsupported);
    let mut told = String::new();
    for token in &loaded.model.tokens {
        let Scheme::Signed(signed) = &token.scheme else {
            panic!("{} is not signed", token.name);
        };
        writeln!(told, "{} by {}", token.name, signed.signer).unwrap();
        for (name, option) in &signed.options {
            match option {
                SignerOption::Text(template) => writeln!(told, "  {name} = {template}"),
                SignerOption::Json(json) => writeln!(told, "  {name} = json {json}"),
            }
            .unwrap();
        }
        for placement in &signed.placements {
            writeln!(told, "  {:?} {}: {}", placement.at, placement.name, placement.value).unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn retry_after_is_asked_where_wait_from_is_not_said_and_an_empty_list_switches_it_off() {
    let retry_after = || Place {
        source: Source::Header("Retry-After".to_owned()),
        formats: vec![TimeFormat::Seconds, TimeFormat::HttpDate],
        pattern: None,
    };
    let body = Place {
        source: Source::Body(ModelPath(vec![Step::Name("wait".to_owned())])),
        formats: vec![TimeFormat::Seconds],
        pattern: None,
    };
    let places = [
        ("{ max_attempts: 3 }", vec![retry_after()]),
        ("{ wait_from: [] }", vec![]),
        ("{ wait_from: { body: $.wait, format: seconds } }", vec![body]),
    ];
    for (retry, expected) in places {
        let text = std::fs::read_to_string("tests/single/shop.yaml").unwrap();
        let (before, rest) = text.split_once("\nretry:").unwrap();
        let (_, after) = rest.split_once('\n').unwrap();
        let sources = Sources::from_text("shop.yaml", format!("{before}\nretry: {retry}\n{after}"));
        let model = load_at(&sources, TODAY).unwrap().model;
        let mut operations = model.resources.iter().flat_map(|resource| &resource.operations);
        let settings = model.setting(operations.next().unwrap().settings);
        assert_eq!(settings.retry.as_ref().unwrap().wait_from, expected, "{retry}");
    }
}
