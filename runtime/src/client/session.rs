//! The half of a client that knows no types.

use super::connection::{Connection, Link};
use crate::{
    Credential, Grant, Provider, TokenSpec, TokenValue,
    auth::{grant::Granted, redact},
    limit::{BudgetKey, Fingerprint, Owner, budgets_of},
};
use std::{fmt, sync::Arc};

/// The half of a client that knows no types: what a call needs once it is permitted. One `Arc`.
#[derive(Clone)]
pub(crate) struct Session(Arc<Shown>);

struct Shown {
    link: Arc<Link>,
    token: TokenValue,
    spec: &'static TokenSpec,
    fingerprint: Fingerprint,
    granted: Option<Granted>,
}

impl Session {
    pub(crate) fn new<P: Provider, T: Credential>(connection: &Connection<P>, token: &T) -> Self {
        let link = Arc::clone(&connection.link);
        let token = token.value().clone();
        token.check_format(link.environment);
        Self::shown(link, token, T::SPEC)
    }

    /// A session with a token of its own type.
    pub(crate) fn of(link: Arc<Link>, token: TokenValue) -> Self {
        let spec = token.spec();
        Self::shown(link, token, spec)
    }

    fn shown(link: Arc<Link>, token: TokenValue, spec: &'static TokenSpec) -> Self {
        let granted = spec.grant.map(|grant| Granted::new(&link, grant, &token));
        Self(Arc::new(Shown {
            fingerprint: Fingerprint::of_token(&token),
            spec,
            link,
            token,
            granted,
        }))
    }

    pub(crate) fn link(&self) -> &Link {
        &self.0.link
    }

    pub(crate) fn token(&self) -> &TokenValue {
        &self.0.token
    }

    pub(crate) fn token_spec(&self) -> &'static TokenSpec {
        self.0.spec
    }

    pub(crate) fn token_type(&self) -> &'static str {
        self.0.spec.type_name
    }

    /// How it comes by its token, where that is short-lived.
    pub(crate) fn granted(&self) -> Option<&Granted> {
        self.0.granted.as_ref()
    }

    /// The token types whose values look like this one, which does not look like one of its own.
    pub(crate) fn looks_like(&self) -> Vec<&'static str> {
        let (link, value) = (self.link(), &self.0.token);
        let is_own = value.looks_like(self.0.spec, link.environment);
        if self.0.granted.is_some() || is_own == Some(true) {
            return Vec::new();
        }
        let given = |spec: &&&'static TokenSpec| spec.grant.is_none() && spec.name != self.0.spec.name;
        let others = link.provider.tokens.iter().filter(given);
        let alike = others.filter(|spec| value.looks_like(spec, link.environment) == Some(true));
        alike.map(|spec| spec.type_name).collect()
    }

    /// The budgets of token requests. They are those of the credentials.
    pub(crate) fn token_budgets(&self, grant: &'static Grant) -> Arc<[BudgetKey]> {
        let owner = self.owner(true, "", &[]);
        let keys = budgets_of(grant.limits, 1, &owner);
        // A token endpoint that refuses closes its own budgets, and none of the calls that have a token already.
        keys.iter().map(|key| BudgetKey { gate: None, ..*key }).collect()
    }

    /// The budgets of a call.
    pub(crate) fn budgets(
        &self,
        spec: &'static crate::Spec,
        shows_token: bool,
        params: &[(&'static str, String)],
    ) -> Arc<[BudgetKey]> {
        let owner = self.owner(shows_token, spec.id, params);
        budgets_of(spec.settings.limits, spec.cost, &owner)
    }

    /// The budgets of a call that machines share, if they do.
    #[cfg(feature = "redis")]
    pub(crate) fn shared_budgets(
        &self,
        keys: &[BudgetKey],
        spec: &'static crate::Spec,
        shows_token: bool,
        params: &[(&'static str, String)],
    ) -> Option<crate::limit::shared::Group> {
        let link = self.link();
        let redis = link.redis.as_ref().filter(|_| !keys.is_empty())?;
        let owner = crate::limit::shared::SharedOwner {
            provider: link.provider.id,
            base_url: link.address.base.as_str(),
            token: shows_token.then_some(&self.0.token),
            operation: spec.id,
            params,
            cost: spec.cost,
        };
        Some(redis.group(keys, &owner))
    }

    fn owner<'a>(
        &'a self,
        shows_token: bool,
        operation: &'static str,
        params: &'a [(&'static str, String)],
    ) -> Owner<'a> {
        let link = self.link();
        Owner {
            place: link.place,
            connection: link.id,
            token: shows_token.then_some((self.0.fingerprint, self.0.spec.name)),
            operation,
            params,
        }
    }

    /// A text of the provider's, without the token and what it is got with.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.redact_also(text, &[])
    }

    /// A text of the provider's, without these secrets either.
    pub(crate) fn redact_also(&self, text: &str, secrets: &[crate::Secret]) -> String {
        let (mut values, mut others) = (Vec::new(), secrets.to_vec());
        let mut session = Some(self);
        while let Some(shown) = session {
            values.push(&shown.0.token);
            others.extend(shown.granted().into_iter().flat_map(Granted::secrets));
            session = shown.granted().and_then(Granted::source);
        }
        redact::redact(text, &values, &others)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("provider", &self.link().provider.id)
            .field("token", &self.token_type())
            .finish()
    }
}
