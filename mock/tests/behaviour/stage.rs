//! A mock with a client beside it.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::path::Path;
use tollgate_descriptor::{load, model::Model, source::Sources};
use tollgate_mock::{Builder, Mock, Running, TestToken};

pub(crate) struct Stage {
    pub(crate) mock: Running,
    client: reqwest::Client,
}

/// The model of a descriptor, by its path in the workspace.
pub(crate) fn model(path: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    model_of(&Sources::read(path).unwrap())
}

pub(crate) fn model_of(sources: &Sources) -> Model {
    load(sources)
        .unwrap_or_else(|diagnostics| panic!("{}", diagnostics.render(sources, false)))
        .model
}

/// A mock of a descriptor that is written in a test.
pub(crate) async fn inline(resources: &str) -> Stage {
    let head = "descriptor: 1\nprovider: shop\ntitle: Shop\ndocs: https://shop.example\nchecked: 2026-11-21\n";
    let base = "environments: { production: { base_url: https://shop.example } }\n";
    let sources = Sources::from_text("shop.yaml", format!("{head}{base}{resources}"));
    Stage::of(Mock::builder(model_of(&sources))).await
}

pub(crate) async fn acme() -> Stage {
    acme_with(|builder| builder).await
}

pub(crate) async fn acme_with(change: impl FnOnce(Builder) -> Builder) -> Stage {
    Stage::of(change(Mock::builder(model("descriptor/tests/good/acme.yaml")))).await
}

impl Stage {
    pub(crate) async fn of(builder: Builder) -> Self {
        // An error means that another test was first.
        Self {
            mock: builder.start().await.unwrap(),
            client: reqwest::Client::new(),
        }
    }

    pub(crate) fn token(&self, name: &str) -> TestToken {
        self.mock.token(name).unwrap()
    }

    /// A request without anything.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let base = match path.strip_prefix('@') {
            None => format!("{}{path}", self.mock.base_url()),
            // `@files/orders` is on another host.
            Some(path) => {
                let (host, path) = path.split_once('/').unwrap();
                format!("{}/{path}", self.mock.host_url(host).unwrap())
            }
        };
        self.client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), base)
    }

    /// A request with a token and the headers that the descriptors of these tests demand.
    pub(crate) fn request(&self, method: &str, path: &str, token: &TestToken) -> RequestBuilder {
        let mut query: Vec<_> = token
            .query()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if let Some((_, given)) = path.split_once('?') {
            query.insert(0, given.to_owned());
        }
        let path = path.split('?').next().unwrap();
        let url = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        };
        let mut request = self
            .bare(method, &url)
            .header("X-Acme-Version", "2026-10")
            .header("X-Acme-Client", "tollgate");
        for (name, value) in token.headers() {
            request = request.header(name, value);
        }
        request
    }

    pub(crate) async fn get(&self, path: &str, token: &TestToken) -> Seen {
        Seen::of(self.request("GET", path, token).send().await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, token: &TestToken, body: &Value) -> Seen {
        Seen::of(self.request(method, path, token).json(body).send().await.unwrap()).await
    }
}

/// An answer, read.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Seen {
    pub(crate) async fn of(response: Response) -> Self {
        let status: StatusCode = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.unwrap();
        Self {
            status: status.as_u16(),
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The message of acme's errors.
    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("no message: {}", self.text))
    }
}
