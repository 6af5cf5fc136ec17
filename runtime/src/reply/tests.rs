use super::*;
use crate::{Pager, PagerKind, ParamAt, Settings, Step, format};

static PLAIN: Spec = Spec::DEFAULT;
static WRAPPED: Spec = Spec {
    settings: &Settings {
        unwrap: Path(&[Step::Name("data")]),
        ..Settings::DEFAULT
    },
    ..Spec::DEFAULT
};
static MARKED: Spec = Spec {
    settings: &Settings {
        unwrap: Path(&[Step::Name("data")]),
        unwrap_when: &[(Path(&[Step::Name("kind")]), &["\"envelope\"", "\"answer\""])],
        ..Settings::DEFAULT
    },
    ..Spec::DEFAULT
};
static PAGED: Spec = Spec {
    pager: Some(&Pager {
        kind: PagerKind::Offset {
            offset: ParamAt::Query("offset"),
        },
        items: Path(&[Step::Name("data"), Step::Name("rows")]),
        page_size: None,
        total: None,
        stop_short: false,
    }),
    ..WRAPPED
};

fn reply(spec: &'static Spec, body: &'static str) -> Reply {
    Reply::new(spec, 200, Headers::new(), Bytes::from_static(body.as_bytes()))
}

fn told<T: fmt::Debug>(result: Result<T, DecodeError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_body_is_read_without_what_wraps_it() {
    assert_eq!(reply(&PLAIN, "\u{feff}[1,2]").json::<Vec<i64>>().unwrap(), [1, 2]);
    assert_eq!(reply(&WRAPPED, r#"{"data":[1,2]}"#).json::<Vec<i64>>().unwrap(), [1, 2]);
    assert_eq!(
        reply(&WRAPPED, r#"{"data":["1"]}"#)
            .json_as::<format::Int, Vec<i64>>()
            .unwrap(),
        [1]
    );
    assert_eq!(told(reply(&WRAPPED, "{}").json::<i64>()), "there is no `$.data`");
    assert_eq!(told(reply(&WRAPPED, "[]").json::<i64>()), "there is no `$.data`");
}

#[test]
fn a_body_without_the_mark_of_what_wraps_it_is_bare() {
    let read = |body| reply(&MARKED, body).json::<crate::Json>().unwrap().to_string();
    assert_eq!(read(r#"{"kind":"envelope","data":{"id":1}}"#), r#"{"id":1}"#);
    assert_eq!(read(r#"{"data":{"id":1},"kind":"answer"}"#), r#"{"id":1}"#);
    // A resource may have a field of the envelope's name.
    let event = r#"{"data":{"id":1},"kind":"event"}"#;
    assert_eq!(read(event), event);
    assert_eq!(read(r#"{"data":1}"#), r#"{"data":1}"#);
    assert_eq!(read("[1]"), "[1]");
    assert_eq!(
        told(reply(&MARKED, r#"{"kind":"envelope"}"#).json::<i64>()),
        "there is no `$.data`"
    );
}

#[test]
fn the_place_of_items_counts_from_the_whole_body() {
    assert_eq!(reply(&PAGED, r#"{"data":{"rows":[1]}}"#).items::<i64>().unwrap(), [1]);
    assert_eq!(
        reply(&PAGED, r#"{"data":{"rows":["1"]}}"#)
            .items_as::<format::Int, i64>()
            .unwrap(),
        [1]
    );
    assert!(
        reply(&PAGED, r#"{"data":{"rows":null}}"#)
            .items::<i64>()
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        told(reply(&PAGED, r#"{"data":{}}"#).items::<i64>()),
        "there is no list at `$.data.rows`"
    );
    assert_eq!(reply(&PLAIN, "[1]").items::<i64>().unwrap(), [1]);
    assert!(reply(&PAGED, r#"{"data":{"rows":{}}}"#).items::<i64>().is_err());
}

#[test]
fn a_problem_is_placed_in_the_whole_body() {
    let error = reply(&PAGED, "{\"data\":\n {\"rows\": [1, true]}}")
        .items::<i64>()
        .unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(2), Some(18)));
    assert_eq!(
        error.to_string(),
        "invalid type: boolean `true`, expected i64 (line 2, column 18 of the body)"
    );
    let error = reply(&WRAPPED, "{\"data\":\n [1,\n true]}")
        .json::<Vec<i64>>()
        .unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(5)));
    let error = reply(&WRAPPED, "{\"data\": true}").json::<i64>().unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(1), Some(13)));
}

#[test]
fn a_problem_does_not_quote_the_body() {
    let error = reply(&PLAIN, "\"hunter2 \\\"said\\\" it\"").json::<i64>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid type: string, expected i64 (line 1, column 21 of the body)"
    );
    let error = reply(&WRAPPED, "{\"data\":\"hunter2\"}")
        .json_as::<format::Int, i64>()
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    let error = DecodeError::at("", 0, &serde::de::Error::custom("é".repeat(1000)));
    assert_eq!(error.to_string().chars().count(), LONGEST + 1);
}

#[test]
fn what_is_no_json_is_said_to_be_none() {
    assert_eq!(told(reply(&PLAIN, " \n").json::<i64>()), "the body is empty");
    assert!(told(reply(&PLAIN, "<html>").json::<i64>()).starts_with("expected value (line 1, column 1"));
    assert!(told(reply(&PLAIN, "1 2").json::<i64>()).starts_with("trailing characters"));
    let reply = Reply::new(&PLAIN, 200, Headers::new(), Bytes::from_static(b"ab\xff"));
    assert_eq!(told(reply.text()), "the body is not UTF-8 after byte 2");
    assert_eq!(reply.bytes().unwrap().as_ref(), b"ab\xff");
}

#[test]
fn an_answer_does_not_print_what_it_holds() {
    let reply = Reply::new(
        &PLAIN,
        201,
        [("Set-Cookie", "hunter2")].into_iter().collect(),
        "hunter2".into(),
    );
    assert_eq!(
        format!("{reply:?}"),
        "Reply { operation: \"\", status: 201, body: \"7 bytes\", .. }".replace("\"7 bytes\"", "7 bytes")
    );
    assert_eq!(
        reply.unexpected().to_string(),
        "the status 201 is not one that the descriptor gives an answer for"
    );
    assert_eq!(reply.headers().get("set-cookie"), Some("hunter2"));
}
