//! Schemes that sign, from the descriptor to the socket: the mock of the same descriptor verifies what the generated client
//! signs. The two share no code.

use seal::notes::{GetNote, PutNote};
use seal::{App, Client, Cloud, Curve, Each, Partner, Sealed, Trader, models::Note, scope};
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tollgate::{HttpRequest, Kind, SignError, Signature, SigningRequest};
use tollgate_descriptor::{load, source::Sources};
use tollgate_mock::{Mock, Running, TestToken};

tollgate::provider!("seal.yaml");

async fn mock() -> Running {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("seal.yaml");
    let loaded = load(&Sources::read(path).unwrap()).unwrap();
    Mock::builder(loaded.model).start().await.unwrap()
}

fn connection(mock: &Running) -> seal::Connection {
    let notary = |request: &SigningRequest<'_>| {
        let key = request.option("key").ok_or_else(|| SignError::new("there is no key"))?;
        Ok(Signature::new(format!("{}", key.expose().len())))
    };
    let builder = seal::Connection::builder().base_url(mock.base_url());
    builder.signer("notary", notary).build().unwrap()
}

fn field(token: &TestToken, name: &str) -> String {
    token.field(name).unwrap()
}

/// A call whose path, query and body are all odd, and one with nothing.
async fn call<T: scope::Member>(client: &Client<T>) -> Result<(), seal::Error> {
    client.notes().get(GetNote::new()).send().await?;
    let put = PutNote::new("a b/ü%2F", Note::new("ä\n\"&=")).near("x y&z=ü+/");
    client.notes().put(put).send().await?;
    Ok(())
}

#[tokio::test]
async fn the_mock_knows_who_signed() {
    let mock = mock().await;
    let connection = connection(&mock);
    for number in [1, 2] {
        let token = |name: &str| mock.token(name).unwrap().number(number);
        let app = token("app");
        let app = App::new(field(&app, "app_id"), field(&app, "private_key"));
        call(&Client::with(&connection, app)).await.unwrap();
        let each = Each::new(token("each").value());
        call(&Client::with(&connection, each)).await.unwrap();
        let curve = token("curve");
        let curve = Curve::new(field(&curve, "key"), field(&curve, "key_id"));
        call(&Client::with(&connection, curve)).await.unwrap();
        let partner = Partner::new(token("partner").value());
        call(&Client::with(&connection, partner)).await.unwrap();
        let trader = token("trader");
        let trader = Trader::new(field(&trader, "key"), field(&trader, "key_id"));
        call(&Client::with(&connection, trader)).await.unwrap();
        let cloud = token("cloud");
        let plain = Cloud::new(field(&cloud, "key_id"), field(&cloud, "secret"));
        call(&Client::with(&connection, plain.clone())).await.unwrap();
        let with_session = plain.session(field(&cloud, "session"));
        call(&Client::with(&connection, with_session)).await.unwrap();
        let sealed = token("sealed");
        let sealed = Sealed::new(field(&sealed, "key"), field(&sealed, "key_id"));
        call(&Client::with(&connection, sealed)).await.unwrap();
    }
    let report = mock.report();
    assert_eq!((report.calls("notes.get"), report.calls("notes.put")), (16, 16));
}

#[tokio::test]
async fn the_mock_refuses_what_another_key_signed() {
    let mock = mock().await;
    let connection = connection(&mock);
    let error = call(&Client::with(&connection, Partner::new("test-nobody")))
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
    let error = call(&Client::with(&connection, Each::new("bm9ib2R5")))
        .await
        .unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
    let app = mock.token("app").unwrap();
    let nobody = App::new("nobody", field(&app, "private_key"));
    let error = call(&Client::with(&connection, nobody)).await.unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
    let trader = mock.token("trader").unwrap();
    // The key of one value with the id of another.
    let mixed = Trader::new(field(&trader, "key"), field(&trader.clone().number(2), "key_id"));
    let error = call(&Client::with(&connection, mixed)).await.unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
    let cloud = mock.token("cloud").unwrap();
    let mixed = Cloud::new(field(&cloud.clone().number(2), "key_id"), field(&cloud, "secret"));
    let error = call(&Client::with(&connection, mixed)).await.unwrap_err();
    assert!(error.is(Kind::Unauthorized), "{error}");
}

/// Sends a request as it was signed, but for its query, and gives the status line of the answer.
async fn send_raw(mock: &Running, request: &HttpRequest, query: &str) -> String {
    let address = mock.base_url().replace("http://", "");
    let (host, _) = address.split_once('/').unwrap();
    let headers = request.headers().iter().chain(request.secret_headers().iter());
    let headers = headers.fold(String::new(), |lines, (name, value)| {
        format!("{lines}{name}: {value}\r\n")
    });
    let method = request.method().as_str();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "{method} {}?{query} HTTP/1.1\r\nhost: {host}\r\n{headers}connection: close\r\n",
        request.path()
    );
    let head = format!("{head}content-length: {}\r\n\r\n", request.body().len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(request.body()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_mock_refuses_what_was_changed_after_an_aws_signature() {
    let mock = mock().await;
    let script = tollgate::ScriptedTransport::new().then(tollgate::HttpReply::new(401).body("{}"));
    let builder = seal::Connection::builder().base_url(mock.base_url());
    let connection = builder.transport(script.clone()).build().unwrap();
    let cloud = mock.token("cloud").unwrap();
    let client = Client::with(
        &connection,
        Cloud::new(field(&cloud, "key_id"), field(&cloud, "secret")),
    );
    let get = client.notes().get(GetNote::new().near("here")).send().await;
    assert!(get.unwrap_err().is(Kind::Unauthorized));
    let request = &script.requests()[0];
    let sent = send_raw(&mock, request, "near=here").await;
    assert!(sent.contains("200"), "{sent}");
    let changed = send_raw(&mock, request, "near=there").await;
    assert!(changed.contains("401"), "{changed}");
}

#[tokio::test]
async fn no_key_travels() {
    let mock = mock().await;
    let app = mock.token("app").unwrap();
    let script = tollgate::ScriptedTransport::new().then(tollgate::HttpReply::new(401).body("{}"));
    let connection = seal::Connection::builder().transport(script.clone()).build().unwrap();
    let key = field(&app, "private_key");
    let client = Client::with(&connection, App::new(field(&app, "app_id"), key.clone()));
    let error = client.notes().get(GetNote::new()).send().await.unwrap_err();
    let request = &script.requests()[0];
    let headers = request.headers().iter().chain(request.secret_headers().iter());
    let sent: String = headers.map(|(_, value)| value).chain([request.url()]).collect();
    let line = key.lines().nth(1).unwrap();
    assert!(!sent.contains(line) && !format!("{error} {error:?} {request:?} {client:?}").contains(line));
}
