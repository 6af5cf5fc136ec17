//! Webhooks: what a provider calls, verified and typed.
//!
//! A generated client whose descriptor has `webhooks` brings a type `Webhooks`, made once from the shared secret. It
//! takes the headers and the bytes of a request as they arrived, and gives a [`Delivery`] or a [`WebhookError`] that
//! says which check failed:
//!
//! ```
//! # mod acme {
//! #     use tollgate::{Encoding, Place, SignatureSpec, Step, WebhookSpec, webhook};
//! #     #[derive(Clone, Copy, Debug)]
//! #     pub struct Acme;
//! #     impl tollgate::Provider for Acme {
//! #         type Environment = tollgate::NoVariables;
//! #         type Variable = tollgate::NoVariables;
//! #         const SPEC: &'static tollgate::ProviderSpec =
//! #             &tollgate::ProviderSpec { id: "acme", title: "Acme", environments: &[], variables: &[], tokens: &[] };
//! #     }
//! #     #[derive(Debug)]
//! #     pub enum Event { Created(tollgate::Json), Unknown { name: String } }
//! #     impl webhook::Sender for Acme {
//! #         type Event = Event;
//! #         const WEBHOOKS: &'static WebhookSpec = &WebhookSpec {
//! #             signature: Some(&SignatureSpec { header: "X-Acme-Signature", ..SignatureSpec::DEFAULT }),
//! #             event_name: Some(Place::body(&[Step::Name("type")])),
//! #         };
//! #         fn read(name: Option<&str>, body: &webhook::Body) -> Result<Event, tollgate::DecodeError> {
//! #             match name {
//! #                 Some("created") => body.json().map(Event::Created),
//! #                 Some(name) => Ok(Event::Unknown { name: name.to_owned() }),
//! #                 None => Err(body.nameless()),
//! #             }
//! #         }
//! #     }
//! #     impl webhook::Signed for Acme {}
//! #     pub type Webhooks = webhook::Webhooks<Acme>;
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The new secret and the old one, while one takes the place of the other.
//! let webhooks = acme::Webhooks::new(["new secret", "old secret"])?;
//!
//! let headers = [("x-acme-signature", "00c0ffee")];
//! let refused = webhooks.verify(&headers, r#"{"type":"created"}"#).unwrap_err();
//! assert_eq!(refused.status(), 400);
//! # Ok(())
//! # }
//! ```
//!
//! The way of a delivery:
//!
//! ```text
//! size ─▶ headers ─▶ signature over the raw bytes ─▶ age ─▶ name of the event ─▶ Event | Unknown
//! 413     400 401    401                             401    400
//! ```
//!
//! The signature is compared in constant time, and nothing of the body is read before it holds. No error shows the
//! secret, the signature that was sent, or the one that was expected.
//!
//! # Deliveries that come twice
//!
//! Providers repeat a delivery until they are answered with a success, and whoever has recorded one can send it again.
//! The tolerance of the timestamp bounds for how long; inside of it, remember what was done by [`Delivery::id`]: in the
//! transaction that does it, or, where one process receives everything, with [`Seen`].

mod body;
mod delivery;
mod encoding;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod received;
mod seen;
mod signature;
mod time;

#[cfg(feature = "axum")]
pub use self::extract::{Rejected, Verified};
pub use self::{
    body::Body,
    delivery::Delivery,
    error::{SecretError, WebhookError, WebhookErrorKind},
    received::ReceivedHeaders,
    seen::Seen,
};

use crate::{Clock, DecodeError, Named, Provider, Secret, SystemClock, WebhookSpec};
use bytes::Bytes;
use signature::Key;
use std::{env, ffi::OsString, fmt, marker::PhantomData, sync::Arc, time::Duration};

/// The longest body unless said.
const MAX_BODY: usize = 1024 * 1024;

/// What the environment variable of the secret ends with that goes out of use.
const PREVIOUS: &str = "_PREVIOUS";

/// A provider that calls. Generated code implements it.
pub trait Sender: Provider {
    /// What a call says.
    type Event: Send + 'static;
    /// What is constant about its calls.
    const WEBHOOKS: &'static WebhookSpec;
    /// Reads what a call of this name says.
    ///
    /// # Errors
    /// When the body does not fit.
    fn read(name: Option<&str>, body: &Body) -> Result<Self::Event, DecodeError>;
}

/// A [`Sender`] that signs its calls.
#[diagnostic::on_unimplemented(
    message = "the webhooks of `{Self}` are not signed: there is nothing to verify",
    note = "read them with `Webhooks::unsigned()` and `receive`, and ask the provider about what they say"
)]
pub trait Signed: Sender {}

/// A [`Sender`] whose calls prove nothing.
#[diagnostic::on_unimplemented(
    message = "the webhooks of `{Self}` are signed: do not take them unverified",
    note = "give the shared secret to `Webhooks::new` and use `verify`"
)]
pub trait Unsigned: Sender {}

/// Takes the calls of a provider. Made once; a clone costs little.
pub struct Webhooks<P> {
    keys: Arc<[Key]>,
    clock: Arc<dyn Clock>,
    tolerance: Option<Duration>,
    max_body: usize,
    provider: PhantomData<fn() -> P>,
}

