//! What providers call: four public schemes by their published vectors, and Acme's own against the mock's signatures.

mod acme;
mod axum;
mod refused;
mod schemes;

use std::time::{Duration, Instant};
use tollgate::{Clock, Sleep, SystemClock, Timestamp};

tollgate::provider!("webhooks/stripe.yaml");
tollgate::provider!("webhooks/github.yaml");
tollgate::provider!("webhooks/svix.yaml");
tollgate::provider!("webhooks/slack.yaml");
tollgate::provider!("webhooks/plain.yaml");

/// A clock whose time of day stands still.
#[derive(Clone, Copy)]
struct At(i64);

impl Clock for At {
    fn now(&self) -> Instant {
        SystemClock.now()
    }
    fn wall(&self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(headers: &[(&str, &str)]) -> Pairs {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
