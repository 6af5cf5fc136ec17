//! Clients, and what they are made of.

mod builder;
mod connection;
mod session;

pub use self::{builder::ConnectionBuilder, connection::Connection};
pub(crate) use self::{connection::Link, session::Session};

use crate::{Call, Credential, Operation, PermittedBy, Provider, WithinScopesOf};
use std::{fmt, marker::PhantomData};

/// A connection that shows a token of type `T`. Cheap to clone, `Send` and `Sync` whatever `T` is.
pub struct Client<T> {
    session: Session,
    token: PhantomData<fn() -> T>,
}

impl<T: Credential> Client<T> {
    /// A client that shows `token`. Generated clients call this, once they know that the token is of their provider.
    #[doc(hidden)]
    #[expect(clippy::needless_pass_by_value, reason = "a token belongs to its client")]
    pub fn new<P: Provider>(connection: &Connection<P>, token: T) -> Self {
        Self::from_session(Session::new(connection, &token))
    }
}

impl<T> Client<T> {
    pub(crate) fn from_session(session: Session) -> Self {
        Self {
            session,
            token: PhantomData,
        }
    }

    /// Makes a call of an operation, if `T` permits it. Nothing is sent yet.
    pub fn call<Op: Operation + PermittedBy<T>>(&self, operation: Op) -> Call<Op> {
        Call::new(self.session.clone(), operation)
    }

    /// The same client with no more scopes than `U` has.
    #[must_use]
    pub fn narrow<U: WithinScopesOf<T>>(&self) -> Client<U> {
        Client::from_session(self.session.clone())
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self::from_session(self.session.clone())
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("provider", &self.session.link().provider.id)
            .field("token", &self.session.token_type())
            .finish()
    }
}
