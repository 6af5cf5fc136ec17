//! TLS and proxies, against servers on loopback with certificates of their own.

use super::{
    connect::{Connector, connector, odd_proxy, tls},
    exchange, pool,
};
use crate::{Headers, HttpReply, HttpRequest, Method, TransportError};
use ::http::{Request, Response};
use bytes::Bytes;
use futures_util::future::join_all;
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::{legacy::Client, proxy::matcher::Matcher},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "api.shop.example";
const SECRET: &str = "not-a-real-token";
/// How many requests a connection may have at a time.
const MOST: u32 = 2;

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
                let mut serving = auto::Builder::new(TokioExecutor::new());
                serving.http2().max_concurrent_streams(MOST);
                tokio::spawn(async move { serving.serve_connection(TokioIo::new(stream), service_fn(answer)).await });
            }
        });
        Self { port, roots }
    }

    fn client(&self, proxies: Matcher) -> Client<Connector, Full<Bytes>> {
        let tls = tls()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        pool(Ok(connector(tls, Some(proxies)))).unwrap()
    }

    /// One request to `host`, by the proxies of a matcher.
    async fn ask(&self, host: &str, proxies: Matcher) -> Result<HttpReply, TransportError> {
        exchange(&self.client(proxies), request(host, self.port), 1024).await
    }
}

fn request(host: &str, port: u16) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url: format!("https://{host}:{port}/things").parse().unwrap(),
        template: "/things",
        headers: Headers::new(),
        secret_headers: [("x-token", SECRET)].into_iter().collect(),
        body: Bytes::new(),
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_shown = request.headers().get("x-token").is_some_and(|token| token == SECRET);
    let text = format!("{:?} {is_shown}", request.version());
    // Long enough for others to come in between.
    tokio::task::yield_now().await;
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

#[tokio::test]
async fn what_http_2_turns_away_is_unprocessed() {
    let provider = Provider::start(&["h2"]).await;
    let client = provider.client(by("http://127.0.0.1:1"));
    let replies = join_all((0..40).map(|_| exchange(&client, request("127.0.0.1", provider.port), 1024))).await;
    let errors: Vec<_> = replies.into_iter().filter_map(Result::err).collect();
    assert!(
        !errors.is_empty(),
        "before it knows how many there may be, the client sends all"
    );
    for error in errors {
        assert!(error.is_unprocessed(), "{error}");
    }
}

/// A connection that goes silent, as behind a firewall that has forgotten it.
#[tokio::test]
async fn a_connection_with_a_request_that_was_given_up_gets_no_more() {
    let provider = Provider::start(&["h2"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, to) = (listener.local_addr().unwrap().port(), provider.port);
    let is_silent = Arc::new(AtomicBool::new(false));
    let silent = Arc::clone(&is_silent);
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((client, _)) = listener.accept().await {
            let goes_silent = std::mem::take(&mut is_first).then(|| Arc::clone(&silent));
            let (mut from_provider, mut to_provider) =
                TcpStream::connect(("127.0.0.1", to)).await.unwrap().into_split();
            let (mut from_client, mut to_client) = client.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_provider, &mut to_client).await });
            tokio::spawn(async move {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = from_client.read(&mut piece).await {
                    if !goes_silent
                        .as_ref()
                        .is_some_and(|silent| silent.load(Ordering::Relaxed))
                    {
                        to_provider.write_all(&piece[..length]).await.unwrap();
                    }
                }
            });
        }
    });

    let client = provider.client(by("http://127.0.0.1:1"));
    let ask = |within| tokio::time::timeout(within, exchange(&client, request("127.0.0.1", port), 1024));
    let long = Duration::from_secs(20);
    assert_eq!(&*ask(long).await.unwrap().unwrap().body, b"HTTP/2.0 true");
    is_silent.store(true, Ordering::Relaxed);
    assert!(ask(Duration::from_millis(100)).await.is_err());
    assert_eq!(&*ask(long).await.unwrap().unwrap().body, b"HTTP/2.0 true");
}

#[test]
fn a_proxy_that_cannot_be_read_is_not_passed_by() {
    let set = |name: &'static str, value: &'static str| move |asked: &str| (asked == name).then(|| value.to_owned());
    for odd in [
        "http://",
        "ht!tp://x",
        "http://pa ss:word@host",
        "http://\u{fc}.example:1",
    ] {
        assert_eq!(odd_proxy(set("ALL_PROXY", odd)), Some("ALL_PROXY"), "{odd}");
    }
    for usable in [
        "",
        "http://127.0.0.1:1",
        "proxy.example:8080",
        "https://me:word@proxy.example",
    ] {
        assert_eq!(odd_proxy(set("HTTPS_PROXY", usable)), None, "{usable}");
    }
}

#[tokio::test]
async fn a_request_whose_answer_has_begun_may_have_been_processed() {
    for has_begun in [false, true] {
        let (ours, theirs) = tokio::io::duplex(4096);
        tokio::spawn(async move {
            let mut connection = h2::server::handshake(theirs).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                if has_begun {
                    let mut body = respond.send_response(Response::new(()), false).unwrap();
                    body.send_data(Bytes::from_static(b"{"), false).unwrap();
                    // The answer is read before the reset, which would overtake it.
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        body.send_reset(h2::Reason::REFUSED_STREAM);
                    });
                } else {
                    respond.send_reset(h2::Reason::REFUSED_STREAM);
                }
            }
        });
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(ours));
        let (mut client, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let asked = client.send_request(Request::new(Full::<Bytes>::default())).await;
        let error = match asked {
            Ok(answer) => super::http::reply(answer, 1024).await.unwrap_err(),
            Err(error) => super::http::unanswered(error.into()),
        };
        assert_eq!(error.is_unprocessed(), !has_begun, "{error}");
    }
}
