//! Time and chance, passed in so that every wait can be tested on a clock that stands still.

use jiff::Timestamp;
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// A wait, as [`Clock::sleep`] returns it.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The time that never goes back, by which waits are measured.
    fn now(&self) -> Instant;
    /// The time of day, with which dates in answers are compared.
    fn wall(&self) -> Timestamp;
    /// Waits for `duration` and never less.
    fn sleep(&self, duration: Duration) -> Sleep;
}

impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }
    fn wall(&self) -> Timestamp {
        (**self).wall()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        (**self).sleep(duration)
    }
}

/// The clock of the tokio runtime: it stands still where `tokio::time::pause` says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Where jitter and idempotency keys come from.
pub trait Randomness: Send + Sync + 'static {
    /// 64 bits that nobody can foretell.
    fn draw(&self) -> u64;
}

impl<R: Randomness> Randomness for Arc<R> {
    fn draw(&self) -> u64 {
        (**self).draw()
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn draw(&self) -> u64 {
        // A v4 UUID is 122 random bits: those of its first half, with the version's nibble replaced from the second.
        let (high, low) = Uuid::new_v4().as_u64_pair();
        (high & !0xF000) | ((low & 0xF) << 12)
    }
}

/// A number from 0 up to, and not including, 1.
pub(crate) fn fraction(randomness: &dyn Randomness) -> f64 {
    const STEPS: f64 = 4_294_967_296.0;
    let [a, b, c, d, ..] = randomness.draw().to_be_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / STEPS
}

/// A fresh version 4 UUID.
pub(crate) fn uuid(randomness: &dyn Randomness) -> Uuid {
    let bits = (u128::from(randomness.draw()) << 64) | u128::from(randomness.draw());
    uuid::Builder::from_u128(bits)
        .with_variant(uuid::Variant::RFC4122)
        .with_version(uuid::Version::Random)
        .into_uuid()
}
