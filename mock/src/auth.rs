//! Who is calling: the test tokens, and how they are told from what a request carries.

mod carrier;
mod signed;

pub(crate) use self::carrier::{capture, read_scheme};

use crate::arrival::Arrival;
use crate::oauth::Worth;
use std::fmt;
use std::sync::Arc;
use tollgate_descriptor::model::{
    Carrier, Guard, Model, Placement, Scheme, Scope, ScopeId, Template, TemplatePart, Token, TokenField, TokenId,
    TokenRoles,
};

/// Whose token a request carried. Prints as `channel`, `channel-2` or `api_key-event_ingestor`, never as a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Identity {
    pub(crate) token: TokenId,
    pub(crate) role: Option<String>,
    pub(crate) number: u32,
    label: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// What the credentials of a request are.
#[derive(Debug)]
pub(crate) enum Credentials {
    /// A test token.
    Known(Identity),
    /// None, or none that is known; the text says what was seen and what is demanded.
    Unknown(String),
}

/// What a grant yields, in the templates of a scheme.
const YIELD: &str = "token";

/// `test-channel`, `test-api_key-event_ingestor`, `test-operator-password-2`
fn text(prefix: &str, token: &Token, name: &str, role: Option<&str>, number: u32) -> String {
    let mut value = format!("{prefix}test-{}", token.name);
    let number = (number > 1).then(|| number.to_string());
    let name = (!name.is_empty()).then_some(name);
    for part in [role, name, number.as_deref()].into_iter().flatten() {
        value.push('-');
        value.push_str(part);
    }
    value
}

/// All test tokens of a descriptor.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    model: Arc<Model>,
    /// The environment's position: formats may differ per environment.
    environment: usize,
    /// The descriptor's roles and those of the application.
    roles: Vec<(String, Vec<ScopeId>)>,
}

impl Keyring {
    pub(crate) fn new(model: Arc<Model>, environment: usize, own_roles: Vec<(String, Vec<ScopeId>)>) -> Self {
        let mut roles: Vec<_> = model
            .roles
            .iter()
            .map(|role| (role.name.clone(), role.scopes.clone()))
            .collect();
        roles.extend(own_roles);
        Self {
            model,
            environment,
            roles,
        }
    }

    /// The test token of a type, if there is such a type.
    pub(crate) fn token(&self, name: &str) -> Option<TestToken> {
        let id = self.model.token_ids().find(|id| self.model.token(*id).name == name)?;
        Some(TestToken {
            keyring: self.clone(),
            id,
            role: None,
            number: 1,
        })
    }

    fn role(&self, token: &Token, name: &str) -> Option<&(String, Vec<ScopeId>)> {
        let role = self.roles.iter().find(|(role, _)| role == name)?;
        let may_have = match &token.roles {
            TokenRoles::None => false,
            TokenRoles::Any => true,
            TokenRoles::Some(roles) => roles.iter().any(|role| self.model.role(*role).name == name),
        };
        may_have.then_some(role)
    }

    fn value(&self, token: &Token, field: &TokenField, role: Option<&str>, number: u32) -> String {
        text(self.prefix(token), token, Self::name(token, field), role, number)
    }

