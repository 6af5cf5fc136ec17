//! Schemes that sign, as a call shows them.

#![cfg(feature = "signers")]

mod support;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use support::*;
use tollgate::{
    Carrier, Client, Clock, Connection, Credential, ErrorKind, FieldSpec, HttpReply, HttpRequest, Method, Placement,
    Scheme, ScriptedTransport, Secret, SignError, Signature, Signed, SignerOption, SigningRequest, Sleep, Spec,
    TokenSpec, TokenValue,
};

says! {
    Things = GET;
    Post = Spec { method: Method::Post, ..GET };
    Thing = Spec { path: "/things/{id}", ..GET };
}

const KEY: &str = include_str!("keys/rfc7515-a3.pkcs8.pem");

/// A clock that is set by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    /// 2026-11-21T12:00:00Z
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_795_262_400)))
    }
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::now()
    }
    fn wall(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

macro_rules! signed {
    ($($Name:ident by $signer:literal { $($option:literal: $kind:ident($value:literal)),* } at [$($at:ident $place:literal: $template:literal),*];)*) => {$(
        #[derive(Clone, Debug)]
        struct $Name(TokenValue);
        impl $Name {
            fn new(key: &str) -> Self {
                Self(TokenValue::new(Self::SPEC, [Some(key.into()), None]))
            }
        }
        impl Credential for $Name {
            const SPEC: &'static TokenSpec = &TokenSpec {
                name: "signed",
                type_name: stringify!($Name),
                fields: &[
                    FieldSpec { name: "key", env: &[], optional: false },
                    FieldSpec { name: "extra", env: &[], optional: true },
                ],
                scheme: Scheme::Signed(&Signed {
                    signer: $signer,
                    options: &[$(($option, SignerOption::$kind($value))),*],
                    placements: &[$(Placement { at: Carrier::$at, name: $place, value: $template }),*],
                }),
                ..TokenSpec::DEFAULT
            };
            fn value(&self) -> &TokenValue {
                &self.0
            }
        }
    )*};
}

signed! {
    App by "jwt" {
        "algorithm": Text("ES256"), "key": Text("{key}"), "key_id": Text("k1"), "lifetime": Json("600"),
        "claims.iss": Text("app \"7\""), "claims.aud": Json("[\"a\",\"{extra}\"]"), "claims.nbf": Text("{timestamp}"),
        "claims.sub": Text("{extra}"), "claims.https://toy.example/admin": Json("true"), "header.cty": Text("toy")
    } at [Header "authorization": "Bearer {signature}"];
    Each by "jwt" {
        "algorithm": Text("HS256"), "key": Text("{key}"), "lifetime": Json("120"), "skew": Json("0"),
        "claims.uri": Text("{method} {host}{path}"), "claims.jti": Text("{nonce}")
    } at [Header "authorization": "Bearer {signature}"];
    Hmac by "hmac" {
        "key": Text("{key}"), "algorithm": Text("sha512"), "encoding": Text("base64"), "timestamp": Text("unix_ms"),
        "payload": Text("{timestamp}\n{nonce}\n{method}\n{host}{path}?{query}\n{body}")
    } at [Header "x-sign": "v1={signature}", Header "x-time": "{timestamp}", Header "x-nonce": "{nonce}"];
    InUrl by "hmac" {
        "key": Text("{key}"), "payload": Text("{query}")
    } at [Query "ts": "{timestamp}", Query "sig": "{signature}"];
    Digest by "hmac" {
        "key": Text("{key}"), "key_encoding": Text("base64"), "payload": Text("{body_sha256}")
    } at [Header "x-sign": "{signature}"];
    Cloud by "aws_sigv4" {
        "region": Text("eu-central-1"), "service": Text("execute-api"), "key_id": Text("AKIDEXAMPLE"),
        "key": Text("{key}"), "session_token": Text("{extra}")
    } at [];
    Objects by "aws_sigv4" {
        "region": Text("eu-central-1"), "service": Text("s3"), "key_id": Text("AKIDEXAMPLE"), "key": Text("{key}")
    } at [];
    Own by "notary" {
        "key": Text("{key}"), "level": Json("3"), "left_out": Text("{extra}")
    } at [Header "x-sign": "{signature}"];
    Late by "notary" {} at [Header "x-sign": "{signature}"];
    InBody by "notary" {} at [Body "assertion": "{signature}"];
}

