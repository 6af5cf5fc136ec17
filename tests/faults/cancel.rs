//! Calls that are dropped at every point at which they wait.

use super::draw::{Draw, is_wanted, seed};
use super::site::{PATIENT, Site, Wishes, network};
use super::trial::{Bench, ended};
use super::watch;
use futures_util::future::{join_all, poll_immediate};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tollgate::{Budgets, Clock, Exchange, HttpReply, HttpRequest, Sleep, Timestamp, Transport, TransportError};
use tollgate_tests::wire::{Made, PROVIDERS, Shape};

/// How many calls of each provider are dropped at every point.
const EXACTLY: usize = 24;
/// How many are dropped while a real request is on its way.
const ON_THE_WAY: usize = 24;
/// No call has as many points as that.
const MOST: usize = 5000;

/// Waits for others so many times.
struct Steps(u32);

impl Future for Steps {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// A clock that goes on when somebody has waited for it.
#[derive(Default)]
struct Patient(Mutex<Duration>);

impl Patient {
    fn passed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn advance(&self, to: Duration) {
        let passed = &mut *self.0.lock().unwrap();
        *passed = (*passed).max(to);
    }
}

/// What the clock begins with.
static BEGAN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

struct Shared(Arc<Patient>);

impl Clock for Shared {
    fn now(&self) -> Instant {
        *BEGAN + self.0.passed()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = Arc::clone(&self.0);
        let until = clock.passed() + duration;
        Box::pin(async move {
            if duration >= PATIENT {
                // That a call takes too long is none of this.
                std::future::pending::<()>().await;
            }
            Steps(2).await;
            clock.advance(until);
        })
    }
}

/// What a tape does with a request.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Records,
    Plays,
    /// Says that there were too many, once, and plays.
    Refuses,
}

/// Records what a mock answers, and plays it back in steps.
struct Tape {
    network: Arc<dyn Transport>,
    budgets: Budgets,
    mode: Mutex<Mode>,
    answers: Arc<Mutex<BTreeMap<String, HttpReply>>>,
}

impl Transport for Tape {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let key = format!("{:?} {} {:?}", request.method(), request.url(), request.body().len());
        let answers = Arc::clone(&self.answers);
        let mode = *self.mode.lock().unwrap();
        if mode == Mode::Refuses {
            self.turn(Mode::Plays);
        }
        if mode != Mode::Records {
            return Box::pin(async move {
                Steps(4).await;
                if mode == Mode::Refuses {
                    return Ok(HttpReply::new(429));
                }
                let answer = answers.lock().unwrap().get(&key).cloned();
                answer.ok_or_else(|| TransportError::network("this was never asked before"))
            });
        }
        let exchange = self.network.exchange(request);
        Box::pin(async move {
            let answer = exchange.await?;
            answers.lock().unwrap().insert(key, answer.clone());
            Ok(answer)
        })
    }

    fn budgets(&self) -> Budgets {
        self.budgets.clone()
    }
}

impl Tape {
    fn turn(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }
}

/// Polls a call so often, letting tasks go on by one step in between, and drops it. `None` where it ended before.
async fn dropped_after(made: &Made, shape: Shape, polls: usize) -> Option<()> {
    let mut call = made.start(shape);
    for _ in 0..polls {
        if poll_immediate(&mut call).await.is_some() {
            return None;
        }
        tokio::task::yield_now().await;
    }
    Some(())
}

#[test]
fn a_call_that_is_dropped_at_any_point_leaves_nothing_behind() {
    watch::listen();
    println!("TOLLGATE_FAULTS_SEED={}", seed());
    let mut dropped = 0;
    for (provider, _) in PROVIDERS {
        // One task goes on by one step between two polls of the test.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .event_interval(1)
            .enable_all()
            .build()
            .unwrap();
        dropped += runtime.block_on(at_every_point(provider));
    }
    println!("{dropped} calls were dropped, each at another point");
    assert!(
        std::env::var_os("TOLLGATE_FAULTS_ONLY").is_some() || dropped > 1000,
        "{dropped}"
    );
}

