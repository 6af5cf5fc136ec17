//! Lists in pages, of every kind.

mod support;

use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};
use support::*;
use tollgate::{
    Error, ErrorKind, HttpReply, HttpRequest, KeyPlace, Method, PageSize, Pager, PagerKind, ParamAt, Path, Place,
    ScriptedTransport, Spec, Start, Step,
};

const ITEMS: Path = Path(&[Step::Name("items")]);
const TOTAL: Place = Place::body(&[Step::Name("total")]);
const NEXT: Place = Place::body(&[Step::Name("next")]);

const BY_PAGE: Pager = Pager {
    kind: PagerKind::Page {
        page: ParamAt::Query("page"),
        first: 1,
    },
    items: ITEMS,
    page_size: Some(PageSize {
        at: ParamAt::Query("size"),
        default: Some(2),
        max: Some(50),
    }),
    total: Some(TOTAL),
    stop_short: false,
};
const BY_CURSOR: Pager = Pager {
    kind: PagerKind::Cursor {
        cursor: ParamAt::Query("cursor"),
        next: Some(NEXT),
        last: None,
        more: None,
    },
    page_size: None,
    ..BY_PAGE
};

says! {
    ByPage = Spec { pager: Some(&BY_PAGE), ..GET };
    ByPageShort = Spec { pager: Some(&Pager { stop_short: true, ..BY_PAGE }), ..GET };
    ByOffset = Spec {
        pager: Some(&Pager { kind: PagerKind::Offset { offset: ParamAt::Header("x-offset") }, ..BY_PAGE }),
        ..GET
    };
    ByCursor = Spec { pager: Some(&BY_CURSOR), ..GET };
    ByLast = Spec {
        method: Method::Post,
        idempotency_key: Some(KeyPlace::Header("key")),
        pager: Some(&Pager {
            kind: PagerKind::Cursor {
                cursor: ParamAt::Body(Path(&[Step::Name("page"), Step::Name("after")])),
                next: None,
                last: Some(Path(&[Step::Name("id")])),
                more: Some(Place::body(&[Step::Name("more")])),
            },
            page_size: Some(PageSize {
                at: ParamAt::Body(Path(&[Step::Name("page"), Step::Name("size")])),
                default: Some(2),
                max: None,
            }),
            ..BY_PAGE
        }),
        ..GET
    };
    ByLink = Spec { pager: Some(&Pager { kind: PagerKind::Link { rel: "next" }, ..BY_PAGE }), ..GET };
    ByUrl = Spec { pager: Some(&Pager { kind: PagerKind::NextUrl { next: NEXT }, page_size: None, ..BY_PAGE }), ..GET };
}

fn page(items: &[u64]) -> HttpReply {
    page_with(items, json!({}))
}

fn page_with(items: &[u64], more: Json) -> HttpReply {
    let Json::Object(mut body) = more else { unreachable!() };
    let items: Vec<_> = items.iter().map(|id| json!({ "id": id })).collect();
    body.insert("items".to_owned(), Json::from(items));
    HttpReply::new(200).json(&Json::Object(body))
}

fn script(pages: impl IntoIterator<Item = HttpReply>) -> ScriptedTransport {
    pages
        .into_iter()
        .fold(ScriptedTransport::new(), ScriptedTransport::then)
}

async fn ids<S: Says + Default>(script: &ScriptedTransport, list: List<S>) -> Result<Vec<u64>, Error<Failure>> {
    let items: Vec<Json> = client(script).call(list).items().try_collect().await?;
    Ok(items.iter().map(|item| item["id"].as_u64().unwrap()).collect())
}

fn queries(script: &ScriptedTransport) -> Vec<String> {
    let query = |request: &HttpRequest| {
        url::Url::parse(request.url())
            .unwrap()
            .query()
            .unwrap_or_default()
            .to_owned()
    };
    script.requests().iter().map(query).collect()
}