impl<P: Signed> Webhooks<P> {
    /// With the secret that the provider signs with; or several, of which any may match, while one takes the place of
    /// another.
    ///
    /// # Errors
    /// When there is none, or one is not written as the descriptor says.
    pub fn new<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, SecretError> {
        let keys = match P::WEBHOOKS.signature {
            Some(spec) => secrets
                .into_iter()
                .map(|secret| Key::read(spec, &secret.into()))
                .collect::<Result<Vec<_>, _>>()?,
            None => Vec::new(),
        };
        if keys.is_empty() {
            return Err(SecretError::None);
        }
        Ok(Self::with_keys(keys))
    }

    /// As [`from_env_in`](Self::from_env_in), for the default environment.
    ///
    /// # Errors
    /// When the variable is unset, empty, not Unicode, or does not hold a secret.
    pub fn from_env() -> Result<Self, SecretError> {
        Self::from_env_in(P::Environment::default())
    }

    /// With the secret in the environment variable that the descriptor names. While a secret is being replaced, the old
    /// one may stand in the variable of that name with `_PREVIOUS` behind it.
    ///
    /// # Errors
    /// When the variable is unset, empty, not Unicode, or does not hold a secret. The error names the variable, never
    /// its value.
    pub fn from_env_in(environment: P::Environment) -> Result<Self, SecretError> {
        Self::from_variables(environment, |name| env::var_os(name))
    }

    fn from_variables(
        environment: P::Environment,
        read: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SecretError> {
        let named = P::WEBHOOKS.signature.map_or(&[][..], |spec| spec.secret_env);
        let variable = named.get(environment.index()).copied().flatten();
        let variable = variable.ok_or(SecretError::NoVariable)?;
        let value = |name: &str, text: OsString| match text.into_string() {
            Err(_) => Err(SecretError::NotUnicode(name.to_owned())),
            Ok(text) if text.trim().is_empty() => Err(SecretError::EmptyVariable(name.to_owned())),
            Ok(text) => Ok(Secret::new(text.trim())),
        };
        let current = read(variable).ok_or_else(|| SecretError::Unset(variable.to_owned()))?;
        let mut secrets = vec![value(variable, current)?];
        let previous = format!("{variable}{PREVIOUS}");
        if let Some(text) = read(&previous) {
            secrets.push(value(&previous, text)?);
        }
        Self::new(secrets)
    }

    /// Verifies a call and reads what it says. `body` is what arrived, byte for byte: JSON that was parsed and written
    /// again has another signature.
    ///
    /// # Errors
    /// When it is not proved that the provider sent this, not long ago; or when it does not fit.
    pub fn verify(
        &self,
        headers: &(impl ReceivedHeaders + ?Sized),
        body: impl Into<Bytes>,
    ) -> Result<Delivery<P::Event>, WebhookError> {
        self.open(headers, body.into())
    }

    /// Takes signed times that are this far from now, in either direction, instead of what the descriptor says. It
    /// changes nothing where no time is declared.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }
}

impl<P: Unsigned> Webhooks<P> {
    /// Without a secret, since there is none. Anybody who knows the address can call it: take what comes as a hint that
    /// something has changed, and ask the provider what.
    #[must_use]
    pub fn unsigned() -> Self {
        Self::with_keys(Vec::new())
    }

    /// Reads what a call says. Nothing proves who sent it.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn receive(
        &self,
        headers: &(impl ReceivedHeaders + ?Sized),
        body: impl Into<Bytes>,
    ) -> Result<Delivery<P::Event>, WebhookError> {
        self.open(headers, body.into())
    }
}

impl<P: Sender> Webhooks<P> {
    fn with_keys(keys: Vec<Key>) -> Self {
        Self {
            keys: keys.into(),
            clock: Arc::new(SystemClock),
            tolerance: None,
            max_body: MAX_BODY,
            provider: PhantomData,
        }
    }

    /// Reads the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes bodies of at most this many bytes. 1 MiB unless said.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The number of bytes that a body may have.
    #[must_use]
    pub fn longest_body(&self) -> usize {
        self.max_body
    }

    pub(crate) fn open(
        &self,
        headers: &(impl ReceivedHeaders + ?Sized),
        body: Bytes,
    ) -> Result<Delivery<P::Event>, WebhookError> {
        if body.len() > self.max_body {
            return Err(WebhookError::too_large(self.max_body));
        }
        let body = Body::new(body);
        let spec = P::WEBHOOKS;
        let mut seal = signature::Seal::default();
        if let Some(signature) = spec.signature {
            seal = signature::verify(signature, &self.keys, headers, &body)?;
            let tolerance = self.tolerance.or(signature.tolerance);
            if let (Some(at), Some(tolerance)) = (seal.timestamp, tolerance) {
                time::check_age(at, self.clock.wall(), tolerance)?;
            }
        }
        let name = match &spec.event_name {
            Some(place) => received::value(headers, &body, place)?,
            None => None,
        };
        let event = P::read(name.as_deref(), &body).map_err(|why| WebhookError::unreadable(why, &body))?;
        Ok(Delivery {
            id: seal.id,
            timestamp: seal.timestamp,
            name,
            event,
            body: body.into_bytes(),
        })
    }
}

impl<P> Clone for Webhooks<P> {
    fn clone(&self) -> Self {
        Self {
            keys: Arc::clone(&self.keys),
            clock: Arc::clone(&self.clock),
            tolerance: self.tolerance,
            max_body: self.max_body,
            provider: PhantomData,
        }
    }
}

/// Without the secrets.
impl<P: Sender> fmt::Debug for Webhooks<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("provider", &P::SPEC.id)
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