async fn at_every_point(provider: &'static str) -> usize {
    let mut draw = Draw::new(seed(), provider);
    let clock = Arc::new(Patient::default());
    let tape = Arc::new(Tape {
        network: network(),
        budgets: Budgets::new(),
        mode: Mutex::new(Mode::Records),
        answers: Arc::default(),
    });
    let mut wishes = Wishes::new(draw.clone());
    wishes.clock = Some(Arc::new(Shared(Arc::clone(&clock))));
    wishes.transport = tape.clone();
    let site = Site::open(provider, wishes).await;
    let mut calls: Vec<&Made> = site.calls.iter().collect();
    draw.shuffle(&mut calls);
    let mut count = 0;
    for made in calls
        .into_iter()
        .filter(|made| is_wanted(&format!("{provider}, drop, {}", made.spec.id)))
        .take(EXACTLY)
    {
        for shape in &made.shapes {
            let name = format!("{provider}, {} with {:?}, {shape:?}", made.spec.id, made.token);
            tape.turn(Mode::Records);
            clock.advance(clock.passed() + LONG);
            let whole = ended(made.start(*shape)).await.unwrap();
            whole.unwrap_or_else(|failed| panic!("{name}: {}", failed.display));
            tape.turn(Mode::Plays);
            let idle = tokio::runtime::Handle::current().metrics().num_alive_tasks();
            // At once, and in line behind others, with an answer that asks for another try.
            for busy in [false, true] {
                for polls in 0.. {
                    assert!(polls < MOST, "{name} does not end");
                    let name = format!(
                        "{name}, {}, dropped after {polls} polls",
                        if busy { "busy" } else { "alone" }
                    );
                    all_places_are_there(made, &clock, &name).await;
                    if busy {
                        tape.turn(Mode::Refuses);
                    } else {
                        clock.advance(clock.passed() + LONG);
                    }
                    let dropped = dropped_after(made, *shape, polls).await;
                    tape.turn(Mode::Plays);
                    if dropped.is_none() {
                        break;
                    }
                    count += 1;
                    if let Err(alive) = watch::settled(idle).await {
                        panic!("{name}: {alive} tasks are alive, and {idle} were before");
                    }
                }
            }
            all_places_are_there(made, &clock, &name).await;
            assert_eq!(watch::panicked(), None, "{name}");
            assert_eq!(watch::logged(), None, "{name}");
        }
    }
    count
}

/// Longer than any window.
const LONG: Duration = Duration::from_hours(3);

/// As many calls as the tightest limit admits go at once, with nobody waiting.
async fn all_places_are_there(made: &Made, clock: &Patient, name: &str) {
    clock.advance(clock.passed() + LONG);
    let tightest = made.spec.settings.limits.iter().map(|limit| limit.limit).min();
    let count = tightest.unwrap_or(1).min(12);
    let before = clock.passed();
    let calls = (0..count).map(|_| ended(made.start(Shape::One)));
    for result in join_all(calls).await {
        let result = result.unwrap_or_else(|hang| panic!("{name}: afterwards, {hang}"));
        result.unwrap_or_else(|failed| panic!("{name}: afterwards, {}", failed.display));
    }
    assert_eq!(clock.passed(), before, "{name}: of {count} calls some had to wait");
}

#[test]
fn a_request_that_is_dropped_on_its_way_is_sent_once_and_leaves_nothing_behind() {
    watch::listen();
    println!("TOLLGATE_FAULTS_SEED={}", seed());
    let mut dropped = 0;
    for (provider, _) in PROVIDERS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        dropped += runtime.block_on(on_the_way(provider));
    }
    println!("{dropped} requests were dropped on their way");
    assert!(
        std::env::var_os("TOLLGATE_FAULTS_ONLY").is_some() || dropped > 150,
        "{dropped}"
    );
}

async fn on_the_way(provider: &'static str) -> usize {
    const STEP: Duration = Duration::from_micros(400);
    let mut draw = Draw::new(seed(), provider);
    let site = Site::open(provider, Wishes::new(draw.clone())).await;
    let bench = Bench::new(provider, site).await.unwrap();
    let mut calls: Vec<usize> = (0..bench.site.calls.len()).collect();
    draw.shuffle(&mut calls);
    let mut count = 0;
    for at in calls.into_iter().take(ON_THE_WAY) {
        let made = &bench.site.calls[at];
        if !is_wanted(&format!("{provider}, drop on the way, {}", made.spec.id)) {
            continue;
        }
        let name = format!("{provider}, {} with {:?}", made.spec.id, made.token);
        let shape = made.shapes[draw.below(made.shapes.len())];
        bench.site.seen();
        let mut calls = 0;
        for steps in 0..30 {
            calls += 1;
            let result = tokio::time::timeout(STEP * steps, made.start(shape)).await;
            if let Ok(result) = result {
                result.unwrap_or_else(|failed| panic!("{name}: {}", failed.display));
                break;
            }
            count += 1;
            let wrong = bench.left_nothing(made).await;
            wrong.unwrap_or_else(|wrong| panic!("{name}, dropped after {:?}: {wrong}", STEP * steps));
        }
        let seen = bench.site.seen();
        let done = seen.iter().filter(|request| request.effects > 0).count();
        assert!(
            made.spec.idempotent || done <= calls,
            "{name}: done {done} times by {calls} calls"
        );
        assert_eq!(watch::panicked(), None, "{name}");
        assert_eq!(watch::logged(), None, "{name}");
    }
    count
}