#[tokio::test]
async fn pages_by_number_end_with_an_empty_one() {
    let script = script([page(&[1, 2]), page(&[3, 4]), page(&[])]);
    assert_eq!(ids(&script, list::<ByPage>()).await.unwrap(), [1, 2, 3, 4]);
    assert_eq!(queries(&script), ["size=2&page=1", "size=2&page=2", "size=2&page=3"]);
}

#[tokio::test]
async fn pages_end_with_the_total_also_when_begun_in_the_middle() {
    let total = |items: &[u64]| page_with(items, json!({"total": 5}));
    let script1 = script([total(&[1, 2]), total(&[3, 4]), total(&[5])]);
    assert_eq!(ids(&script1, list::<ByPage>()).await.unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(script1.requests().len(), 3);
    let mut from_two = list::<ByPage>();
    from_two.0.start = Some(Start::Number(2));
    let script2 = script([total(&[3, 4]), total(&[5])]);
    assert_eq!(ids(&script2, from_two).await.unwrap(), [3, 4, 5]);
    assert_eq!(queries(&script2), ["size=2&page=2", "size=2&page=3"]);
}

#[tokio::test]
async fn a_short_page_is_the_last_only_where_that_is_promised() {
    let script1 = script([page(&[1, 2]), page(&[3])]);
    assert_eq!(ids(&script1, list::<ByPageShort>()).await.unwrap(), [1, 2, 3]);
    let script2 = script([page(&[1]), page(&[2, 3]), page(&[])]);
    assert_eq!(ids(&script2, list::<ByPage>()).await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn a_page_that_comes_again_is_an_error() {
    let script = script([page(&[1, 2]), page(&[1, 2]), page(&[1, 2])]);
    let mut pages = client(&script).call(list::<ByPage>()).pages();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(error.to_string().contains("the same page again"), "{error}");
    assert!(pages.next().await.is_none());
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn the_size_of_a_page_has_bounds() {
    for (size, says) in [(51, "at most 50"), (0, "never end")] {
        let mut list = list::<ByPage>();
        list.0.size = Some(size);
        let error = client(&script([])).call(list).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(says), "{error}");
    }
    let mut list = list::<ByPage>();
    list.0.size = Some(50);
    let script = script([page(&[])]);
    client(&script).call(list).send().await.unwrap();
    assert_eq!(queries(&script), ["size=50&page=1"]);
}

#[tokio::test]
async fn an_offset_is_what_was_received() {
    let script = script([page(&[1, 2]), page(&[3]), page(&[4, 5]), page(&[])]);
    assert_eq!(ids(&script, list::<ByOffset>()).await.unwrap(), [1, 2, 3, 4, 5]);
    let requests = script.requests();
    let offsets: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-offset").unwrap())
        .collect();
    assert_eq!(offsets, ["0", "2", "3", "5"]);
}

#[tokio::test]
async fn a_cursor_ends_with_null_absence_or_nothing() {
    for end in [json!({"next": null}), json!({}), json!({"next": ""})] {
        let script = script([page_with(&[1], json!({"next": "a/b"})), page_with(&[2], end)]);
        assert_eq!(ids(&script, list::<ByCursor>()).await.unwrap(), [1, 2]);
        assert_eq!(queries(&script), ["", "cursor=a%2Fb"]);
    }
}

#[tokio::test]
async fn a_cursor_that_comes_again_is_an_error_after_its_page() {
    let cursor = |id, next: &str| page_with(&[id], json!({"next": next}));
    let script = script([cursor(1, "a"), cursor(2, "b"), cursor(3, "a")]);
    let mut items = client(&script).call(list::<ByCursor>()).items();
    for id in 1..=3 {
        assert_eq!(items.next().await.unwrap().unwrap()["id"], id);
    }
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn the_last_item_can_be_the_cursor_and_goes_into_the_body_as_it_is() {
    let more = |items: &[u64], more: bool| page_with(items, json!({"more": more}));
    let script = script([more(&[1, 2], true), more(&[3], false)]);
    let mut list = list::<ByLast>();
    list.0.body = Some(json!({"filter": "x"}));
    let call = client(&script).call(list).idempotency_key("mine");
    let items: Vec<Json> = call.items().try_collect().await.unwrap();
    assert_eq!(items.len(), 3);
    let requests = script.requests();
    let bodies: Vec<Json> = requests
        .iter()
        .map(|request| serde_json::from_slice(request.body()).unwrap())
        .collect();
    assert_eq!(bodies[0], json!({"filter": "x", "page": {"size": 2}}));
    assert_eq!(bodies[1], json!({"filter": "x", "page": {"size": 2, "after": 2}}));
    let keys: Vec<_> = requests.iter().map(|request| request.header("key").unwrap()).collect();
    assert_eq!(keys, ["mine", "mine-1"]);
}

#[tokio::test]
async fn a_walk_goes_on_another_day_where_it_stopped() {
    let script = script([
        page_with(&[1], json!({"next": "a"})),
        page_with(&[2], json!({"total": 1})),
    ]);
    let client = client(&script);
    let first = client.call(list::<ByCursor>()).pages().next().await.unwrap().unwrap();
    assert_eq!(first.next, Some(Start::Cursor("a".to_owned())));
    let mut rest = list::<ByCursor>();
    rest.0.start = first.next;
    let second = client.call(rest).pages().next().await.unwrap().unwrap();
    assert_eq!((second.items.len(), second.total, second.next), (1, Some(1), None));
    assert_eq!(queries(&script), ["", "cursor=a"]);
}

#[tokio::test]
async fn links_are_followed_to_the_same_host() {
    let linked = |link: &str| page(&[1]).header("Link", &format!("<{link}>; rel=\"next\""));
    let script1 = script([
        linked("https://api.toy.example/v1/things?page=2&x=%20"),
        linked("/v1/things?page=3"),
        page(&[3]),
    ]);
    assert_eq!(ids(&script1, list::<ByLink>()).await.unwrap(), [1, 1, 3]);
    assert_eq!(queries(&script1), ["size=2", "page=2&x=%20", "page=3"]);

    let script2 = script([linked("https://evil.example/v1/things?page=2")]);
    let error = ids(&script2, list::<ByLink>()).await.unwrap_err();
    assert_eq!((error.kind(), script2.requests().len()), (ErrorKind::Paging, 1));
    assert!(error.to_string().contains("`https://evil.example`"), "{error}");

    let script3 = script([linked("?page=2"), linked("?page=2")]);
    let error = ids(&script3, list::<ByLink>()).await.unwrap_err();
    assert!(error.to_string().contains("a second time"), "{error}");
}

#[tokio::test]
async fn urls_in_answers_are_followed_to_the_same_host() {
    let to = |next: Json| page_with(&[1], json!({"next": next}));
    let script1 = script([to("http://api.toy.example/v1/things?c=1".into()), to(Json::Null)]);
    assert_eq!(ids(&script1, list::<ByUrl>()).await.unwrap(), [1, 1]);
    assert_eq!(script1.requests()[1].url(), "https://api.toy.example/v1/things?c=1");
    for evil in [
        "https://api.toy.example.evil.com/",
        "//evil.com/",
        "https://me@api.toy.example/",
        "http://api.toy.example:8080/",
    ] {
        let script = script([to(evil.into())]);
        let error = ids(&script, list::<ByUrl>()).await.unwrap_err();
        assert_eq!(
            (error.kind(), script.requests().len()),
            (ErrorKind::Paging, 1),
            "{evil}"
        );
    }
}

#[tokio::test]
async fn a_failure_ends_the_walk() {
    let script = script([page_with(&[1], json!({"next": "a"})), HttpReply::new(500)]);
    let mut items = client(&script).call(list::<ByCursor>()).items();
    assert!(items.next().await.unwrap().is_ok());
    assert_eq!(items.next().await.unwrap().unwrap_err().status(), Some(500));
    assert!(items.next().await.is_none());
}
