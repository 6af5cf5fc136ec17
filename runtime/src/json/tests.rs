use super::*;
use crate::Json;
use proptest::prelude::*;

const ID: &[Step] = &[Step::Name("id")];
const DEEP: &[Step] = &[Step::Name("a"), Step::Name("b"), Step::Name("id")];
const EACH: &[Step] = &[Step::Each, Step::Name("id")];
const LINES: &[Step] = &[Step::Name("lines"), Step::Each, Step::Name("id")];

fn put(json: &str, path: &[Step], value: &str) -> Result<String, EditError> {
    edit(json, path, &mut |_| Some(value.to_owned()))
}

#[test]
fn an_edit_touches_nothing_else() {
    let json = r#" {"z": 1.10, "big":12345678901234567890123.4567890 , "id" : "old","é\u00e9":[1e400]} "#;
    assert_eq!(
        put(json, ID, "7").unwrap(),
        r#" {"z": 1.10, "big":12345678901234567890123.4567890 , "id" : 7,"é\u00e9":[1e400]} "#
    );
    assert_eq!(put(r#"{"z": 1.10 }"#, ID, "7").unwrap(), r#"{"z": 1.10 ,"id":7}"#);
}

#[test]
fn missing_objects_are_made() {
    assert_eq!(put("{}", DEEP, "7").unwrap(), r#"{"a":{"b":{"id":7}}}"#);
    assert_eq!(put(r#"{"a":null}"#, DEEP, "7").unwrap(), r#"{"a":{"b":{"id":7}}}"#);
    assert_eq!(
        put(r#"{"a":{"c":1}}"#, DEEP, "7").unwrap(),
        r#"{"a":{"c":1,"b":{"id":7}}}"#
    );
}

#[test]
fn each_means_every_element_and_none_of_a_missing_list() {
    assert_eq!(
        put(r#"[{}, {"id":1} ,{"x":2.50}]"#, EACH, "7").unwrap(),
        r#"[{"id":7}, {"id":7} ,{"x":2.50,"id":7}]"#
    );
    assert_eq!(put("{}", LINES, "7").unwrap(), "{}");
    assert_eq!(put(r#"{"lines":null}"#, LINES, "7").unwrap(), r#"{"lines":null}"#);
    assert_eq!(put(r#"{"lines":[{}]}"#, LINES, "7").unwrap(), r#"{"lines":[{"id":7}]}"#);
    assert_eq!(put("[]", EACH, "7").unwrap(), "[]");
}

#[test]
fn a_path_through_something_else_is_refused() {
    assert_eq!(put(r#"{"a":7}"#, DEEP, "7"), Err(EditError::NotAnObject));
    assert_eq!(put("[]", ID, "7"), Err(EditError::NotAnObject));
    assert_eq!(put("{}", EACH, "7"), Err(EditError::NotAnArray));
    assert_eq!(put("{", ID, "7"), Err(EditError::Malformed));
}

#[test]
fn what_is_there_is_shown_and_may_be_left_alone() {
    let mut shown = Vec::new();
    let edited = edit(r#"[{"id":1},{},{"id": null}]"#, EACH, &mut |there| {
        shown.push(there.map(str::to_owned));
        (there != Some("1")).then(|| shown.len().to_string())
    });
    assert_eq!(edited.unwrap(), r#"[{"id":1},{"id":2},{"id": 3}]"#);
    assert_eq!(shown, [Some("1".to_owned()), None, Some("null".to_owned())]);
}

#[test]
fn of_a_key_that_comes_twice_the_last_counts() {
    assert_eq!(put(r#"{"id":1,"id":2}"#, ID, "7").unwrap(), r#"{"id":1,"id":7}"#);
    assert_eq!(entry(r#"{"id":1,"id":2}"#, "id").unwrap().get(), "2");
}

#[test]
fn the_root_can_be_replaced() {
    assert_eq!(put("{\"a\":1}", &[], "[]").unwrap(), "[]");
}

#[test]
fn everything_on_a_path_is_found() {
    let json: &RawValue = serde_json::from_str(r#"{"lines":[{"id":1.0},{},{"id":2}]}"#).unwrap();
    let found: Vec<_> = find(json, LINES).into_iter().map(RawValue::get).collect();
    assert_eq!(found, ["1.0", "2"]);
    assert!(find(json, ID).is_empty());
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[a-z\"\\\\\u{e9}{}\\[\\],: ]{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop_oneof![Just("a".to_owned()), Just("b".to_owned()), Just("c\"é".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Name("a")),
        Just(Step::Name("b")),
        Just(Step::Name("c\"é")),
        Just(Step::Each),
    ];
    prop::collection::vec(step, 0..4)
}

/// The same edit on parsed values.
fn reference(json: &mut Json, path: &[Step]) -> Result<(), EditError> {
    match path {
        [] => *json = Json::from("new"),
        [Step::Each, ..] if json.is_null() => {}
        [Step::Each, rest @ ..] => {
            for element in json.as_array_mut().ok_or(EditError::NotAnArray)? {
                reference(element, rest)?;
            }
        }
        [Step::Name(name), rest @ ..] => {
            if rest.contains(&Step::Each) && json.get(name).is_none_or(Json::is_null) {
                return if json.is_null() || json.is_object() {
                    Ok(())
                } else {
                    Err(EditError::NotAnObject)
                };
            }
            if json.is_null() {
                *json = Json::Object(serde_json::Map::new());
            }
            let object = json.as_object_mut().ok_or(EditError::NotAnObject)?;
            reference(object.entry(*name).or_insert(Json::Null), rest)?;
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_edit_of_the_text_is_an_edit_of_the_value(json in any_json(), path in any_path(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        let mut expected = json;
        let expected = reference(&mut expected, &path).map(|()| expected);
        let edited = put(&text, &path, "\"new\"").map(|text| serde_json::from_str::<Json>(&text).unwrap());
        prop_assert_eq!(edited, expected);
    }
}
