use super::*;
use crate::{
    Limit, Per, SystemClock,
    limit::{Fingerprint, Owner, budgets_of},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::time::timeout;

static ONE: Limit = Limit {
    name: "one",
    limit: 1,
    per: &[Per::Token],
    ..Limit::DEFAULT
};

/// A clock of somebody else's.
#[derive(Default)]
struct Moody(AtomicBool);

impl Clock for Moody {
    fn now(&self) -> Instant {
        assert!(!self.0.load(Ordering::Relaxed), "no time");
        SystemClock.now()
    }
    fn wall(&self) -> Timestamp {
        SystemClock.wall()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

fn keys() -> Arc<[BudgetKey]> {
    let owner = Owner {
        place: Fingerprint::of_place("toy", "https://toy.example"),
        connection: 1,
        token: Some((Fingerprint::of_place("a", "token"), "token")),
        operation: "things.get",
        params: &[],
    };
    budgets_of(&[&ONE], 1, &owner)
}

#[tokio::test(start_paused = true)]
async fn whoever_panics_in_line_leaves_it() {
    let (budgets, moody) = (Budgets::new(), Arc::new(Moody::default()));
    let calm: Arc<dyn Clock> = Arc::new(SystemClock);
    let clock: Arc<dyn Clock> = moody.clone();
    let held = admit(&budgets, keys(), &calm, None).await.unwrap();
    let mut first = Box::pin(admit(&budgets, keys(), &clock, None));
    assert!(first.as_mut().now_or_never().is_none());
    moody.0.store(true, Ordering::Relaxed);
    let polled = AssertUnwindSafe(poll_fn(|cx| first.as_mut().poll(cx)));
    assert!(polled.catch_unwind().await.is_err());
    moody.0.store(false, Ordering::Relaxed);
    drop(first);
    drop(held);
    let next = admit(&budgets, keys(), &calm, None);
    let next = timeout(Duration::from_mins(1), next).await;
    assert!(next.is_ok_and(|next| next.is_ok()), "nobody is before it");
}