    /// The part of a value that tells fields apart, where there are several.
    fn name<'t>(token: &Token, field: &'t TokenField) -> &'t str {
        if token.fields.len() > 1 { &field.name } else { "" }
    }

    /// What the value begins with. That of a short-lived token is none of its fields.
    fn prefix<'t>(&self, token: &'t Token) -> &'t str {
        let is_value = token.fields.len() == 1 && token.grant.is_none();
        let format = token.format.as_ref().filter(|_| is_value);
        let prefix = format.and_then(|format| format.prefix.get(self.environment)?.as_deref());
        prefix.unwrap_or_default()
    }

    /// Which role and number a field's value belongs to; the reverse of [`Keyring::value`].
    fn read_value(&self, token: &Token, field: &TokenField, value: &str) -> Option<(Option<String>, u32)> {
        self.read_text(token, self.prefix(token), Self::name(token, field), value)
    }

    /// The reverse of [`text`].
    fn read_text(&self, token: &Token, prefix: &str, name: &str, value: &str) -> Option<(Option<String>, u32)> {
        let tail = value.strip_prefix(prefix)?;
        let tail = tail.strip_prefix("test-")?.strip_prefix(token.name.as_str())?;
        let number = tail
            .rsplit('-')
            .next()
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 1);
        let role = tail.strip_prefix('-').and_then(|tail| tail.split('-').next());
        let role = role
            .and_then(|role| self.role(token, role))
            .map(|(role, _)| role.clone());
        // The plainest spelling wins: a field may be named like a role.
        let readings = [(None, number), (None, None), (role.clone(), number), (role, None)];
        let is_written = |(role, number): &(Option<String>, Option<u32>)| {
            text(prefix, token, name, role.as_deref(), number.unwrap_or(1)) == value
        };
        let (role, number) = readings.into_iter().find(is_written)?;
        Some((role, number.unwrap_or(1)))
    }

    /// Finds out who calls. `path_fields` are the token's fields that stood in the path; `worth` knows what was issued.
    pub(crate) fn identify(
        &self,
        arrival: &Arrival,
        path_fields: &[(String, String)],
        worth: &dyn Fn(&str) -> Worth,
    ) -> Credentials {
        let mut complaint = None;
        let mut is_of_nobody = false;
        let mut ids: Vec<_> = self.model.token_ids().collect();
        // Every request carries a token that does not travel, so it comes last.
        ids.sort_by_key(|id| self.model.token(*id).scheme == Scheme::None);
        for id in ids {
            let token = self.model.token(id);
            if let Scheme::Signed(signed) = &token.scheme {
                match self.signer(id, signed, arrival, path_fields) {
                    Ok(Some(identity)) => return Credentials::Known(identity),
                    Ok(None) => {}
                    Err(seen) => _ = complaint.get_or_insert(seen),
                }
                continue;
            }
            match carrier::read(token, arrival) {
                Ok(Some(mut fields)) => {
                    fields.extend(path_fields.iter().cloned());
                    if token.grant.is_some() {
                        match self.issued(id, &fields, worth) {
                            Ok(Some(identity)) => return Credentials::Known(identity),
                            Ok(None) => is_of_nobody = true,
                            Err(ended) => _ = complaint.insert(ended),
                        }
                        continue;
                    }
                    match self.owner(id, &fields) {
                        Some(identity) => return Credentials::Known(identity),
                        None => _ = complaint.get_or_insert_with(|| self.unknown_value(arrival)),
                    }
                }
                Ok(None) => {}
                Err(seen) => _ = complaint.get_or_insert(seen),
            }
        }
        let seen = || match is_of_nobody.then_some("the token is none that was issued here") {
            Some(nobodys) => nobodys.to_owned(),
            None => carrier::nothing_seen(arrival),
        };
        Credentials::Unknown(complaint.unwrap_or_else(seen))
    }

    /// Whose short-lived token it is, if it is one of this type: issued here, or the test token that never ends.
    fn issued(
        &self,
        id: TokenId,
        fields: &[(String, String)],
        worth: &dyn Fn(&str) -> Worth,
    ) -> Result<Option<Identity>, String> {
        let shown = fields.iter().find(|(name, _)| name == YIELD);
        let Some((_, shown)) = shown else {
            return Ok(None);
        };
        match worth(shown) {
            Worth::Good(identity) if identity.token == id => return Ok(Some(identity)),
            Worth::Good(_) => return Ok(None),
            Worth::Expired => return Err("the token has expired".to_owned()),
            Worth::Revoked => return Err("the token was revoked".to_owned()),
            Worth::Unknown => {}
        }
        let token = self.model.token(id);
        let read = self.read_text(token, "", "", shown);
        Ok(read.map(|(role, number)| self.identity(id, role, number)))
    }

    /// The owner of credentials, all of which are of one test token.
    pub(crate) fn credentials(&self, id: TokenId, fields: &[(String, String)]) -> Option<Identity> {
        let token = self.model.token(id);
        let mut owner: Option<(Option<String>, u32)> = None;
        for (name, value) in fields {
            let field = token.fields.iter().find(|field| field.name == *name)?;
            let read = self.read_value(token, field, value)?;
            if owner.get_or_insert_with(|| read.clone()) != &read {
                return None;
            }
        }
        let (role, number) = owner?;
        Some(self.identity(id, role, number))
    }

    /// Who has a token that another one got: the type, and the number of the other.
    pub(crate) fn yielded(&self, id: TokenId, source: &Identity) -> Identity {
        self.identity(id, None, source.number)
    }

    /// The identity of a type that has this label.
    pub(crate) fn labelled(&self, id: TokenId, label: &str) -> Option<Identity> {
        let token = self.model.token(id);
        let (role, number) = self.read_text(token, "", "", &format!("test-{label}"))?;
        Some(self.identity(id, role, number))
    }

    fn owner(&self, id: TokenId, fields: &[(String, String)]) -> Option<Identity> {
        let token = self.model.token(id);
        // What is not secret (an account number) may be anything, unless nothing else tells.
        let any_secret = token.fields.iter().any(|field| field.secret);
        let mut owner = None;
        for (name, value) in fields {
            let Some(field) = token.fields.iter().find(|field| field.name == *name) else {
                continue;
            };
            if any_secret && !field.secret {
                continue;
            }
            let read = self.read_value(token, field, value)?;
            if owner.get_or_insert_with(|| read.clone()) != &read {
                return None;
            }
        }
        if owner.is_none() && token.scheme != Scheme::None {
            return None;
        }
        let (role, number) = owner.unwrap_or((None, 1));
        Some(self.identity(id, role, number))
    }

    fn identity(&self, id: TokenId, role: Option<String>, number: u32) -> Identity {
        let suffix = if number > 1 {
            format!("-{number}")
        } else {
            String::new()
        };
        let role_suffix = role.as_ref().map(|role| format!("-{role}")).unwrap_or_default();
        Identity {
            token: id,
            label: format!("{}{role_suffix}{suffix}", self.model.token(id).name),
            role,
            number,
        }
    }

    fn unknown_value(&self, arrival: &Arrival) -> String {
        let tokens = self
            .model
            .tokens
            .iter()
            .filter(|token| !matches!(token.scheme, Scheme::Signed(_)))
            .filter(|token| matches!(carrier::read(token, arrival), Ok(Some(_))));
        let known = tokens.filter(|token| token.grant.is_none()).flat_map(|token| {
            let secret = token.fields.iter().filter(|field| field.secret);
            secret.map(|field| format!("`{}`", self.value(token, field, None, 1)))
        });
        let known: Vec<_> = known.collect();
        format!("the token is none of the test tokens; known here: {}", known.join(", "))
    }

    /// How the token types that may call an operation travel.
    pub(crate) fn demanded(&self, guard: &Guard) -> String {
        let mut demanded: Vec<_> = self
            .model
            .holders(guard)
            .iter()
            .map(|id| carrier::describe(self.model.token(*id)))
            .collect();
        demanded.sort();
        demanded.dedup();
        demanded.join(" or ")
    }

    /// The scheme for `WWW-Authenticate`.
    pub(crate) fn challenge(&self, guard: &Guard) -> Option<&'static str> {
        let holders = self.model.holders(guard);
        holders.iter().find_map(|id| carrier::challenge(self.model.token(*id)))
    }

    /// Whether an identity satisfies a guard, or what it lacks.
    pub(crate) fn permit(&self, identity: &Identity, guard: &Guard) -> Result<(), String> {
        let scopes = self.model.guard_scopes(guard);
        let lacked: Vec<_> = scopes.iter().filter(|scope| !self.holds(identity, **scope)).collect();
        let enough = match guard {
            Guard::Any(_) => lacked.len() < scopes.len(),
            _ => lacked.is_empty(),
        };
        if enough {
            return Ok(());
        }
        let lacked = lacked.iter().map(|scope| self.row(**scope));
        let joint = if matches!(guard, Guard::Any(_)) {
            " or "
        } else {
            " and "
        };
        Err(format!("`{identity}` lacks {}", lacked.collect::<Vec<_>>().join(joint)))
    }

    fn holds(&self, identity: &Identity, id: ScopeId) -> bool {
        let scope: &Scope = self.model.scope(id);
        if !scope.tokens.contains(&identity.token) {
            return false;
        }
        let token = self.model.token(identity.token);
        let listed = |role: &str| self.role(token, role).is_some_and(|(_, scopes)| scopes.contains(&id));
        scope.always
            || match (&identity.role, &token.roles) {
                (Some(role), _) => listed(role),
                // A value of no particular role holds whatever one of the possible roles could hold.
                (None, TokenRoles::None | TokenRoles::Any) => true,
                (None, TokenRoles::Some(roles)) => roles.iter().any(|role| listed(&self.model.role(*role).name)),
            }
    }

    fn row(&self, id: ScopeId) -> String {
        let scope = self.model.scope(id);
        let holders: Vec<_> = scope
            .tokens
            .iter()
            .map(|token| self.model.token(*token).name.as_str())
            .collect();
        format!("the scope `{}` (held by {})", scope.wire, holders.join(", "))
    }
}

