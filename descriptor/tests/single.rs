//! One mistake is one diagnostic: what follows from it is not told as well.

use std::fmt::Write as _;
use tollgate_descriptor::diagnostic::Diagnostics;
use tollgate_descriptor::load_at;
use tollgate_descriptor::source::Sources;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

/// What is written in the sound descriptor, what in its place, and the code that tells of it.
const MISTAKES: [(&str, &str, &str); 57] = [
    ("scopes:", "scpes:", "unknown_key"),
    ("resources:", "resorces:", "unknown_key"),
    ("    scope: sales\n", "    scop: sales\n", "unknown_key"),
    ("scope: supply\n", "scope: suply\n", "dangling_name"),
    (
        "    scope: sales\n",
        "",
        "operation_without_scope operation_without_scope",
    ),
    ("scope: sales\n", "scope: sale\n", "dangling_name"),
    (
        "scope: { any: [sales, supply] }",
        "scope: { any: [sale, supply] }",
        "dangling_name",
    ),
    ("scope: [sales, supply]", "scope: [sales, suply]", "dangling_name"),
    ("supply: [account, store]", "supply: [account, stor]", "dangling_name"),
    (
        "supply: [account, store]",
        "supply: [acount, stor]",
        "dangling_name dangling_name",
    ),
    (
        "supply: [account, store]",
        "suply: [account, store]",
        "dangling_name dangling_name dangling_name",
    ),
    ("seller: [sales]", "seller: [sale]", "dangling_name"),
    ("roles: [seller]", "roles: [seler]", "dangling_name"),
    ("scheme: api_token\n", "scheme: api_tokn\n", "dangling_name"),
    ("scheme: bearer", "scheme: beaer", "dangling_name"),
    ("X-Shop-Token: \"{token}\"", "X-Shop-Token: \"{tokn}\"", "dangling_name"),
    ("https://{region}.shop", "https://{regin}.shop", "dangling_name"),
    (
        "X-Shop-Region: \"{region}\"",
        "X-Shop-Region: \"{regin}\"",
        "dangling_name",
    ),
    ("pager: by_page\n", "pager: by_pag\n", "dangling_name"),
    ("rate_limit: per_token\n", "rate_limit: per_tokn\n", "dangling_name"),
    ("type: page,", "type: pages,", "unknown_word"),
    ("kind: rate_limited", "kind: rate_limit", "unknown_word"),
    (
        "when: [network, rate_limited]",
        "when: [netwrk, rate_limited]",
        "unknown_word",
    ),
    ("body: ApiError", "body: ApiEror", "dangling_name"),
    ("body: Slowdown", "body: Slowdwn", "dangling_name"),
    ("returns: [StockItem]", "returns: [StockItm]", "dangling_name"),
    ("returns: Count", "returns: Cunt", "dangling_name"),
    ("state: State }", "state: Stat }", "dangling_name"),
    ("body: StockBatch", "body: StockBach", "dangling_name"),
    ("items: \"[StockWrite]!\"", "items: \"[StockWrit]!\"", "dangling_name"),
    ("200: Order", "200: Ordr", "dangling_name"),
    ("email: EmailContact", "email: EmalContact", "dangling_name"),
    ("contact: Contact", "contact: Contct", "dangling_name"),
    ("email: EmailContact", "letter: { name: email, type: EmailContact }", ""),
    (
        "email: EmailContact",
        "letter: { name: email, type: EmalContact }",
        "dangling_name",
    ),
    (
        "email: EmailContact",
        "letter: { name: email, typ: EmailContact }",
        "unknown_key",
    ),
    (
        "email: EmailContact",
        "email: EmailContact, letter: { name: email, type: EmailContact }",
        "duplicate_key",
    ),
    ("account: stock.count", "account: stock.cont", "dangling_name"),
    ("account: stock.count", "acount: stock.count", "dangling_name"),
    ("{ account: required", "{ acount: required", "dangling_name"),
    (
        "at_most_one: [[skus, ids]]",
        "at_most_one: [[skus, id]]",
        "dangling_name",
    ),
    ("$one_of: [[email, phone]]", "$one_of: [[email, phon]]", "dangling_name"),
    ("param: store_id", "param: stor_id", "dangling_name"),
    ("items: $.items,", "items: $.item,", "batch_on_non_array"),
    (
        "idempotency_key: $.items.*.key",
        "idempotency_key: $.items.*.ky",
        "dangling_name",
    ),
    ("host: files", "host: fils", "dangling_name"),
    ("use: orders.ping", "use: orders.pong", "dangling_replacement"),
    ("window: 1s", "window: 1", "bad_duration"),
    ("window: 1s", "window: 0.5", "bad_duration"),
    ("window: 1s", "window: 1.5s", "bad_duration"),
    ("window: 1s", "window: 00:30", "bad_duration"),
    ("window: 1s", "window: [1s]", "wrong_type"),
    ("pager: by_page\n", "pager: by_page\ntimeout: 30\n", "bad_duration"),
    (
        "when: [network, rate_limited]",
        "when: [network, rate_limited], max_wait: 60",
        "bad_duration",
    ),
    (
        "when: [network, rate_limited]",
        "when: [network], backoff: { initial: 1 }",
        "bad_duration",
    ),
    ("body: StockBatch", "max_body: 1000, body: StockBatch", "bad_size"),
    ("params: { id: int,", "params: { id: int, near: Plce,", "dangling_name"),
];

fn diagnose(text: &str) -> (Sources, Diagnostics) {
    let sources = Sources::from_text("shop.yaml", text);
    let diagnostics = match load_at(&sources, TODAY) {
        Ok(loaded) => loaded.lints,
        Err(diagnostics) => diagnostics,
    };
    (sources, diagnostics)
}

#[test]
fn one_mistake_is_one_diagnostic() {
    let sound = include_str!("single/shop.yaml");
    let (sources, diagnostics) = diagnose(sound);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(&sources, false));
    let mut wrong = String::new();
    for (written, mistake, expected) in MISTAKES {
        assert!(sound.contains(written), "{written}");
        let (sources, diagnostics) = diagnose(&sound.replacen(written, mistake, 1));
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.name()).collect();
        if codes.join(" ") != expected {
            let drawn = diagnostics.render(&sources, false);
            let _ = writeln!(wrong, "`{written}` -> `{mistake}`: {expected} expected\n{drawn}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
