//! Signers of an application's own: what they see of a request, and what they give back.

use crate::{HttpRequest, Method, Secret};
use jiff::Timestamp;
use std::{error, fmt, pin::Pin, sync::Arc};

/// A signature under way.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Signature, SignError>> + Send + 'a>>;

/// Computes the signature that a scheme of the descriptor names: `{ signer: notary, … }`. It is given to a connection by
/// that name, with [`ConnectionBuilder::signer`](crate::ConnectionBuilder::signer), and asked before every attempt.
///
/// A function that needs no waiting is one, too:
///
/// ```
/// use tollgate::{Signature, SignError, SigningRequest};
///
/// fn notary(request: &SigningRequest<'_>) -> Result<Signature, SignError> {
///     let key = request.option("key").ok_or_else(|| SignError::new("there is no key"))?;
///     let length = key.expose().len() + request.body().len();
///     Ok(Signature::new(format!("{length}")).header("x-signed-at", request.timestamp()))
/// }
/// # fn is_signer(_: impl tollgate::Signer) {}
/// # is_signer(notary);
/// ```
pub trait Signer: Send + Sync + 'static {
    /// Signs a request. It may ask another service; the attempt waits for it.
    fn sign<'a>(&'a self, request: &'a SigningRequest<'a>) -> Signing<'a>;
}

impl<F> Signer for F
where
    F: Fn(&SigningRequest<'_>) -> Result<Signature, SignError> + Send + Sync + 'static,
{
    fn sign<'a>(&'a self, request: &'a SigningRequest<'a>) -> Signing<'a> {
        let signature = self(request);
        Box::pin(async move { signature })
    }
}

impl<S: Signer> Signer for Arc<S> {
    fn sign<'a>(&'a self, request: &'a SigningRequest<'a>) -> Signing<'a> {
        (**self).sign(request)
    }
}

/// What a signer sees: the request as it will be sent, but for what the signature itself adds; what the descriptor tells
/// the signer; and the time.
///
/// Its `Debug` shows no secret.
pub struct SigningRequest<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) options: &'a [(&'static str, FilledOption)],
    pub(super) now: Timestamp,
    pub(super) timestamp: &'a str,
    pub(super) nonce: &'a str,
}

/// An option with its holes filled.
pub(super) enum FilledOption {
    Text(Secret),
    Json(serde_json::Value),
}

impl SigningRequest<'_> {
    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.request.method
    }

    /// The whole URL, exactly as it will be sent.
    #[must_use]
    pub fn url(&self) -> &str {
        self.request.url.as_str()
    }

    /// The host, with the port where it is not the usual one: what the header `Host` will say.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.request.url[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// The path, percent-encoded, exactly as it will be sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.url.path()
    }

    /// The query, percent-encoded, exactly as it will be sent; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.request.url.query().unwrap_or_default()
    }

    /// The headers of both sorts, in the order in which they will be sent. Those that the transport adds are not there.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.request.headers.iter().chain(self.request.secret_headers.iter())
    }

    /// The body; empty where there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }

    /// An option of the descriptor, with its holes filled; what stands in a map is named `map.name`. Whatever is not a
    /// text is JSON. `None` where there is no such option, or where a field in it is optional and not set.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<Secret> {
        let (_, option) = self.options.iter().find(|(option, _)| *option == name)?;
        Some(match option {
            FilledOption::Text(text) => text.clone(),
            FilledOption::Json(json) => Secret::new(json.to_string()),
        })
    }

    /// The names of all options that have a value.
    pub fn option_names(&self) -> impl Iterator<Item = &'static str> {
        self.options.iter().map(|(name, _)| *name)
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The same time as `{timestamp}` in the placements of the scheme: in seconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        self.timestamp
    }

    /// A number that is used once, the same as `{nonce}` in the placements of the scheme: 32 hex digits.
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.nonce
    }

    /// A text option that must be there.
    #[cfg(feature = "signers")]
    pub(super) fn text(&self, name: &str) -> Result<Secret, SignError> {
        let missing = || SignError::new(format!("the option `{name}` of the signer has no value"));
        self.option(name).ok_or_else(missing)
    }
}

impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequest")
            .field("request", &self.request)
            .field("options", &self.option_names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What a signer gives back: what stands for `{signature}` in the placements of the scheme, and headers of its own.
///
/// Its `Debug` shows no values.
#[must_use]
#[derive(Clone, Default)]
pub struct Signature {
    pub(super) value: Option<Secret>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) secret_headers: Vec<(String, Secret)>,
}

impl Signature {
    /// A signature.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// Nothing but headers, for a scheme without `{signature}`.
    pub fn in_headers() -> Self {
        Self::default()
    }

    /// Adds a header that anybody may see, in the place of one of that name.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header that is never shown or logged, in the place of one of that name.
    pub fn secret_header(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.secret_headers.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = self.headers.iter().map(|(name, _)| name);
        let secret = self.secret_headers.iter().map(|(name, _)| name);
        f.debug_struct("Signature")
            .field("value", &self.value)
            .field("headers", &public.chain(secret).collect::<Vec<_>>())
            .finish()
    }
}

/// Why there is no signature. It says what is wrong, and never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError(String);

impl SignError {
    /// An error that says this. It must not hold a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for SignError {}
