//! Connections: TCP, through a proxy where the environment names one, and TLS.

use super::super::http::BoxError;
use ::http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
    crypto::{CryptoProvider, ring},
};
use std::{
    env,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::net::TcpStream;
use tower_service::Service;

/// After how much silence the system asks whether anybody is there, and how often it does.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;
/// For how long what was sent may stay without an acknowledgement.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Plain for http, TLS for https.
pub(super) type Connector = HttpsConnector<Route>;

/// To whoever is next on the way: the provider, or a proxy.
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// To any host, by the certificates of the system and the proxies of the environment.
pub(super) fn to_anybody() -> Result<Connector, String> {
    if let Some(name) = odd_proxy(|name| env::var(name).ok()) {
        return Err(format!(
            "`{name}` of the environment is no proxy's URL; help: give `http://host:port`, or unset it"
        ));
    }
    let tls = tls()?.try_with_platform_verifier().map_err(no_tls)?;
    Ok(connector(tls.with_no_client_auth(), Some(Matcher::from_system())))
}

/// A variable that names a proxy and cannot be read. Whoever demands a proxy does not want to go without.
pub(super) fn odd_proxy(variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let anybody = Uri::from_static("https://provider.example/");
    let is_odd = |name: &&str| {
        let unread = |proxy: String| Matcher::builder().https(proxy).build().intercept(&anybody).is_none();
        variable(name).filter(|proxy| !proxy.is_empty()).is_some_and(unread)
    };
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .find(is_odd)
}

/// To this machine: plain, so that there are no certificates to load, and no proxies.
pub(super) fn to_loopback() -> Result<Connector, String> {
    let tls = tls()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(connector(tls, None))
}

pub(super) fn tls() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    // The application's choice wins, if it made one.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    config.map_err(no_tls)
}

#[expect(clippy::needless_pass_by_value, reason = "it is an error's end")]
fn no_tls(error: rustls::Error) -> String {
    format!("there is no TLS: {error}")
}

pub(super) fn connector(tls: ClientConfig, proxies: Option<Matcher>) -> Connector {
    let proxies = proxies.map(|matcher| Proxies {
        matcher: Arc::new(matcher),
        // A proxy is spoken to in HTTP/1.1, which its TLS must not turn into anything else.
        next: HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp()),
    });
    HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(Route { tcp: tcp(), proxies })
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    tcp
}

/// The way to a host: straight, or by a tunnel through a proxy.
#[derive(Clone)]
pub(super) struct Route {
    tcp: HttpConnector,
    proxies: Option<Proxies>,
}

#[derive(Clone)]
struct Proxies {
    matcher: Arc<Matcher>,
    next: HttpsConnector<HttpConnector>,
}

impl Proxies {
    /// A tunnel to `host`, which is all that the proxy gets to see.
    fn tunnel(&self, proxy: &Intercept, host: Uri) -> Connecting {
        let address = proxy.uri().clone();
        let scheme = address.scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            let message =
                format!("the environment names a proxy that speaks `{scheme}`; help: name one of http or https");
            return Box::pin(async { Err(message.into()) });
        }
        let mut tunnel = Tunnel::new(address, self.next.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        Box::pin(async move { Ok(tunnel.call(host).await?) })
    }
}

type Connecting = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, host: Uri) -> Connecting {
        let proxies = self.proxies.as_ref();
        let proxy = proxies.and_then(|proxies| Some((proxies, proxies.matcher.intercept(&host)?)));
        if let Some((proxies, proxy)) = proxy {
            return proxies.tunnel(&proxy, host);
        }
        let connecting = self.tcp.call(host);
        Box::pin(async { Ok(MaybeHttpsStream::Http(connecting.await?)) })
    }
}
