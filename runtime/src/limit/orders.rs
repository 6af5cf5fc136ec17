//! Every order in which threads can meet at the lock, tried by loom: `cargo xtask test loom`.
//!
//! What runs is the code that everybody runs, with loom's lock in the place of the standard library's and loom's wakers.
//! The clock stands still, so whoever sleeps sleeps for ever: a wake-up that is lost is a deadlock, which loom reports.

use super::{BudgetKey, Budgets, Fingerprint, Owner, Permit, TooLong, admit, budgets_of};
use crate::{Algorithm, Clock, Limit, Per, Timestamp, clock::Sleep};
use loom::{
    future::block_on,
    sync::{
        Arc as Counted,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use std::{
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

static ONE: Limit = Limit {
    name: "one",
    limit: 1,
    algorithm: Algorithm::Concurrency,
    per: &[Per::Token],
    ..Limit::DEFAULT
};
static OTHER: Limit = Limit {
    name: "other",
    limit: 1,
    algorithm: Algorithm::Concurrency,
    per: &[Per::Token],
    ..Limit::DEFAULT
};

/// A clock that stands still.
struct Still;

static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for Still {
    fn now(&self) -> Instant {
        *NOW
    }
    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}

fn keys(limits: &[&'static Limit]) -> Arc<[BudgetKey]> {
    let owner = Owner {
        place: Fingerprint::of_place("toy", "https://toy.example"),
        connection: 0,
        token: None,
        operation: "things.get",
        params: &[],
    };
    budgets_of(limits, 1, &owner)
}

fn enter(
    budgets: &Budgets,
    limits: &[&'static Limit],
    max_wait: Option<Duration>,
) -> impl Future<Output = Result<Permit, TooLong>> + use<> {
    let clock: Arc<dyn Clock> = Arc::new(Still);
    admit(budgets, keys(limits), &clock, max_wait)
}

fn explore(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Takes the place, sees that nobody else has it, and gives it back with the answer.
fn use_once(budgets: &Budgets, limits: &[&'static Limit], inside: &AtomicUsize) {
    let mut permit = block_on(enter(budgets, limits, None)).expect("nobody sets an end to the wait");
    permit.sent(Duration::from_secs(1));
    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two have the only place");
    inside.fetch_sub(1, Ordering::SeqCst);
    permit.answered(None);
}

#[test]
fn an_answer_hands_the_place_to_who_waits() {
    explore(|| {
        let (budgets, inside) = (Budgets::new(), Counted::new(AtomicUsize::new(0)));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (budgets, inside) = (budgets.clone(), Counted::clone(&inside));
                thread::spawn(move || use_once(&budgets, &[&ONE], &inside))
            })
            .collect();
        use_once(&budgets, &[&ONE], &inside);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

#[test]
fn a_waiter_that_is_dropped_hands_on_what_it_was_just_given() {
    explore(|| {
        let (budgets, inside) = (Budgets::new(), Counted::new(AtomicUsize::new(0)));
        let mut held = block_on(enter(&budgets, &[&ONE], None)).unwrap();
        held.sent(Duration::from_secs(1));
        let impatient = thread::spawn({
            let budgets = budgets.clone();
            move || {
                let mut waits = Box::pin(enter(&budgets, &[&ONE], None));
                let mut context = Context::from_waker(Waker::noop());
                // Given up in line, or just let go: in either case the place is somebody else's.
                if let Poll::Ready(permit) = Pin::as_mut(&mut waits).poll(&mut context) {
                    drop(permit);
                }
            }
        });
        let patient = thread::spawn({
            let (budgets, inside) = (budgets.clone(), Counted::clone(&inside));
            move || use_once(&budgets, &[&ONE], &inside)
        });
        held.answered(None);
        impatient.join().unwrap();
        patient.join().unwrap();
    });
}

#[test]
fn calls_of_several_budgets_never_wait_for_each_other() {
    explore(|| {
        let (budgets, inside) = (Budgets::new(), Counted::new(AtomicUsize::new(0)));
        let other = thread::spawn({
            let (budgets, inside) = (budgets.clone(), Counted::clone(&inside));
            move || use_once(&budgets, &[&OTHER, &ONE], &inside)
        });
        let single = thread::spawn({
            let budgets = budgets.clone();
            move || {
                // Dropped before it is sent: given back whole.
                drop(block_on(enter(&budgets, &[&OTHER], None)));
            }
        });
        use_once(&budgets, &[&ONE, &OTHER], &inside);
        other.join().unwrap();
        single.join().unwrap();
    });
}

#[test]
fn a_close_is_heard_by_who_cannot_wait_that_long() {
    explore(|| {
        let budgets = Budgets::new();
        let mut held = block_on(enter(&budgets, &[&ONE], None)).unwrap();
        held.sent(Duration::from_secs(1));
        let waits = thread::spawn({
            let budgets = budgets.clone();
            move || block_on(enter(&budgets, &[&ONE], Some(Duration::from_secs(5)))).err()
        });
        held.answered(Some(Duration::from_secs(60)));
        let refused = waits
            .join()
            .unwrap()
            .expect("the budget is closed before its place is free");
        assert_eq!((refused.limit, refused.wait), ("one", Duration::from_secs(60)));
    });
}
