//! One call of the provider.

use bytes::Bytes;
use jiff::Timestamp;
use std::fmt;

/// One call of the provider, read; and verified, where the provider signs.
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery<E> {
    /// The number of the delivery, where the descriptor says where it stands. It stays the same when the provider
    /// repeats the delivery.
    pub id: Option<String>,
    /// When it was sent, where the descriptor says where that stands.
    pub timestamp: Option<Timestamp>,
    /// What happened, as the provider writes it, where the descriptor says where that stands.
    pub name: Option<String>,
    /// What it says.
    pub event: E,
    /// What was sent, byte for byte.
    pub body: Bytes,
}

/// Without the bytes of the body.
impl<E: fmt::Debug> fmt::Debug for Delivery<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("timestamp", &self.timestamp)
            .field("name", &self.name)
            .field("event", &self.event)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
