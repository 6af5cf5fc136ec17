//! Waits of the client's own choice.

use super::Repeats;
use crate::{Randomness, clock};
use std::time::Duration;

/// The wait after the `failed`-th attempt, counted from 1.
pub(crate) fn backoff(retry: &Repeats, failed: u32, randomness: &dyn Randomness) -> Duration {
    let exponent = i32::try_from(failed.saturating_sub(1)).unwrap_or(i32::MAX);
    let grown = retry.initial.as_secs_f64() * retry.factor.powi(exponent);
    let capped = grown.min(retry.max.as_secs_f64());
    let share = 1.0 - retry.jitter * clock::fraction(randomness);
    Duration::try_from_secs_f64(capped * share).unwrap_or(retry.max)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u64);
    impl Randomness for Always {
        fn draw(&self) -> u64 {
            self.0
        }
    }

    const RETRY: Repeats = Repeats {
        max_attempts: 5,
        when: std::borrow::Cow::Borrowed(&[]),
        wait_from: &[],
        initial: Duration::from_secs(1),
        factor: 2.0,
        max: Duration::from_secs(16),
        jitter: 0.5,
        max_wait: Duration::from_mins(1),
    };

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits = [1, 2, 3, 4, 5, 6, 5000].map(|failed| backoff(&RETRY, failed, &Always(0)).as_secs());
        assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16]);
    }

    #[test]
    fn jitter_only_shortens() {
        let half = Always(1 << 63);
        assert_eq!(backoff(&RETRY, 1, &half), Duration::from_millis(750));
        assert!(backoff(&RETRY, 1, &Always(u64::MAX)) > Duration::from_millis(499));
    }
}