/// A token that the mock accepts, clearly fake: `test-channel`, `test-api_key-event_ingestor`, `test-channel-2`.
///
/// A token of a type with roles holds every scope that the type can hold, until [`TestToken::with_role`] narrows it.
#[derive(Clone)]
pub struct TestToken {
    keyring: Keyring,
    id: TokenId,
    role: Option<String>,
    number: u32,
}

impl fmt::Debug for TestToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestToken").field(&self.label()).finish()
    }
}

impl TestToken {
    /// The same token type with a role of the descriptor or of [`Builder::role`](crate::Builder::role); `None` where
    /// the token type cannot have it.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Option<Self> {
        self.keyring.role(self.keyring.model.token(self.id), role)?;
        self.role = Some(role.to_owned());
        Some(self)
    }

    /// The n-th value of this token type, from 1: each value has budgets of its own.
    #[must_use]
    pub fn number(mut self, number: u32) -> Self {
        self.number = number.max(1);
        self
    }

    /// The value of the first field, which is the only one of most token types.
    #[must_use]
    pub fn value(&self) -> String {
        self.fields()
            .into_iter()
            .next()
            .map(|(_, value)| value)
            .unwrap_or_default()
    }

    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields()
            .into_iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }

    /// Name and value of every field, in the descriptor's order.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let token = self.keyring.model.token(self.id);
        let value = |field: &TokenField| {
            let plain = self.keyring.value(token, field, self.role.as_deref(), self.number);
            signed::written(token, field, plain)
        };
        token
            .fields
            .iter()
            .map(|field| (field.name.clone(), value(field)))
            .collect()
    }

    /// The fields, and of a type with a grant what it yields: a token that never ends.
    fn shown(&self) -> Vec<(String, String)> {
        let token = self.keyring.model.token(self.id);
        let yielded = || text("", token, "", self.role.as_deref(), self.number);
        let yielded = token.grant.as_ref().map(|_| (YIELD.to_owned(), yielded()));
        self.fields().into_iter().chain(yielded).collect()
    }

    /// The request headers that carry it, cookies and HTTP basic included. Of a type with a grant, they carry a token that
    /// needs not be asked for and never ends.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        carrier::headers(self.keyring.model.token(self.id), &self.shown())
    }

    /// The query parameters that carry it.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        carrier::query(self.keyring.model.token(self.id), &self.shown())
    }

    /// How it is called in reports: `channel-2`.
    #[must_use]
    pub fn label(&self) -> String {
        self.keyring
            .identity(self.id, self.role.clone(), self.number)
            .to_string()
    }
}
