//! What the clients of a provider share.

use crate::{
    Budgets, Clock, ConnectionBuilder, ConnectionError, DriftReport, ProcessStore, Provider, ProviderSpec, Randomness,
    Settings, TokenStore, Transport, address::Address, auth::sign::Signers, drift::Collector, limit::Fingerprint,
    retry::RetryBudget,
};
use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

/// What all clients of one provider share: where it is, how to get there, and what is known of its limits.
///
/// Clones are the same connection. Budgets of tokens are shared wider, by all connections of the process that reach the
/// same provider at the same base URL.
pub struct Connection<P: Provider> {
    pub(super) link: Arc<Link>,
    pub(super) provider: PhantomData<fn() -> P>,
}

/// A connection that does not know its provider's type.
pub(crate) struct Link {
    pub(crate) provider: &'static ProviderSpec,
    pub(crate) address: Address,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Box<dyn Randomness>,
    pub(crate) budgets: Budgets,
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<crate::Redis>,
    /// The tokens of the process.
    pub(crate) tokens: ProcessStore,
    /// Where tokens are kept beyond it.
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) retries: RetryBudget,
    pub(crate) drift: Collector,
    pub(crate) signers: Signers,
    pub(crate) user_agent: String,
    pub(super) environment: usize,
    pub(super) timeout: Duration,
    /// What budgets of the provider have in common.
    pub(super) place: Fingerprint,
    pub(super) id: u64,
}

impl Link {
    pub(crate) fn timeout(&self, settings: &Settings) -> Duration {
        settings.timeout.unwrap_or(self.timeout)
    }

    /// For one token request.
    pub(crate) fn default_timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn host(&self, settings: &Settings) -> &url::Url {
        let host = settings.host.and_then(|host| self.address.hosts.get(host));
        host.unwrap_or(&self.address.base)
    }
}

impl<P: Provider> Connection<P> {
    /// A connection to the default environment, with variables from the process's environment.
    pub fn new() -> Result<Self, ConnectionError> {
        Self::builder().build()
    }

    /// A connection with something other than the defaults.
    pub fn builder() -> ConnectionBuilder<P> {
        ConnectionBuilder::new()
    }

    /// What answers held so far that the descriptor does not know.
    pub fn drift(&self) -> DriftReport {
        self.link.drift.report()
    }
}

impl<P: Provider> Clone for Connection<P> {
    fn clone(&self) -> Self {
        Self {
            link: Arc::clone(&self.link),
            provider: PhantomData,
        }
    }
}

impl<P: Provider> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("provider", &self.link.provider.id)
            .field("base_url", &self.link.address.base.as_str())
            .finish_non_exhaustive()
    }
}
