//! TLS and proxies, against servers on loopback with certificates of their own.

use super::{
    connect::{connector, tls},
    exchange, pool,
};
use crate::{Headers, HttpReply, HttpRequest, Method, TransportError};
use ::http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::proxy::matcher::Matcher,
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{convert::Infallible, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "api.shop.example";
const SECRET: &str = "not-a-real-token";

/// A provider that says which version of HTTP it was asked in, and whether it was shown the token.
struct Provider {
    port: u16,
    roots: RootCertStore,
}

impl Provider {
    async fn start(protocols: &[&str]) -> Self {
        let made = rcgen::generate_simple_self_signed([HOST.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth();
        let mut config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let serving = auto::Builder::new(TokioExecutor::new());
                tokio::spawn(async move { serving.serve_connection(TokioIo::new(stream), service_fn(answer)).await });
            }
        });
        Self { port, roots }
    }

    /// One request to `host`, by the proxies of a matcher.
    async fn ask(&self, host: &str, proxies: Matcher) -> Result<HttpReply, TransportError> {
        let tls = tls()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let client = pool(Ok(connector(tls, Some(proxies)))).unwrap();
        let request = HttpRequest {
            method: Method::Get,
            url: format!("https://{host}:{}/things", self.port).parse().unwrap(),
            template: "/things",
            headers: Headers::new(),
            secret_headers: [("x-token", SECRET)].into_iter().collect(),
            body: bytes::Bytes::new(),
        };
        exchange(&client, request, 1024).await
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let is_shown = request.headers().get("x-token").is_some_and(|token| token == SECRET);
    let text = format!("{:?} {is_shown}", request.version());
    Ok(Response::new(Full::from(text)))
}

/// No proxy but this one.
fn by(proxy: &str) -> Matcher {
    Matcher::builder().https(proxy).no("127.0.0.1").build()
}

/// A proxy that answers the first request so, passes on what comes after it, and tells what it saw from the client.
async fn proxy(to: u16, answer: &'static str) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            seen.push(client.read_u8().await.unwrap());
        }
        client.write_all(answer.as_bytes()).await.unwrap();
        let (mut from_provider, mut to_provider) = TcpStream::connect(("127.0.0.1", to)).await.unwrap().into_split();
        let (mut from_client, mut to_client) = client.into_split();
        let back = tokio::spawn(async move { tokio::io::copy(&mut from_provider, &mut to_client).await });
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = from_client.read(&mut piece).await {
            seen.extend_from_slice(&piece[..length]);
            if to_provider.write_all(&piece[..length]).await.is_err() {
                break;
            }
        }
        back.abort();
        seen
    });
    (format!("http://me:not-a-real-password@{address}"), seen)
}

#[tokio::test]
async fn http_2_is_spoken_where_the_provider_offers_it() {
    for (offered, spoken) in [
        (&["h2", "http/1.1"][..], "HTTP/2.0 true"),
        (&["http/1.1"], "HTTP/1.1 true"),
        (&[], "HTTP/1.1 true"),
    ] {
        let provider = Provider::start(offered).await;
        let reply = provider.ask("127.0.0.1", by("http://127.0.0.1:1")).await.unwrap();
        assert_eq!((reply.status, &*reply.body), (200, spoken.as_bytes()), "{offered:?}");
    }
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_no_more() {
    let provider = Provider::start(&["h2"]).await;
    let (address, seen) = proxy(provider.port, "HTTP/1.1 200 OK\r\n\r\n").await;
    let reply = provider.ask(HOST, by(&address)).await.unwrap();
    assert_eq!(&*reply.body, b"HTTP/2.0 true");

    let seen = String::from_utf8_lossy(&seen.await.unwrap()).into_owned();
    let first = format!("CONNECT {HOST}:{} HTTP/1.1\r\n", provider.port);
    assert!(seen.starts_with(&first), "{seen}");
    assert!(
        seen.contains("Proxy-Authorization: Basic bWU6bm90LWEtcmVhbC1wYXNzd29yZA==\r\n"),
        "{seen}"
    );
    assert!(!seen.contains("/things") && !seen.contains(SECRET), "{seen}");
}

#[tokio::test]
async fn what_a_proxy_refuses_is_an_error_without_its_password() {
    let provider = Provider::start(&["h2"]).await;
    let (address, _seen) = proxy(provider.port, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    let error = provider.ask(HOST, by(&address)).await.unwrap_err().to_string();
    assert!(error.contains("proxy"), "{error}");
    assert!(!error.contains("not-a-real-password"), "{error}");

    let error = provider
        .ask(HOST, by("socks5://127.0.0.1:1"))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("speaks `socks5`"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_nobody_known_or_of_somebody_else_is_refused() {
    let mut provider = Provider::start(&["h2"]).await;
    let (address, _seen) = proxy(provider.port, "HTTP/1.1 200 OK\r\n\r\n").await;
    let error = provider
        .ask("other.shop.example", by(&address))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("not valid for name"), "{error}");

    provider.roots = RootCertStore::empty();
    let error = provider.ask("127.0.0.1", by(&address)).await.unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");
}