fn script() -> ScriptedTransport {
    ScriptedTransport::answering(|_| (ms(0), Ok(HttpReply::new(200).json(&Json::Null))))
}

fn connected(script: &ScriptedTransport, clock: &Hand) -> Connection<Toy> {
    Connection::<Toy>::builder()
        .transport(script.clone())
        .clock(clock.clone())
        .build()
        .unwrap()
}

async fn send<T: Credential>(token: T) -> HttpRequest {
    let script = script();
    let client = Client::new(&connected(&script, &Hand::new()), token);
    client.call(ask::<Things>()).send().await.unwrap();
    script.requests().remove(0)
}

fn bearer(request: &HttpRequest) -> String {
    let header = request.secret_headers().get("authorization").unwrap();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}

fn part(jwt: &str, at: usize) -> Json {
    let part = jwt.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn hmac(algorithm: ring::hmac::Algorithm, key: &[u8], payload: &[u8]) -> Vec<u8> {
    ring::hmac::sign(&ring::hmac::Key::new(algorithm, key), payload)
        .as_ref()
        .to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[tokio::test]
async fn a_jwt_holds_what_the_descriptor_says() {
    let request = send(App::new(KEY)).await;
    let jwt = bearer(&request);
    assert_eq!(
        part(&jwt, 0),
        json!({"alg": "ES256", "typ": "JWT", "kid": "k1", "cty": "toy"})
    );
    let claims = json!({
        "iss": "app \"7\"", "aud": ["a", null], "nbf": 1_795_262_340, "https://toy.example/admin": true,
        // A tenth of its life, and at most a minute, in the past.
        "iat": 1_795_262_340, "exp": 1_795_262_940
    });
    assert_eq!(part(&jwt, 1), claims);
    assert!(request.headers().get("authorization").is_none());
    let extra = App(App::new(KEY).0.with(1, "me"));
    let jwt = bearer(&send(extra).await);
    assert_eq!(part(&jwt, 1)["aud"], json!(["a", "me"]));
    assert_eq!(part(&jwt, 1)["sub"], "me");
}

#[tokio::test]
async fn a_jwt_is_kept_until_shortly_before_it_expires() {
    let (script, clock) = (script(), Hand::new());
    let connection = connected(&script, &clock);
    let client = Client::new(&connection, App::new(KEY));
    // It ends 540 seconds from now, and is good for another minute less.
    for forward in [0, 479, 1, 0] {
        clock.forward(forward);
        client.call(ask::<Things>()).send().await.unwrap();
    }
    let other = Client::new(&connection, App(App::new(KEY).0.with(1, "another")));
    other.call(ask::<Things>()).send().await.unwrap();
    clock.forward(-1000);
    client.call(ask::<Things>()).send().await.unwrap();
    let jwts: Vec<String> = script.requests().iter().map(bearer).collect();
    // No two signatures of this algorithm are equal.
    assert_eq!(jwts[0], jwts[1]);
    assert_ne!(jwts[1], jwts[2]);
    assert_eq!(jwts[2], jwts[3]);
    assert_ne!(jwts[3], jwts[4], "each value has its own");
    assert_eq!(
        part(&jwts[5], 1)["iat"],
        1_795_261_820,
        "nobody shows a token from the future"
    );
}

#[tokio::test]
async fn a_jwt_about_the_request_is_signed_for_each() {
    let script = script();
    let client = Client::new(&connected(&script, &Hand::new()), Each::new(SECRET));
    for _ in 0..2 {
        client.call(ask::<Things>()).send().await.unwrap();
    }
    let jwts: Vec<String> = script.requests().iter().map(bearer).collect();
    assert_eq!(part(&jwts[0], 1)["uri"], "GET api.toy.example/v1/things");
    assert_ne!(part(&jwts[0], 1)["jti"], part(&jwts[1], 1)["jti"]);
    let (input, signature) = jwts[1].rsplit_once('.').unwrap();
    let expected = hmac(ring::hmac::HMAC_SHA256, SECRET.as_bytes(), input.as_bytes());
    assert_eq!(signature, URL_SAFE_NO_PAD.encode(expected));
}

#[tokio::test]
async fn an_hmac_is_over_exactly_what_is_sent() {
    let script = script();
    let client = Client::new(&connected(&script, &Hand::new()), Hmac::new(SECRET));
    let mut ask = ask::<Post>();
    ask.query = Some("ä &=/+".to_owned());
    ask.body = Some(json!({"a": "ü"}));
    client.call(ask).send().await.unwrap();
    let request = &script.requests()[0];
    let nonce = request.header("x-nonce").unwrap();
    assert_eq!((nonce.len(), request.header("x-time")), (32, Some("1795262400000")));
    assert_eq!(
        request.url(),
        "https://api.toy.example/v1/things?q=%C3%A4%20%26%3D%2F%2B"
    );
    let payload =
        format!("1795262400000\n{nonce}\nPOST\napi.toy.example/v1/things?q=%C3%A4%20%26%3D%2F%2B\n{{\"a\":\"ü\"}}");
    let expected = hmac(ring::hmac::HMAC_SHA512, SECRET.as_bytes(), payload.as_bytes());
    let expected = base64::engine::general_purpose::STANDARD.encode(expected);
    assert_eq!(
        request.secret_headers().get("x-sign"),
        Some(format!("v1={expected}").as_str())
    );
}

#[tokio::test]
async fn what_is_placed_beside_a_signature_is_covered_by_it() {
    let request = send(InUrl::new(SECRET)).await;
    let expected = hex(&hmac(ring::hmac::HMAC_SHA256, SECRET.as_bytes(), b"ts=1795262400"));
    assert_eq!(
        request.url(),
        format!("https://api.toy.example/v1/things?ts=1795262400&sig={expected}")
    );
}

#[tokio::test]
async fn a_key_and_a_digest_are_encoded_as_the_scheme_says() {
    let request = send(Digest::new("AAEC/w==")).await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let expected = hex(&hmac(ring::hmac::HMAC_SHA256, &[0, 1, 2, 255], empty.as_bytes()));
    assert_eq!(request.header("x-sign"), Some(expected.as_str()));
}

#[tokio::test]
async fn aws_gets_its_headers_and_a_session_token_where_there_is_one() {
    let request = send(Cloud::new("example-key")).await;
    assert_eq!(request.headers().get("x-amz-date"), Some("20261121T120000Z"));
    let shown = request.secret_headers().get("authorization").unwrap();
    let head = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-central-1/execute-api/aws4_request, \
                SignedHeaders=host;x-amz-date, Signature=";
    assert!(shown.starts_with(head), "{shown}");
    assert_eq!(request.header("x-amz-security-token"), None);
    let session = Cloud(Cloud::new("example-key").0.with(1, "session"));
    let request = send(session).await;
    assert_eq!(request.secret_headers().get("x-amz-security-token"), Some("session"));
    let shown = request.secret_headers().get("authorization").unwrap();
    assert!(
        shown.contains("SignedHeaders=host;x-amz-date;x-amz-security-token,"),
        "{shown}"
    );
    let request = send(Objects::new("example-key")).await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(request.headers().get("x-amz-content-sha256"), Some(empty));
}

#[expect(clippy::unnecessary_wraps, reason = "the form of a signer")]
fn notary(request: &SigningRequest<'_>) -> Result<Signature, SignError> {
    let names: Vec<_> = request.option_names().collect();
    assert_eq!(names, ["key", "level"]);
    assert_eq!(
        (request.path(), request.query(), request.host()),
        ("/v1/things", "", "api.toy.example")
    );
    assert_eq!(request.option("level").unwrap().expose(), "3");
    assert!(!format!("{request:?}").contains(SECRET));
    let signature = Signature::new(format!("sealed-{}", request.option("key").unwrap().expose()))
        .header("user-agent", "notary")
        .header("x-signed-at", request.timestamp())
        .secret_header("x-seal", request.nonce());
    assert!(!format!("{signature:?}").contains(SECRET));
    Ok(signature)
}

#[tokio::test]
async fn a_signer_of_ones_own_sees_the_request_and_adds_headers() {
    let script = script();
    let builder = Connection::<Toy>::builder()
        .transport(script.clone())
        .clock(Hand::new());
    let connection = builder.signer("notary", notary).build().unwrap();
    let client = Client::new(&connection, Own::new(SECRET));
    client.call(ask::<Things>()).send().await.unwrap();
    let request = &script.requests()[0];
    let sealed = format!("sealed-{SECRET}");
    assert_eq!(request.secret_headers().get("x-sign"), Some(sealed.as_str()));
    assert_eq!(request.secret_headers().get("x-seal").unwrap().len(), 32);
    assert_eq!(request.headers().get("x-signed-at"), Some("1795262400"));
    assert_eq!(request.headers().get_all("user-agent").collect::<Vec<_>>(), ["notary"]);
    assert!(!format!("{script:?} {request:?}").contains(SECRET));
}

#[tokio::test]
async fn a_signer_of_ones_own_stands_before_a_built_in_one() {
    let script = script();
    let builder = Connection::<Toy>::builder().transport(script.clone());
    let own = |_: &SigningRequest<'_>| Ok(Signature::new("from-the-vault"));
    let connection = builder.signer("jwt", own).build().unwrap();
    let client = Client::new(&connection, App::new("is not there"));
    client.call(ask::<Things>()).send().await.unwrap();
    assert_eq!(bearer(&script.requests()[0]), "from-the-vault");
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_sent_and_shows_no_secret() {
    async fn refused<T: Credential>(token: T, signer: Option<Signature>, expected: &str) {
        let script = script();
        let mut builder = Connection::<Toy>::builder().transport(script.clone());
        if let Some(signature) = signer {
            builder = builder.signer("notary", move |_: &SigningRequest<'_>| Ok(signature.clone()));
        }
        let client = Client::new(&builder.build().unwrap(), token);
        let error = client.call(ask::<Things>()).send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(shown.contains(expected) && !shown.contains("s3cr3t"), "{shown}");
        assert!(script.requests().is_empty());
    }
    refused(
        Late::new(SECRET),
        None,
        "give the connection a signer with `.signer(\"notary\", …)`",
    )
    .await;
    refused(Late::new(SECRET), Some(Signature::in_headers()), "gave headers only").await;
    refused(App::new(SECRET), None, "is no private key in PEM").await;
    refused(Digest::new(SECRET), None, "is not base64").await;
    refused(InBody::new(SECRET), Some(Signature::new("x")), "token requests only").await;
    let broken = || Secret::from("s3cr3t\r\nx-evil: 1");
    refused(
        Late::new(SECRET),
        Some(Signature::new(broken())),
        "cannot stand in the header `x-sign`",
    )
    .await;
    let header = Signature::new("x").secret_header("x-seal", broken());
    refused(Late::new(SECRET), Some(header), "cannot stand in the header `x-seal`").await;
    let header = Signature::new("x").header("x-seal", "s3cr3t\n");
    refused(Late::new(SECRET), Some(header), "cannot stand in one").await;
    let header = Signature::new("x").header("x-seal: s3cr3t\r\nx", "1");
    refused(Late::new(SECRET), Some(header), "whose name is none").await;
}

/// What a signer made is as good as a token while it lasts.
#[tokio::test]
async fn a_signature_that_the_provider_sends_back_is_taken_out() {
    async fn told<T: Credential>(token: T, sent: impl Fn(&HttpRequest) -> String + Send + Sync + 'static) {
        let script = ScriptedTransport::answering(move |request| {
            let body = serde_json::json!({ "error": format!("not with {}, no", sent(request)) });
            (ms(0), Ok(HttpReply::new(403).json(&body)))
        });
        let client = Client::new(&connected(&script, &Hand::new()), token);
        let error = client.call(ask::<Things>()).send().await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("not with") && shown.contains("…, no"), "{shown}");
    }
    told(Each::new(SECRET), bearer).await;
    told(Hmac::new(SECRET), |request| {
        request.header("x-sign").unwrap()[3..].to_owned()
    })
    .await;
    told(InUrl::new(SECRET), |request| {
        let query = request.query();
        query.into_iter().find(|(name, _)| name == "sig").unwrap().1
    })
    .await;
}

/// A path that a field or a value makes odd is signed as it goes out.
#[tokio::test]
async fn odd_paths_are_signed_as_they_are_sent() {
    let script = script();
    let builder = Connection::<Toy>::builder().transport(script.clone());
    let echo = |request: &SigningRequest<'_>| Ok(Signature::new(request.path().to_owned()));
    let client = Client::new(&builder.signer("notary", echo).build().unwrap(), Late::new(SECRET));
    let mut ask = ask::<Thing>();
    ask.id = Some("a b/ü%2F..".to_owned());
    client.call(ask).send().await.unwrap();
    let request = &script.requests()[0];
    assert_eq!(request.header("x-sign"), Some("/v1/things/a%20b%2F%C3%BC%252F.."));
    assert_eq!(
        request.url(),
        format!("https://api.toy.example{}", request.header("x-sign").unwrap())
    );
}
