use super::*;
use crate::{Errors, HttpReply, Path, Place, Step};
use serde_json::json;

const SETTINGS: &Settings = &Settings {
    errors: Errors {
        body: Some(0),
        code: &[Place::body(&[Step::Name("error"), Step::Name("code")])],
        ..Errors::DEFAULT
    },
    classify: &[
        Rule {
            status: &[StatusMatch::Exact(403)],
            code: &["quota"],
            kind: Kind::QuotaExceeded,
            hint: Some("pay"),
            model: Some(2),
            ..Rule::DEFAULT
        },
        Rule {
            status: &[StatusMatch::Class(2)],
            body: &[(
                Path(&[Step::Name("results"), Step::Each, Step::Name("ok")]),
                &["false", "0"],
            )],
            ..Rule::DEFAULT
        },
        Rule {
            headers: &[("x-maintenance", &["yes"])],
            kind: Kind::Unavailable,
            ..Rule::DEFAULT
        },
        Rule {
            status: &[StatusMatch::Class(2)],
            present: Some(Place::body(&[Step::Name("errors")])),
            kind: Kind::Invalid,
            ..Rule::DEFAULT
        },
    ],
    ..Settings::DEFAULT
};

fn kind_of(reply: &HttpReply) -> Option<Kind> {
    classify(SETTINGS, &Look::at(reply)).map(|verdict| verdict.kind)
}

#[test]
fn the_first_rule_that_matches_decides_and_all_its_conditions_must_hold() {
    let reply = HttpReply::new(403).json(&json!({"error": {"code": "quota"}}));
    let verdict = classify(SETTINGS, &Look::at(&reply)).unwrap();
    assert_eq!(
        (verdict.kind, verdict.hint, verdict.model),
        (Kind::QuotaExceeded, Some("pay"), Some(2))
    );
    let other = HttpReply::new(403).json(&json!({"error": {"code": "role"}}));
    let verdict = classify(SETTINGS, &Look::at(&other)).unwrap();
    assert_eq!(
        (verdict.kind, verdict.hint, verdict.model),
        (Kind::OutOfScope, None, Some(0))
    );
}

#[test]
fn a_failure_inside_a_success_is_a_failure() {
    let failed = json!({"results": [{"ok": true}, {"ok": false}]});
    assert_eq!(kind_of(&HttpReply::new(201).json(&failed)), Some(Kind::Rejected));
    let fine = json!({"results": [{"ok": true}], "errors": null});
    assert_eq!(kind_of(&HttpReply::new(201).json(&fine)), None);
    let present = json!({"errors": ["x"]});
    assert_eq!(kind_of(&HttpReply::new(200).json(&present)), Some(Kind::Invalid));
}

#[test]
fn a_rule_without_a_status_looks_at_failures_only() {
    let maintenance = |status| HttpReply::new(status).header("X-Maintenance", "yes");
    assert_eq!(kind_of(&maintenance(404)), Some(Kind::Unavailable));
    assert_eq!(kind_of(&maintenance(200)), None);
}

#[test]
fn without_a_rule_the_status_decides() {
    let kinds = [
        (204, None),
        (302, Some(Kind::Rejected)),
        (400, Some(Kind::Invalid)),
        (401, Some(Kind::Unauthorized)),
        (402, Some(Kind::QuotaExceeded)),
        (404, Some(Kind::NotFound)),
        (408, Some(Kind::Unavailable)),
        (409, Some(Kind::Conflict)),
        (418, Some(Kind::Rejected)),
        (429, Some(Kind::RateLimited)),
        (500, Some(Kind::Server)),
        (503, Some(Kind::Unavailable)),
        (599, Some(Kind::Server)),
    ];
    for (status, kind) in kinds {
        assert_eq!(kind_of(&HttpReply::new(status)), kind, "{status}");
    }
}
