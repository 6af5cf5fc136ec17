//! Whatever is sent, an answer comes back, and it is no accident of the server's.

use crate::stage;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tollgate_mock::{Builder, Mock};

/// What a request is put together from: enough of what is right to get deep into the server.
const ROUTES: [(&str, &str); 20] = [
    ("GET", "/api/account"),
    ("PATCH", "/api/account"),
    ("GET", "/api/stock"),
    ("POST", "/api/stock"),
    ("GET", "/api/stock/count"),
    ("GET", "/api/orders"),
    ("POST", "/api/orders"),
    ("GET", "/api/orders/3"),
    ("POST", "/api/orders/search"),
    ("POST", "/api/orders/query"),
    ("POST", "/api/orders/batch"),
    ("POST", "/api/orders/9/cancel"),
    ("POST", "/api/orders/1/refund"),
    ("POST", "/@host/files/orders/2/files"),
    ("GET", "/api/stock/a/labels/b/c"),
    ("GET", "/api/stock/changes"),
    ("GET", "/api/audit"),
    ("POST", "/@host/events/events/bulk"),
    ("GET", "/api/status"),
    ("GET", "/api/orders/%2F%00%ff"),
];
const QUERIES: [&str; 14] = [
    "page=1",
    "page=18446744073709551615",
    "pageSize=99999999",
    "offset=-1",
    "offset=18446744073709551615",
    "limit=0",
    "storeId=1",
    "mode=since",
    "since_id=%F0%9F",
    "meta.%7Bkey%7D=1",
    "skus[]=a",
    "mock_cursor=cffffffffffffffff",
    "tenant=t",
    "findById=1",
];
const HEADERS: [&str; 14] = [
    "X-Acme-Token: live_test-account",
    "X-Acme-Token: live_test-account-99999999999",
    "Authorization: Bearer test-store",
    "Authorization: Basic %%%",
    "Authorization: Basic OnRlc3Q=",
    "X-Acme-Key: test-partner-key",
    "Cookie: session=test-partner-key; ;=",
    "X-Acme-Version: 1",
    "X-Acme-Client: tollgate",
    "Content-Type: application/json",
    "Content-Type: multipart/form-data; boundary=",
    "Content-Type: application/x-www-form-urlencoded",
    "X-Cursor: c",
    "Idempotency-Key: k",
];
const BODIES: [&str; 12] = [
    "",
    "{}",
    "[]",
    "null",
    "[[[[]]]]",
    "{\"paging\":{\"page\":-1}}",
    "[{\"sku\":1,\"sourceId\":[]}]",
    "{\"orders\":[{},null,3]}",
    "{\"key\":\"k\",\"contact\":{\"kind\":3}}",
    "{\"after\":\"c5eed\",\"first\":1e99}",
    "--\r\n\r\n--",
    "amount=%ff&reasons[]=",
];

fn text() -> impl Strategy<Value = String> {
    "[ -~]{0,12}"
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let method = select(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"][..]);
    let any_route = (method, "/(api/)?[a-z0-9/%.~@]{0,20}");
    let known_route = select(&ROUTES[..]).prop_map(|(method, path)| (method, path.to_owned()));
    let route = prop_oneof![6 => known_route, 1 => any_route];
    let query = prop::collection::vec(
        prop_oneof![3 => select(&QUERIES[..]).prop_map(str::to_owned), 1 => "[a-z\\[\\]%=.]{0,10}"],
        0..3,
    );
    let usual = "X-Acme-Token: live_test-account\r\nX-Acme-Version: 1\r\nX-Acme-Client: tollgate\r\nContent-Type: application/json\r\n";
    let usual = prop_oneof![1 => Just(""), 3 => Just(usual)];
    let headers = prop::collection::vec(
        prop_oneof![4 => select(&HEADERS[..]).prop_map(str::to_owned), 1 => text().prop_map(|text| format!("X-Any: {text}"))],
        0..6,
    );
    let body = prop_oneof![4 => select(&BODIES[..]).prop_map(|body| body.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..40)];
    (route, query, usual, headers, body).prop_map(|((method, path), query, usual, headers, body)| {
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let headers: String = headers.iter().flat_map(|header| [header.as_str(), "\r\n"]).collect();
        let length = body.len();
        let head = format!("{method} {path}{query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{usual}{headers}\r\n");
        [head.into_bytes(), body].concat()
    })
}

async fn answer(address: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

#[test]
fn nothing_panics_and_everything_is_answered() {
    let panics = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&panics);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Other tests run beside this one; only the server's own panics count here.
        if panic.location().is_some_and(|at| at.file().contains("mock/src")) {
            heard.lock().unwrap().push(panic.to_string());
        }
        before(panic);
    }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let builder: Builder = Mock::builder(without_limits());
    let mock = runtime.block_on(builder.start()).unwrap();
    let url = mock.base_url();
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    proptest!(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() }, |(request in request())| {
        let answer = runtime.block_on(answer(&address, &request));
        let shown = String::from_utf8_lossy(&answer);
        prop_assert!(shown.starts_with("HTTP/1.1 "), "{}\n{shown}", String::from_utf8_lossy(&request));
        prop_assert!(!shown.starts_with("HTTP/1.1 5"), "{shown}");
    });
    assert_eq!(*panics.lock().unwrap(), Vec::<String>::new());
    let report = mock.report();
    assert!(
        report
            .operations
            .values()
            .any(|operation| operation.statuses.contains_key(&200)),
        "{report}"
    );
}

fn without_limits() -> tollgate_descriptor::model::Model {
    let mut model = stage::model("descriptor/tests/good/acme.yaml");
    for settings in &mut model.settings {
        settings.rate_limits.clear();
    }
    model
}
