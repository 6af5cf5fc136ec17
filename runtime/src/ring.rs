//! Many tokens, one connection.

use crate::{Client, Connection, Credential, Provider, client::Session};
use std::{any::TypeId, collections::BTreeMap, error, fmt};

/// Clients by token type and name, over one connection pool, each with the budget of its token.
///
/// Names are the caller's: tenants, shops, stages. It needs no downcast: a client is a session and a type.
pub struct Ring<P: Provider, Key = String> {
    connection: Connection<P>,
    sessions: BTreeMap<(TypeId, Key), Session>,
}

impl<P: Provider, Key: Ord + Clone + fmt::Debug> Ring<P, Key> {
    /// An empty ring over a connection.
    #[must_use]
    pub fn new(connection: &Connection<P>) -> Self {
        Self {
            connection: connection.clone(),
            sessions: BTreeMap::new(),
        }
    }

    /// What its clients share.
    #[must_use]
    pub fn connection(&self) -> &Connection<P> {
        &self.connection
    }

    /// Adds a token under a name, in the place of the one of its type that had the name. Generated workspaces call this,
    /// once they know that the token is of their provider.
    #[doc(hidden)]
    #[expect(clippy::needless_pass_by_value, reason = "a token belongs to its client")]
    pub fn insert<T: Credential>(&mut self, key: Key, token: T) {
        let session = Session::new(&self.connection, &token);
        self.sessions.insert((TypeId::of::<T>(), key), session);
    }

    /// Takes the token of type `T` under a name out, and says whether there was one.
    pub fn remove<T: Credential>(&mut self, key: &Key) -> bool {
        self.sessions.remove(&(TypeId::of::<T>(), key.clone())).is_some()
    }

    /// The client that shows the token of type `T` under `key`.
    pub fn client<T: Credential>(&self, key: &Key) -> Result<Client<T>, NoSuchToken> {
        match self.sessions.get(&(TypeId::of::<T>(), key.clone())) {
            Some(session) => Ok(Client::from_session(session.clone())),
            None => Err(NoSuchToken {
                token: T::SPEC.type_name,
                key: format!("{key:?}"),
            }),
        }
    }

    /// All clients that show a token of type `T`, by name.
    pub fn clients<T: Credential>(&self) -> impl Iterator<Item = (&Key, Client<T>)> {
        let wanted = TypeId::of::<T>();
        let sessions = self.sessions.iter().filter(move |((token, _), _)| *token == wanted);
        sessions.map(|((_, key), session)| (key, Client::from_session(session.clone())))
    }
}

impl<P: Provider, Key: Clone> Clone for Ring<P, Key> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            sessions: self.sessions.clone(),
        }
    }
}

impl<P: Provider, Key: fmt::Debug> fmt::Debug for Ring<P, Key> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.sessions.iter();
        f.debug_map()
            .entries(entries.map(|((_, key), session)| (key, session.token_type())))
            .finish()
    }
}

/// Nobody put such a token there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchToken {
    /// The token type.
    pub token: &'static str,
    /// The name that was asked for.
    pub key: String,
}

impl fmt::Display for NoSuchToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no `{}` token under the name {}", self.token, self.key)
    }
}

impl error::Error for NoSuchToken {}
