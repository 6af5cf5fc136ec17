//! What an answer means, told by its status, code, header and body.

use super::{keys::order, scripted_account, scripted_partner};
use crate::behaviour::support::{Stage, always, ok, timed};
use serde_json::{Value, json};
use tollgate::{ErrorKind, HttpReply, Kind};
use tollgate_mock::Fault;
use tollgate_scope_tests::acme::{
    Acme, Error, ErrorBody, account::GetAccount, audit::ReportAudit, orders::GetOrder, status::CheckStatus,
};

/// How a call of `orders.get` fails with an answer.
async fn failure(reply: HttpReply) -> Error {
    let (script, _) = timed([reply]);
    scripted_account(&script)
        .orders()
        .get(GetOrder::new(7))
        .send()
        .await
        .unwrap_err()
}

fn said(status: u16, body: &Value) -> HttpReply {
    HttpReply::new(status).header("X-Request-Id", "req-42").json(body)
}

#[tokio::test(start_paused = true)]
async fn a_status_alone_has_a_kind() {
    let kinds = [
        (400, Kind::Invalid),
        (401, Kind::Unauthorized),
        (402, Kind::QuotaExceeded),
        (403, Kind::OutOfScope),
        (404, Kind::NotFound),
        (409, Kind::Conflict),
        (418, Kind::Rejected),
        (500, Kind::Server),
        (503, Kind::Unavailable),
        (302, Kind::Rejected),
    ];
    for (status, kind) in kinds {
        let error = failure(HttpReply::new(status)).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Answer(kind), Some(status)));
    }
}

#[tokio::test]
async fn an_error_has_the_words_the_code_and_the_request_id_of_the_provider() {
    let error = failure(said(
        400,
        &json!({ "error": { "code": "bad_sku", "message": "no such sku" } }),
    ))
    .await;
    assert_eq!((error.message(), error.code()), (Some("no such sku"), Some("bad_sku")));
    assert_eq!(error.request_id(), Some("req-42"));
    let shown = error.to_string();
    assert_eq!(
        shown,
        "`orders.get` was refused as invalid (400): no such sku [bad_sku]; request id req-42"
    );
    // The other place for the message.
    let error = failure(said(400, &json!({ "error": "just words" }))).await;
    assert_eq!((error.message(), error.code()), (Some("just words"), None));
    assert!(matches!(error.body(), Some(ErrorBody::ApiError(body)) if body.error == Some(json!("just words"))));

    let stage = Stage::<Acme>::new().await;
    stage.fault("orders.get", 1, Fault::status(404));
    let error = stage
        .account(1)
        .orders()
        .get(GetOrder::new(7))
        .send()
        .await
        .unwrap_err();
    assert!(error.request_id().is_some_and(|id| id.starts_with("mock-")), "{error}");
    assert_eq!(
        (error.code(), error.message()),
        (Some("not_found"), Some("a scripted fault: 404"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_makes_any_status_a_rate_limit() {
    for code in ["too_fast", "slow_down"] {
        let (script, arrivals) = timed([
            said(400, &json!({ "error": { "code": code } })),
            ok(&json!({ "db": "up" })),
        ]);
        let error = scripted_account(&script)
            .status()
            .check(CheckStatus::new())
            .send()
            .await
            .unwrap_err();
        assert!(error.is(Kind::RateLimited), "{error}");
        assert_eq!(
            arrivals.millis(),
            [0],
            "this one is not repeated, the descriptor says why"
        );
    }
    let body = json!({ "error": { "code": "too_fast" }, "retry_in_ms": 1250 });
    let account = ok(&json!({ "data": { "id": 1, "created_at": "2026-01-02T03:04:05Z" } }));
    let (script, arrivals) = timed([said(400, &body), account]);
    scripted_account(&script)
        .account()
        .get(GetAccount::new())
        .send()
        .await
        .unwrap();
    // As long as the body says.
    assert_eq!(arrivals.millis(), [0, 1250]);
}

#[tokio::test]
async fn a_header_tells_a_plan_from_a_scope() {
    let error = failure(said(403, &json!({})).header("X-Acme-Reason", "plan")).await;
    assert!(error.is(Kind::QuotaExceeded), "{error}");
    assert!(error.hint().unwrap().contains("the plan does not hold this"), "{error}");
    let error = failure(said(403, &json!({})).header("X-Acme-Reason", "other")).await;
    assert!(error.is(Kind::OutOfScope), "{error}");
    // A 403 says who may call, whatever its reason.
    assert!(
        error.hint().unwrap().contains("takes `Account` or `Partner` tokens"),
        "{error}"
    );
}

#[tokio::test]
async fn what_stands_in_the_body_tells_a_conflict() {
    let error = failure(said(423, &json!({ "locked_by": "ada" }))).await;
    assert!(error.is(Kind::Conflict), "{error}");
    assert!(matches!(error.body(), Some(ErrorBody::ApiError(body)) if body.locked_by.as_deref() == Some("ada")));
    assert!(
        failure(said(423, &json!({ "locked_by": null })))
            .await
            .is(Kind::Rejected)
    );
    assert!(failure(said(423, &json!({}))).await.is(Kind::Rejected));
}

#[tokio::test]
async fn a_failure_inside_a_success_is_an_error_with_its_own_body() {
    for status in ["failed", "refused"] {
        let body =
            json!({ "status": status, "reason": "no stamp", "error": { "code": "E7", "message": "no postage" } });
        let script = always(said(201, &body));
        let error = scripted_account(&script)
            .orders()
            .create(order())
            .send()
            .await
            .unwrap_err();
        assert!(error.is(Kind::Rejected));
        assert_eq!(
            (error.status(), error.code(), error.message()),
            (Some(201), Some("E7"), Some("no postage"))
        );
        assert_eq!(error.hint().as_deref(), Some("the carrier refused"));
        let Some(ErrorBody::Failure(body)) = error.body() else {
            panic!("{error:?}")
        };
        assert_eq!(
            (body.status.as_str(), body.reason.as_deref()),
            (status, Some("no stamp"))
        );
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_rules_of_an_operation_replace_those_above() {
    let (script, arrivals) = timed([
        said(404, &json!({ "why": "ask again", "error": "unread" })),
        ok(&json!({ "name": "r" })),
    ]);
    scripted_partner(&script)
        .audit()
        .report(ReportAudit::new())
        .send()
        .await
        .unwrap();
    // Not made yet is unavailable, and unavailable is asked again.
    assert_eq!(arrivals.millis(), [0, 500]);

    let (script, _) = timed([said(404, &json!({ "why": "never will be", "error": "unread" }))]);
    let error = scripted_partner(&script)
        .audit()
        .report(ReportAudit::new())
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unavailable));
    assert_eq!((error.message(), error.request_id()), (Some("never will be"), None));
    assert_eq!((error.hint().as_deref(), error.attempts()), (Some("not made yet"), 4));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let script = always(HttpReply::new(302).header("location", "https://evil.example/"));
    let error = scripted_account(&script)
        .orders()
        .get(GetOrder::new(7))
        .send()
        .await
        .unwrap_err();
    assert!(error.hint().unwrap().contains("redirects are not followed"), "{error}");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn an_error_travels_as_any_other() {
    let error = failure(said(404, &json!({ "error": "gone" }))).await;
    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
    assert!(boxed.to_string().contains("gone"));
}
