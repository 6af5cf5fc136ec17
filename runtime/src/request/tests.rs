use super::*;
use crate::{
    BatchSpec, Date, Decimal, Given, Json, KeyPlace, ParamAt, Secret, Step, Timestamp,
    param::{Unix, UnixMs},
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

static SPEC: Spec = Spec {
    path: "/orders/{id}/files/{name}.json",
    batch: Some(BatchSpec { max_items: 2 }),
    max_body: Some(64),
    ..Spec::DEFAULT
};
static DIRECTORY: Spec = Spec {
    path: "/{root}/{path}",
    ..Spec::DEFAULT
};
static ROOT: Spec = Spec {
    path: "/{path}",
    ..Spec::DEFAULT
};

const ITEMS: Path = Path(&[Step::Name("items"), Step::Each, Step::Name("key")]);

fn request() -> Request {
    Request::new(&Spec::DEFAULT)
}

fn body(request: &Request) -> String {
    String::from_utf8(request.content().unwrap().unwrap().bytes.into()).unwrap()
}

fn path(id: &str, name: &str) -> Result<String, EncodeError> {
    let mut request = Request::new(&SPEC);
    request.path("id", &id);
    request.path("name", &name);
    match request.mistake() {
        Some(mistake) => Err(mistake.clone()),
        None => request.filled_path("", |_| None),
    }
}

#[test]
fn path_values_stay_in_their_segment() {
    assert_eq!(path("7", "a b").unwrap(), "/orders/7/files/a%20b.json");
    assert_eq!(
        path("a/b?c#d%e\\f;g", "é😀").unwrap(),
        "/orders/a%2Fb%3Fc%23d%25e%5Cf%3Bg/files/%C3%A9%F0%9F%98%80.json"
    );
    assert_eq!(
        path("7", "..").unwrap(),
        "/orders/7/files/...json",
        "within a segment, dots are only dots"
    );
    assert_eq!(path("7", "\r\n\t\0").unwrap(), "/orders/7/files/%0D%0A%09%00.json");
}

#[test]
fn path_values_cannot_lead_elsewhere() {
    let escapes = EncodeError::PathEscapes { path: SPEC.path };
    assert_eq!(path("..", "x").unwrap_err(), escapes);
    assert_eq!(path(".", "x").unwrap_err(), escapes);
    assert_eq!(path("", "x").unwrap_err().to_string(), "the path value `id` is empty");
    assert_eq!(path("%2e%2e", "x").unwrap(), "/orders/%252e%252e/files/x.json");
    assert_eq!(
        Request::new(&SPEC).filled_path("", |_| None).unwrap_err().to_string(),
        "the path value `id` is missing"
    );
}

#[test]
fn slashes_may_be_kept_but_lead_nowhere_else() {
    let path = |root: &str, path: &str| {
        let mut request = Request::new(&DIRECTORY);
        request.path_keeping_slashes("path", &path);
        request.filled_path("", |name| (name == "root").then(|| root.to_owned()))
    };
    assert_eq!(path("a/b", "docs/my file.txt").unwrap(), "/a%2Fb/docs/my%20file.txt");
    for outside in ["..", "../x", "x/../../y", "x/.", "./x"] {
        assert!(path("a", outside).is_err(), "{outside}");
    }
    assert!(path("", "x").is_err());
    let mut request = Request::new(&ROOT);
    request.path_keeping_slashes("path", &"/evil.example/x");
    assert!(
        request.filled_path("", |_| None).is_err(),
        "the first segment would be read as a host"
    );
}

#[test]
fn lists_in_a_path_have_commas() {
    let mut request = Request::new(&DIRECTORY);
    request.path("root", &vec![1_i64, 2]);
    request.path("path", &vec!["a,b", "c"]);
    assert_eq!(request.filled_path("", |_| None).unwrap(), "/1,2/a%2Cb,c");
    request.path("root", &Vec::<i64>::new());
    assert!(matches!(request.mistake(), Some(EncodeError::EmptyPathValue { .. })));
}

fn query(name: &'static str, style: Style, value: &dyn Param) -> String {
    let mut request = request();
    request.query(name, style, value);
    assert_eq!(request.mistake(), None);
    request.encoded_query()
}

#[test]
fn lists_in_a_query_have_a_style() {
    let list = vec!["a", "b,c"];
    assert_eq!(query("id", Style::Repeat, &list), "id=a&id=b%2Cc");
    assert_eq!(query("id", Style::Comma, &list), "id=a,b%2Cc");
    assert_eq!(query("id", Style::Brackets, &list), "id%5B%5D=a&id%5B%5D=b%2Cc");
    for style in [Style::Repeat, Style::Comma, Style::Brackets] {
        assert_eq!(query("id", style, &"a"), "id=a");
        assert_eq!(query("id", style, &Vec::<i64>::new()), "");
        assert_eq!(query("id", style, &None::<Vec<i64>>), "");
    }
}

#[test]
fn maps_in_a_query_have_a_pair_per_entry() {
    let map = BTreeMap::from([("color".to_owned(), vec!["red", "blue"]), ("x y".to_owned(), vec!["1"])]);
    assert_eq!(
        percent_decode_str(&query("filter[{key}]", Style::Comma, &map)).decode_utf8_lossy(),
        "filter[color]=red,blue&filter[x y]=1"
    );
    assert_eq!(
        percent_decode_str(&query("{key}", Style::Brackets, &map)).decode_utf8_lossy(),
        "color[]=red&color[]=blue&x y[]=1"
    );
    assert_eq!(
        percent_decode_str(&query("f", Style::Repeat, &Some(map))).decode_utf8_lossy(),
        "f[color]=red&f[color]=blue&f[x y]=1"
    );
}

#[test]
fn every_type_has_a_text() {
    let time: Timestamp = "2024-05-06T07:08:09.25Z".parse().unwrap();
    let date: Date = "2024-05-06".parse().unwrap();
    let decimal: Decimal = "1.10".parse().unwrap();
    let values: [(&dyn Param, &str); 17] = [
        (&7_i64, "7"),
        (&1.5_f64, "1.5"),
        (&1e21_f64, "1000000000000000000000"),
        (&true, "true"),
        (&decimal, "1.10"),
        (&date, "2024-05-06"),
        (&time, "2024-05-06T07:08:09.25Z"),
        (&Unix(&time), "1714979289"),
        (&UnixMs(&Some(vec![time])), "1714979289250"),
        (&crate::Uuid::nil(), "00000000-0000-0000-0000-000000000000"),
        (&crate::Url::from("x:y"), "x:y"),
        (&Secret::from("hunter2"), "hunter2"),
        (&Bytes::from_static(&[0xfb, 0xff]), "+/8="),
        (&json!("a"), "a"),
        (&json!({"a": [1]}), "{\"a\":[1]}"),
        (&Given(7_i64), "7"),
        (&Some(&"a"), "a"),
    ];
    for (value, text) in values {
        assert_eq!(Values::of(value).joined(), text);
    }
    for absent in [
        &None::<i64> as &dyn Param,
        &crate::Absent,
        &Json::Null,
        &crate::Clearable::<i64>::Keep,
    ] {
        assert!(Values::of(absent).list.is_empty());
    }
}

#[test]
fn a_number_that_is_none_is_a_mistake() {
    let mut request = request();
    request.query("a", Style::Repeat, &vec![1.0, f64::NAN]);
    assert_eq!(
        request.mistake().unwrap().to_string(),
        "`a` cannot be sent: it is not a finite number"
    );
}

#[test]
fn headers_carry_no_line_breaks() {
    let mut request = request();
    request.header("X-Ids", &vec![1_i64, 2]);
    request.header("X-Meta-{key}", &BTreeMap::from([("a".to_owned(), "b\tc é")]));
    request.header("X-None", &None::<i64>);
    assert_eq!(
        request.headers(),
        [
            ("X-Ids".to_owned(), "1,2".to_owned()),
            ("X-Meta-a".to_owned(), "b\tc é".to_owned())
        ]
    );
    assert_eq!(request.mistake(), None);
    for value in ["a\r\nX-Evil: 1", "a\nb", "\0", "\u{7f}"] {
        let mut request = request.clone();
        request.header("X", &value);
        assert_eq!(
            request.mistake().unwrap(),
            &EncodeError::Header { name: "X".to_owned() }
        );
        assert_eq!(request.headers().len(), 2);
    }
    request.header("X-{key}", &BTreeMap::from([("a: b".to_owned(), "c")]));
    assert!(request.mistake().is_some());
}

#[test]
fn the_first_mistake_counts() {
    let mut request = Request::new(&SPEC);
    request.batch_len(2);
    request.max_items("ids", 3, 3);
    assert_eq!(request.mistake(), None);
    request.batch_len(3);
    request.max_items("ids", 3, 4);
    assert_eq!(
        request.mistake().unwrap().to_string(),
        "the batch has 3 elements, and the provider takes 2"
    );
}

#[test]
fn a_body_that_is_too_long_is_a_mistake() {
    let mut request = Request::new(&SPEC);
    request.bytes("application/octet-stream", Bytes::from(vec![0; 64]));
    assert_eq!(request.content().unwrap().unwrap().bytes.len(), 64);
    request.bytes("application/octet-stream", Bytes::from(vec![0; 65]));
    assert_eq!(
        request.content().unwrap_err().to_string(),
        "the body has 65 bytes, and the provider takes 64"
    );
}

#[test]
fn parameters_go_into_json() {
    let mut request = request();
    request.json(&json!([{"a": 1.5}, {}]));
    request.json_at(Path(&[Step::Each, Step::Name("sourceId")]), &7_i64);
    assert_eq!(body(&request), r#"[{"a":1.5,"sourceId":7},{"sourceId":7}]"#);
    assert_eq!(request.content().unwrap().unwrap().media, "application/json");
    request.json_at(Path(&[Step::Name("a")]), &7_i64);
    assert_eq!(
        request.mistake().unwrap().to_string(),
        "the body cannot be written: nothing can be put at `$.a`: there is something else than an object on the way"
    );
}

#[test]
fn parameters_make_a_body_where_there_is_none() {
    let mut request = request();
    request.json_at(Path(&[Step::Name("filter"), Step::Name("id")]), &"a");
    assert_eq!(body(&request), r#"{"filter":{"id":"a"}}"#);
}

#[test]
fn absent_bodies_are_none() {
    let mut request = request();
    request.json(&None::<Json>);
    request.form(Style::Repeat, &[], &None::<Json>);
    request.json_at(ITEMS, &None::<i64>);
    assert_eq!(request.content().unwrap(), None);
    request.json(&Json::Null);
    assert_eq!(body(&request), "null");
    request.multipart(vec![Part::json("a", None, &None::<Json>)]);
    assert!(!body(&request).contains("name="));
}

#[test]
fn a_media_type_of_its_own_stays() {
    let mut request = request();
    request.json_as("application/merge-patch+json", &json!({}));
    request.json_at(Path(&[Step::Name("a")]), &true);
    let content = request.content().unwrap().unwrap();
    assert_eq!(
        (content.media.as_str(), content.bytes.as_ref()),
        ("application/merge-patch+json", b"{\"a\":true}".as_ref())
    );
}

#[test]
fn secrets_go_out_in_bodies_only() {
    let mut request = request();
    request.json(&Secret::from("hunter2"));
    request.query("key", Style::Repeat, &Secret::from("hunter3"));
    request.header("key", &Secret::from("hunter4"));
    assert_eq!(body(&request), "\"hunter2\"");
    let shown = format!("{request:?} {:?}", Part::text("a", &Secret::from("hunter5")));
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn a_form_is_flat() {
    let mut request = request();
    let object = json!({"a": "x y&z", "b": {"c": [1, 2]}, "d": [{"e": 1.5}], "f": null, "g": ["x", true], "h": []});
    request.form(Style::Brackets, &[("g", Style::Comma)], &object);
    request.json_at(Path(&[Step::Name("a")]), &"new");
    let content = request.content().unwrap().unwrap();
    assert_eq!(content.media, "application/x-www-form-urlencoded");
    let text = body(&request);
    let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        pairs,
        ["a=new", "b[c][]=1", "b[c][]=2", "d[0][e]=1.5", "f=", "g=x,true"]
    );
    request.form(Style::Repeat, &[], &json!({"a": ["1", "2"]}));
    assert_eq!(body(&request), "a=1&a=2");
    request.form(Style::Repeat, &[], &json!([1]));
    assert!(request.content().is_err());
}

#[test]
fn multipart_bodies_have_a_part_per_value() {
    let mut request = request();
    let file = File::new("content")
        .file_name("a\"b\r\n.txt")
        .content_type("text/plain");
    let mut parts = vec![
        Part::text("title", &"x"),
        Part::json("meta", None, &json!({"a": 1})),
        Part::file("file", &file),
    ];
    parts.push(Part::text("none", &None::<i64>));
    parts.push(Part::text("ids", &vec![1_i64, 2]).media("text/csv"));
    request.multipart(parts);
    let content = request.content().unwrap().unwrap();
    let boundary = content.media.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = [
        "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b%0D%0A.txt\"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"ids\"\r\nContent-Type: text/csv\r\n\r\n1\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"ids\"\r\nContent-Type: text/csv\r\n\r\n2\r\n",
        "--B--\r\n",
    ];
    assert_eq!(body(&request).replace(boundary, "B"), expected.concat());
    assert_eq!(
        request.content().unwrap().unwrap(),
        content,
        "every attempt sends the same"
    );
}

#[test]
fn a_media_type_cannot_hold_a_line_break() {
    let mut request = request();
    request.multipart(vec![Part::file(
        "file",
        &File::new("x").content_type("text/plain\r\nX: y"),
    )]);
    assert!(request.mistake().is_some());
}

#[test]
fn a_boundary_that_stands_in_the_content_is_not_taken() {
    let mut content = b"x".to_vec();
    let first = multipart::encode(&[Part::file("f", &File::new(content.clone()))]).0;
    content.extend_from_slice(first.as_bytes());
    for _ in 0..8 {
        let (boundary, _) = multipart::encode(&[Part::file("f", &File::new(content.clone()))]);
        assert!(!String::from_utf8_lossy(&content).contains(&boundary));
        content.extend_from_slice(boundary.as_bytes());
    }
}

#[test]
fn paging_values_replace_what_is_there() {
    let mut request = request();
    request.query("page", Style::Repeat, &7_i64);
    request.query("size", Style::Repeat, &50_i64);
    request.header("x-cursor", &"a");
    request.put(ParamAt::Query("page"), &json!(8));
    request.put(ParamAt::Header("X-Cursor"), &json!("b"));
    request.put(ParamAt::Body(Path(&[Step::Name("page")])), &json!(8));
    assert_eq!(request.encoded_query(), "size=50&page=8");
    assert_eq!(request.headers(), [("X-Cursor".to_owned(), "b".to_owned())]);
    assert_eq!(body(&request), "{\"page\":8}");
}

#[test]
fn each_place_without_a_key_gets_a_fresh_one() {
    let mut count = 0;
    let mut key = || {
        count += 1;
        format!("key-{count}")
    };
    let mut request = request();
    request.json(&json!({"items": [{}, {"key": "own"}, {"key": null}, {"key": ""}]}));
    request.put_key(KeyPlace::Body(ITEMS), &mut key);
    assert_eq!(
        body(&request),
        r#"{"items":[{"key":"key-1"},{"key":"own"},{"key":"key-2"},{"key":"key-3"}]}"#
    );
    request.put_key(KeyPlace::Header("Idempotency-Key"), &mut key);
    request.put_key(KeyPlace::Header("idempotency-key"), &mut key);
    assert_eq!(request.headers(), [("Idempotency-Key".to_owned(), "key-4".to_owned())]);
}

#[test]
fn budgets_know_their_parameter() {
    let mut request = request();
    request.param("shop", &Some("a"));
    request.param("none", &None::<i64>);
    assert_eq!(request.params(), [("shop", "a".to_owned())]);
}

proptest! {
    #[test]
    fn a_path_value_stays_where_it_is_put(id in "\\PC{1,12}", name in ".{1,12}") {
        let Ok(path) = path(&id, &name) else {
            prop_assert!(id == "." || id == "..");
            return Ok(());
        };
        let url = url::Url::parse(&format!("https://example.com/v1{path}")).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 5);
        prop_assert_eq!(percent_decode_str(segments[2]).decode_utf8().unwrap(), id.as_str());
        prop_assert_eq!(percent_decode_str(segments[4]).decode_utf8().unwrap(), format!("{name}.json"));
        prop_assert_eq!((url.query(), url.fragment(), url.host_str()), (None, None, Some("example.com")));
    }

    #[test]
    fn every_byte_survives_a_query(name in ".{1,8}", values in prop::collection::vec(".{0,8}", 1..4)) {
        let mut request = Request::new(&SPEC);
        request.query = values.iter().map(|value| Pair::new(name.clone(), value.clone())).collect();
        let decoded: Vec<_> = url::form_urlencoded::parse(request.encoded_query().as_bytes()).into_owned().collect();
        let expected: Vec<_> = values.into_iter().map(|value| (name.clone(), value)).collect();
        prop_assert_eq!(decoded, expected);
    }

    #[test]
    fn a_form_reads_back(object in prop::collection::btree_map("[a-z]{1,4}", ".{0,8}", 0..4)) {
        let mut request = request();
        request.form(Style::Repeat, &[], &object);
        let decoded: BTreeMap<_, _> = url::form_urlencoded::parse(body(&request).as_bytes()).into_owned().collect();
        prop_assert_eq!(decoded, object);
    }

    #[test]
    fn a_multipart_body_splits_into_its_contents(contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..4)) {
        let parts: Vec<_> = contents.iter().map(|content| Part::file("f", &File::new(content.clone()))).collect();
        let (boundary, body) = multipart::encode(&parts);
        let mut rest = body.as_ref();
        for content in &contents {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n");
            rest = rest.strip_prefix(head.as_bytes()).unwrap().strip_prefix(content.as_slice()).unwrap().strip_prefix(b"\r\n").unwrap();
        }
        prop_assert_eq!(String::from_utf8_lossy(rest), format!("--{boundary}--\r\n"));
    }
}
