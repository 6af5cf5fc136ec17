use crate::stage::{Seen, Stage, acme, acme_with, inline, model};
use tollgate_mock::Mock;

#[tokio::test]
async fn the_right_token_is_let_in() {
    let stage = acme().await;
    for token in ["account", "store", "partner"] {
        let seen = stage.get("/stock/count", &stage.token(token)).await;
        assert_eq!(seen.status, 200, "{token}: {}", seen.text);
    }
    assert_eq!(stage.get("/audit", &stage.token("operator")).await.status, 200);
}

#[tokio::test]
async fn a_token_in_another_scheme_is_refused_and_both_are_named() {
    let stage = acme().await;
    let request = stage.bare("GET", "/account").bearer_auth("test-account");
    let seen = Seen::of(request.send().await.unwrap()).await;
    assert_eq!(seen.status, 401);
    assert!(seen.message().contains("X-Acme-Token"), "{}", seen.text);
    assert!(seen.message().contains("test-store"), "{}", seen.text);
    assert_eq!(seen.body["error"]["code"], "unauthorized");

    let seen = Seen::of(
        stage
            .bare("GET", "/account")
            .header("Authorization", "Token x")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(seen.status, 401);
    assert!(
        seen.message().contains("`Token …`, and not `Bearer {token}`"),
        "{}",
        seen.text
    );
}

#[tokio::test]
async fn authorization_is_named_where_another_header_is_demanded() {
    let stage = Stage::of(Mock::builder(model("providers/flxpoint.yaml"))).await;
    let request = stage.bare("GET", "/account").bearer_auth("test-account");
    let seen = Seen::of(request.send().await.unwrap()).await;
    assert_eq!(seen.status, 401);
    let expected = "`Authorization: Bearer …` is not read here; send `X-API-TOKEN: {token}`";
    assert!(seen.text.contains(expected), "{}", seen.text);
}

#[tokio::test]
async fn a_token_that_does_not_travel_comes_last() {
    let stage = inline(
        "
tokens: { nobody: { scheme: none, env: NOBODY }, somebody: { scheme: bearer, env: SOMEBODY } }
scopes: { open: [nobody, somebody], closed: [somebody] }
resources:
  a:
    operations:
      open: { get: /open, scope: open, returns: json }
      closed: { get: /closed, scope: closed, returns: json }
",
    )
    .await;
    let (nobody, somebody) = (stage.token("nobody"), stage.token("somebody"));
    assert_eq!(stage.get("/open", &nobody).await.status, 200);
    assert_eq!(stage.get("/closed", &nobody).await.status, 403);
    assert_eq!(stage.get("/closed", &somebody).await.status, 200);
    let report = stage.mock.report();
    let tokens: Vec<_> = report
        .requests
        .iter()
        .filter_map(|seen| seen.token.as_deref())
        .collect();
    assert_eq!(tokens, ["nobody", "nobody", "somebody"]);
}

#[tokio::test]
async fn no_token_says_what_to_send() {
    let stage = acme().await;
    let seen = Seen::of(stage.bare("GET", "/stock").send().await.unwrap()).await;
    assert_eq!(seen.status, 401);
    assert!(
        seen.message().contains("`Authorization: Bearer {token}`"),
        "{}",
        seen.text
    );
    assert_eq!(seen.header("www-authenticate"), Some("Bearer"));
    let report = stage.mock.report();
    assert!(report.budgets.is_empty(), "a request without a token spends nothing");
}

#[tokio::test]
async fn a_short_lived_token_that_is_not_good_any_more_is_not_taken_for_one_in_another_scheme() {
    let stage = inline(
        "
tokens:
  machine:
    scheme: bearer
    fields: { client_id: { env: MACHINE_ID, secret: false }, client_secret: { env: MACHINE_SECRET } }
    grant: { type: client_credentials, url: /oauth/token, client_auth: body, body: json }
scopes: { open: [machine] }
scope: open
resources: { berths: { operations: { list: { get: /berths, returns: json } } } }
",
    )
    .await;
    let get = async |value: &str| {
        let request = stage.bare("GET", "/berths").bearer_auth(value);
        let seen = Seen::of(request.send().await.unwrap()).await;
        (seen.status, seen.text)
    };
    let asked = stage.bare("POST", "/oauth/token").json(&serde_json::json!({
        "grant_type": "client_credentials",
        "client_id": stage.token("machine").field("client_id"),
        "client_secret": stage.token("machine").field("client_secret"),
    }));
    let issued = Seen::of(asked.send().await.unwrap()).await;
    let value = issued.body["access_token"].as_str().expect(&issued.text);
    let (status, text) = get(value).await;
    assert_eq!(status, 200, "{text}");
    stage.mock.revoke("machine");
    let (status, text) = get(value).await;
    assert!(status == 401 && text.contains("the token was revoked"), "{text}");
    assert!(!text.contains("is not read here"), "{text}");

    let (status, text) = get("fake-token-of-nobody").await;
    assert!(status == 401 && text.contains("none that was issued"), "{text}");
    assert!(!text.contains("fake-token-of-nobody"), "{text}");
}

#[tokio::test]
async fn a_secret_is_never_said_again() {
    let stage = acme().await;
    for request in [
        stage.bare("GET", "/account").header("X-Acme-Token", "s3cr3t-value"),
        stage
            .bare("GET", "/account?tenant=s3cr3t-value")
            .header("X-Acme-Key", "s3cr3t-value"),
        stage.bare("GET", "/s3cr3t-value/account"),
        stage
            .bare("GET", "/account")
            .basic_auth("s3cr3t-value", Some("s3cr3t-value")),
        stage
            .bare("GET", "/account?s3cr3t=s3cr3t-value")
            .header("X-Acme-Token", stage.token("account").value()),
    ] {
        let seen = Seen::of(request.send().await.unwrap()).await;
        assert!(!seen.text.contains("s3cr3t-value"), "{}", seen.text);
    }
    let report = stage.mock.report();
    assert_eq!(report.total(), 5);
    assert!(!format!("{report:?}{report}").contains("s3cr3t-value"), "{report:?}");
}

#[tokio::test]
async fn a_known_token_without_the_scope_is_403() {
    let stage = acme().await;
    let seen = stage.get("/account", &stage.token("store")).await;
    assert_eq!(seen.status, 403);
    assert_eq!(seen.message(), "`store` lacks the scope `workspace` (held by account)");
    assert_eq!(stage.get("/whoami", &stage.token("store")).await.status, 200);
}

#[tokio::test]
async fn all_of_and_any_of_are_told_apart() {
    let stage = acme().await;
    let cancel = serde_json::json!({ "reason": "late" });
    let request = |token: &str| {
        let request = stage.request("POST", "/orders/3/cancel", &stage.token(token));
        request.header("Idempotency-Key", token).json(&cancel).send()
    };
    assert_eq!(request("account").await.unwrap().status(), 200);
    assert_eq!(request("store").await.unwrap().status(), 403);
    let archive = stage
        .request("POST", "/orders/3/archive", &stage.token("store"))
        .send()
        .await
        .unwrap();
    assert_eq!(archive.status(), 204);
}

#[tokio::test]
async fn roles_narrow_and_always_scopes_stay() {
    let stage = acme_with(|builder| builder.role("watcher", ["supply"])).await;
    let partner = stage.token("partner");
    let seller = partner.clone().with_role("seller").unwrap();
    assert_eq!(seller.field("key").unwrap(), "test-partner-seller-key");
    assert_eq!(stage.get("/stock/count", &seller).await.status, 200);
    assert_eq!(stage.get("/audit", &seller).await.status, 403);
    assert_eq!(stage.get("/audit", &partner).await.status, 200);

    let watcher = partner.clone().with_role("watcher").unwrap();
    assert_eq!(stage.get("/stock/count", &watcher).await.status, 200);
    assert_eq!(stage.get("/orders", &watcher).await.status, 403);

    let support = partner.clone().with_role("support").unwrap();
    assert_eq!(
        stage.get("/audit/acme/report", &support).await.status,
        200,
        "`member` is held whatever the role"
    );
    assert!(partner.with_role("nobody").is_none());
    assert!(stage.token("account").with_role("seller").is_none());
}

#[tokio::test]
async fn a_token_of_many_parts_needs_them_all() {
    let stage = acme().await;
    let partner = stage.token("partner");
    let only_key = stage
        .bare("GET", "/stock/count")
        .header("X-Acme-Key", partner.field("key").unwrap());
    let seen = Seen::of(only_key.send().await.unwrap()).await;
    assert_eq!(seen.status, 401);
    assert!(seen.message().contains("the query parameter `tenant`"), "{}", seen.text);

    let mixed = stage
        .request("GET", "/stock/count", &partner)
        .header("X-Acme-Key", "test-partner-key-2");
    assert_eq!(mixed.send().await.unwrap().status(), 200, "the first header counts");
    let mixed = stage
        .bare("GET", "/stock/count?tenant=t")
        .header("X-Acme-Key", "test-partner-key")
        .header("Cookie", "session=test-partner-key-2");
    assert_eq!(
        mixed.send().await.unwrap().status(),
        401,
        "parts of two values are no token"
    );
}

#[tokio::test]
async fn another_environment_has_other_values() {
    let model = crate::stage::model("descriptor/tests/good/acme.yaml");
    let mock = Mock::builder(model).environment("sandbox").start().await.unwrap();
    assert_eq!(mock.token("account").unwrap().value(), "test_test-account");
    assert!(mock.token("nobody").is_none());
}
