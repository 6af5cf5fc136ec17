//! Every kind of limit, and mixes of them, against a provider that counts by itself, on a clock that stands still.

mod support;

use futures_util::future::join_all;
use proptest::prelude::*;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use support::*;
use tokio::time::{Instant, sleep, timeout};
use tollgate::{
    Algorithm, Client, Connection, ErrorKind, Exchange, HttpReply, HttpRequest, Learn, Limit, Per, Place,
    ScriptedTransport, Settings, Spec, TimeFormat, Transport, TransportError,
};

const SLIDING: Limit = Limit {
    name: "sliding",
    limit: 3,
    window: Duration::from_millis(500),
    per: &[Per::Token],
    ..Limit::DEFAULT
};
const FIXED: Limit = Limit {
    name: "fixed",
    limit: 4,
    window: Duration::from_millis(700),
    algorithm: Algorithm::Fixed,
    per: &[Per::Token],
    ..Limit::DEFAULT
};
const BUCKET: Limit = Limit {
    name: "bucket",
    limit: 5,
    window: Duration::from_secs(1),
    algorithm: Algorithm::Bucket { burst: 3 },
    per: &[Per::Token],
    counts_cost: true,
    ..Limit::DEFAULT
};
const TOGETHER: Limit = Limit {
    name: "together",
    limit: 2,
    algorithm: Algorithm::Concurrency,
    per: &[Per::Token],
    ..Limit::DEFAULT
};

macro_rules! ops {
    ($($Name:ident $path:literal $cost:literal [$($limit:ident),*];)*) => {
        says! {
            $($Name = Spec { path: $path, cost: $cost, settings: &Settings { limits: &[$(&$limit),*], ..PLAIN }, ..GET };)*
        }

        /// What the provider counts of a path, and as how much.
        fn counted(path: &str) -> (u64, &'static [&'static str]) {
            $(if path.ends_with($path) { return ($cost, &[$($limit.name),*]); })*
            (1, &[])
        }

        fn call(client: &Client<Source>, kind: usize) -> futures_util::future::BoxFuture<'static, bool> {
            let calls: &[fn(&Client<Source>) -> futures_util::future::BoxFuture<'static, bool>] = &[
                $(|client| {
                    let sending = client.call(ask::<$Name>()).send();
                    Box::pin(async move { sending.await.is_ok() })
                }),*
            ];
            calls[kind % calls.len()](client)
        }
    };
}

ops! {
    OnlySliding "/sliding" 1 [SLIDING];
    OnlyFixed "/fixed" 1 [FIXED];
    OnlyBucket "/one" 1 [BUCKET];
    BucketTwo "/two" 2 [BUCKET];
    OnlyTogether "/together" 1 [TOGETHER];
    SlidingAndFixed "/both" 1 [SLIDING, FIXED];
    BucketAndTogether "/heavy" 3 [TOGETHER, BUCKET];
    AllOfThem "/all" 2 [BUCKET, SLIDING, TOGETHER, FIXED];
}

/// How an exchange goes: on the way there, at the provider, on the way back, and whether the answer arrives.
#[derive(Clone, Copy, Debug)]
struct Trip {
    there: u64,
    work: u64,
    back: u64,
    end: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Answer,
    /// The connection breaks on the way back.
    Broken,
    /// It breaks before the request arrives.
    Lost,
}

/// What the provider saw of a request, in milliseconds.
#[derive(Clone, Debug)]
struct Seen {
    path: String,
    sent: u64,
    arrived: u64,
    done: u64,
    answered: u64,
}

/// A provider that notes everything. It knows nothing of the client.
struct Counting {
    started: Instant,
    trips: Mutex<VecDeque<Trip>>,
    seen: Mutex<Vec<Seen>>,
}

struct Reach(Arc<Counting>, tollgate::Budgets);

impl Transport for Reach {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let provider = Arc::clone(&self.0);
        let path = request.path().to_owned();
        Box::pin(async move {
            let now = || u64::try_from(provider.started.elapsed().as_millis()).unwrap();
            let trip = provider.trips.lock().unwrap().pop_front();
            let trip = trip.unwrap_or(Trip {
                there: 0,
                work: 0,
                back: 0,
                end: Ending::Answer,
            });
            let sent = now();
            sleep(ms(trip.there)).await;
            if trip.end == Ending::Lost {
                return Err(TransportError::network("lost"));
            }
            let arrived = now();
            // The work goes on whether anybody waits for it or not.
            let done = arrived + trip.work;
            let answered = done + trip.back;
            provider.seen.lock().unwrap().push(Seen {
                path,
                sent,
                arrived,
                done,
                answered,
            });
            sleep(ms(trip.work + trip.back)).await;
            match trip.end {
                Ending::Answer => Ok(ok()),
                _ => Err(TransportError::network("broken")),
            }
        })
    }

    fn budgets(&self) -> tollgate::Budgets {
        self.1.clone()
    }
}

impl Counting {
    fn new(trips: impl IntoIterator<Item = Trip>) -> (Arc<Self>, Client<Source>) {
        let provider = Arc::new(Self {
            started: Instant::now(),
            trips: Mutex::new(trips.into_iter().collect()),
            seen: Mutex::default(),
        });
        let reach = Reach(Arc::clone(&provider), tollgate::Budgets::new());
        let connection = Connection::<Toy>::builder()
            .transport(reach)
            .timeout(TIMEOUT)
            .build()
            .unwrap();
        (provider, Client::new(&connection, Source::new(SECRET)))
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The arrivals that a limit counts, each with its cost and when it was done, in order.
    fn counted(&self, limit: &Limit) -> Vec<(u64, u64, u64)> {
        let mut counted: Vec<_> = self
            .seen()
            .iter()
            .filter_map(|seen| {
                let (cost, limits) = counted(&seen.path);
                let cost = if limit.counts_cost { cost } else { 1 };
                limits.contains(&limit.name).then_some((seen.arrived, cost, seen.done))
            })
            .collect();
        counted.sort_unstable();
        counted
    }

    /// How often a limit was broken as the provider counts, whose fixed windows begin at `phase`.
    fn broken(&self, phase: u64) -> Vec<String> {
        let mut broken = Vec::new();
        let sliding = self.counted(&SLIDING);
        for (first, later) in sliding.iter().zip(sliding.iter().skip(3)) {
            if later.0 - first.0 < 500 {
                broken.push(format!("sliding: {} and {}", first.0, later.0));
            }
        }
        let fixed = self.counted(&FIXED);
        for (first, later) in fixed.iter().zip(fixed.iter().skip(4)) {
            if (first.0 + phase) / 700 == (later.0 + phase) / 700 {
                broken.push(format!("fixed from {phase}: {} to {}", first.0, later.0));
            }
        }
        // In thousandths: five per second come back in five thousandths per millisecond.
        let (mut level, mut filled) = (3000, 0);
        for (arrived, cost, _) in self.counted(&BUCKET) {
            level = (level + (arrived - filled) * 5).min(3000);
            filled = arrived;
            match level.checked_sub(cost * 1000) {
                Some(rest) => level = rest,
                None => broken.push(format!("bucket: {level} thousandths at {arrived}")),
            }
        }
        let together = self.counted(&TOGETHER);
        for (arrived, ..) in &together {
            let running = together
                .iter()
                .filter(|other| other.0 <= *arrived && *arrived < other.2.max(other.0 + 1));
            // Two that arrive and end in one millisecond need not overlap.
            let running = running.filter(|other| other.2 > *arrived).count();
            if running > 2 {
                broken.push(format!("together: {running} at {arrived}"));
            }
        }
        broken
    }
}

const TIMEOUT: Duration = Duration::from_millis(900);

/// A call: its kind, when it begins, and after how long it is given up, if it is.
type Begins = (usize, u64, Option<u64>);

/// Makes the calls; the answer is what the provider saw, and how many patient calls came to an end.
fn run(trips: Vec<Trip>, calls: Vec<Begins>) -> (Arc<Counting>, usize) {
    paused(async move {
        let (provider, client) = Counting::new(trips);
        let ended = join_all(calls.into_iter().map(|(kind, begins, gives_up)| {
            let client = client.clone();
            async move {
                sleep(ms(begins)).await;
                let call = call(&client, kind);
                if let Some(after) = gives_up {
                    let _ = timeout(ms(after), call).await;
                    return false;
                }
                call.await;
                true
            }
        }));
        // Whoever starves is found after ten minutes on the virtual clock.
        let ended = timeout(Duration::from_mins(10), ended).await.unwrap_or_default();
        (provider, ended.into_iter().filter(|ended| *ended).count())
    })
}

fn paused<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(future)
}

fn trips(longest: u64, count: usize) -> impl Strategy<Value = Vec<Trip>> {
    let end = prop_oneof![8 => Just(Ending::Answer), 1 => Just(Ending::Broken), 1 => Just(Ending::Lost)];
    let trip = (0..longest, 0..longest, 0..longest, end);
    let trip = trip.prop_map(|(there, work, back, end)| Trip { there, work, back, end });
    prop::collection::vec(trip, count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any schedule, any mix, any latency there and back, failures and calls that are given up; some time out. Until
    /// round trips are trusted, which is after 32 answers of a budget, whatever the network does.
    #[test]
    fn no_mix_of_limits_is_ever_broken_and_nobody_starves(
        trips in trips(500, 31),
        calls in prop::collection::vec((0_usize..8, 0_u64..2500, prop::option::weighted(0.2, 0_u64..1500)), 1..31),
        phase in 0_u64..700,
    ) {
        let patient = calls.iter().filter(|(_, _, gives_up)| gives_up.is_none()).count();
        let (provider, ended) = run(trips, calls);
        let broken = provider.broken(phase);
        prop_assert!(broken.is_empty(), "{broken:?}\n{:#?}", provider.seen());
        prop_assert_eq!(ended, patient);
    }

    /// Once they are trusted, on networks with a base and a jitter each way.
    #[test]
    fn nor_once_round_trips_are_known(
        kinds in prop::collection::vec(0_usize..8, 150),
        base in (0_u64..120, 0_u64..120),
        jitter in prop::collection::vec((0_u64..25, 0_u64..25), 150),
        phase in 0_u64..700,
    ) {
        let trips = jitter.into_iter().map(|(there, back)| Trip {
            there: base.0 + there, work: 0, back: base.1 + back, end: Ending::Answer,
        });
        let calls = kinds.into_iter().map(|kind| (kind, 0, None)).collect();
        let (provider, ended) = run(trips.collect(), calls);
        let broken = provider.broken(phase);
        prop_assert!(broken.is_empty(), "{broken:?}");
        prop_assert_eq!(ended, 150);
    }

    /// The margin: a place of a window is used again one window and a millisecond after its answer, a token of a bucket
    /// flows back from the answer on, three milliseconds late at most (one of them, and timers round up), and a place at the same time is used with the answer.
    #[test]
    fn no_place_is_left_unused_for_longer_than_the_margin(
        kind in prop::sample::select(vec![0_usize, 1, 2, 4]),
        trips in trips(300, 30),
    ) {
        let trips = trips.into_iter().map(|trip| Trip { end: Ending::Answer, ..trip }).collect();
        let (provider, ended) = run(trips, vec![(kind, 0, None); 30]);
        prop_assert_eq!(ended, 30);
        let mut seen = provider.seen();
        seen.sort_by_key(|seen| seen.sent);
        for (at, request) in seen.iter().enumerate() {
            let before = seen.get(..at).unwrap();
            let is_used = |time: u64| match kind {
                0 | 1 => {
                    let (limit, window) = if kind == 0 { (3, 500) } else { (4, 700) };
                    before.iter().filter(|other| other.answered + window + 1 > time).count() >= limit
                }
                2 => {
                    let in_flight = before.iter().filter(|other| other.answered > time).count() as u64;
                    let mut answers: Vec<_> = before.iter().map(|other| other.answered).filter(|at| *at <= time).collect();
                    answers.sort_unstable();
                    let (mut owed, mut since) = (0_u64, 0);
                    for answered in answers {
                        owed = owed.saturating_sub((answered - since) * 5) + 1000;
                        since = answered;
                    }
                    owed = owed.saturating_sub((time - since) * 5);
                    in_flight * 1000 + owed + 1000 > 3000
                }
                _ => before.iter().filter(|other| other.answered > time).count() >= 2,
            };
            let margin = if kind == 2 { 3 } else { 1 };
            if let Some(earlier) = request.sent.checked_sub(margin) {
                prop_assert!(is_used(earlier), "{at} left at {} and could have at {earlier}\n{seen:#?}", request.sent);
            }
        }
    }

    /// Calls that are given up in line leave everybody else where they were.
    #[test]
    fn who_leaves_the_line_costs_nothing(
        kinds in prop::collection::vec(0_usize..8, 20),
        leaves in prop::collection::vec((0_usize..8, 1_u64..3000), 0..20),
        way in (0_u64..100, 0_u64..100),
    ) {
        let trips = vec![Trip { there: way.0, work: 0, back: way.1, end: Ending::Answer }; 60];
        let alone = kinds.iter().map(|kind| (*kind, 0, None)).collect::<Vec<_>>();
        // They give up before the clock moves, so that nobody is let go in between.
        let with = alone.iter().copied().chain(leaves.iter().map(|(kind, begins)| (*kind, *begins, Some(0)))).collect();
        let (expected, _) = run(trips.clone(), alone);
        let (seen, _) = run(trips, with);
        let last = expected.seen().iter().map(|seen| seen.sent).max().unwrap_or_default();
        let times = |provider: &Counting| {
            let seen = provider.seen();
            let mut times: Vec<_> = seen.iter().map(|seen| (seen.sent, seen.path.clone())).collect();
            times.sort_unstable();
            times
        };
        // Of those that leave, one that finds a place at once is sent, and counts.
        if seen.seen().len() == expected.seen().len() {
            prop_assert_eq!(times(&seen), times(&expected));
        } else {
            prop_assert!(seen.broken(0).is_empty() && last > 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_needs_two_budgets_is_not_overtaken_for_ever_by_those_who_need_one() {
    let (provider, client) = Counting::new(std::iter::repeat_n(
        Trip {
            there: 10,
            work: 5,
            back: 10,
            end: Ending::Answer,
        },
        2000,
    ));
    // More than either limit permits, all the time.
    let crowd = |kind: usize| {
        let client = client.clone();
        async move {
            let tasks = (0..40).map(|_| {
                let client = client.clone();
                async move {
                    for _ in 0..3 {
                        call(&client, kind).await;
                    }
                }
            });
            join_all(tasks).await;
        }
    };
    let both = async {
        sleep(ms(50)).await;
        assert!(call(&client, 5).await);
        provider.started.elapsed()
    };
    let ((), (), served) = futures_util::future::join3(crowd(0), crowd(1), both).await;
    // Those who stood in line before it take ten windows of one and seven of the other; a place of both then is a matter
    // of one more window.
    assert!(served < Duration::from_millis(40 / 3 * 530 + 2000), "{served:?}");
    assert!(provider.broken(0).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cost_is_taken_whole_and_in_turn() {
    let (provider, client) = Counting::new([]);
    let kinds = [2, 6, 3, 2];
    join_all(kinds.map(|kind| call(&client, kind))).await;
    // One of three tokens; three when all are back 0.2 s later; two 0.4 s after that, and one 0.2 s later; each a
    // millisecond late.
    let seen: Vec<_> = provider
        .seen()
        .iter()
        .map(|seen| (seen.path.clone(), seen.arrived))
        .collect();
    let at = |path: &str, time| (format!("/v1/{path}"), time);
    assert_eq!(seen, [at("one", 0), at("heavy", 201), at("two", 602), at("one", 802)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_costs_more_than_there_is_goes_when_all_is_there() {
    says! {
        TooDear = Spec { cost: 9, path: "/one", settings: &Settings { limits: &[&BUCKET], ..PLAIN }, ..GET };
    }
    let (provider, client) = Counting::new([]);
    call(&client, 2).await;
    client.call(ask::<TooDear>()).send().await.unwrap();
    assert_eq!(provider.seen()[1].arrived, 201);
}

#[tokio::test(start_paused = true)]
async fn a_place_at_the_same_time_is_kept_for_what_may_still_run() {
    let slow = Trip {
        there: 10,
        work: 700,
        back: 10,
        end: Ending::Answer,
    };
    let broken = Trip {
        there: 10,
        work: 800,
        back: 0,
        end: Ending::Broken,
    };
    let (provider, client) = Counting::new([slow, broken]);
    // The one is dropped, the other breaks; both are taken to run until their timeout is over.
    let (dropped, _) = futures_util::future::join(timeout(ms(50), call(&client, 4)), async {
        sleep(ms(1)).await;
        timeout(ms(100), call(&client, 4)).await
    })
    .await;
    assert!(dropped.is_err());
    call(&client, 4).await;
    call(&client, 4).await;
    let sent: Vec<_> = provider.seen().iter().map(|seen| seen.sent).collect();
    assert_eq!(sent, [0, 1, 900, 900]);
}

const LEARNING: Limit = Limit {
    name: "learning",
    limit: 10,
    window: Duration::from_secs(10),
    per: &[Per::Token],
    learn: Some(&Learn {
        limit: Some(Place::header("x-limit")),
        remaining: Some(Place::header("x-left")),
        used: None,
        reset: Some(Place {
            formats: &[TimeFormat::Seconds],
            ..Place::header("x-reset")
        }),
    }),
    ..Limit::DEFAULT
};
const USED: Limit = Limit {
    name: "used",
    limit: 2,
    window: Duration::from_secs(1),
    algorithm: Algorithm::Bucket { burst: 40 },
    per: &[Per::Token],
    learn: Some(&Learn {
        limit: Some(Place {
            pattern: Some("/([0-9]+)"),
            ..Place::header("x-calls")
        }),
        remaining: None,
        used: Some(Place {
            pattern: Some("([0-9]+)/"),
            ..Place::header("x-calls")
        }),
        reset: None,
    }),
    ..Limit::DEFAULT
};
const PLAIN_TEN: Limit = Limit {
    name: "plain_ten",
    learn: None,
    ..LEARNING
};
const FOR_CHANNELS: Limit = Limit {
    name: "for_channels",
    limit: 1,
    window: Duration::from_secs(5),
    per: &[Per::Token],
    tokens: &["channel"],
    ..Limit::DEFAULT
};
const TIER: Limit = Limit {
    name: "tier",
    ..PLAIN_TEN
};

says! {
    Learns = Spec { settings: &Settings { limits: &[&LEARNING], ..PLAIN }, ..GET };
    LearnsUsed = Spec { settings: &Settings { limits: &[&USED], ..PLAIN }, ..GET };
    LearnsByDefault = Spec { settings: &Settings { limits: &[&PLAIN_TEN], ..PLAIN }, ..GET };
    OfChannels = Spec { settings: &Settings { limits: &[&FOR_CHANNELS], ..PLAIN }, ..GET };
    OtherTier = Spec { settings: &Settings { limits: &[&TIER], ..PLAIN }, ..GET };
    OtherTierPatient = Spec { settings: &Settings { limits: &[&TIER], retry: Some(&RETRY), ..PLAIN }, ..GET };
}

/// When calls were answered that were made one after another, with these headers on the first answer.
async fn after<S: Says + Default>(headers: &[(&str, &str)], count: usize) -> Vec<u128> {
    let mut replies = VecDeque::from([headers
        .iter()
        .fold(ok(), |reply, (name, value)| reply.header(name, value))]);
    replies.resize(count + 1, ok());
    let script = replies
        .into_iter()
        .fold(ScriptedTransport::new(), ScriptedTransport::then);
    let client = client(&script);
    let started = Instant::now();
    client.call(ask::<S>()).send().await.unwrap();
    let mut times = Vec::new();
    for _ in 0..count {
        client.call(ask::<S>()).send().await.unwrap();
        times.push(started.elapsed().as_millis());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_learned_until_it_is_whole_again() {
    let left = [("x-left", "2"), ("x-reset", "3.5")];
    assert_eq!(after::<Learns>(&left, 4).await, [0, 0, 3500, 3500]);
    // No more is learned than is declared.
    assert_eq!(
        after::<Learns>(&[("x-limit", "1000"), ("x-left", "999"), ("x-reset", "1")], 10).await[9],
        10001
    );
    // A smaller budget than declared.
    assert_eq!(after::<Learns>(&[("x-limit", "2")], 2).await, [0, 10001]);
}

#[tokio::test(start_paused = true)]
async fn odd_values_hold_up_nobody() {
    for odd in [
        &[("x-left", "0"), ("x-reset", "0")][..],
        &[("x-left", "0"), ("x-reset", "soon")],
        &[("x-left", "-1"), ("x-reset", "9")],
        &[("x-limit", "0")],
        &[("x-left", "many"), ("x-limit", "unlimited"), ("x-reset", "NaN")],
    ] {
        assert_eq!(after::<Learns>(odd, 9).await[8], 0, "{odd:?}");
    }
    // A year is not believed for longer than an hour.
    let year = [("x-left", "0"), ("x-reset", "31536000")];
    let script = ScriptedTransport::new()
        .then(ok().header("x-left", "0").header(year[1].0, year[1].1))
        .then(ok());
    let client = client(&script);
    client.call(ask::<Learns>()).send().await.unwrap();
    let error = client.call(ask::<Learns>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wait);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    sleep(Duration::from_hours(1)).await;
    client.call(ask::<Learns>()).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_used_of_a_bucket_flows_back() {
    // 39 of 40: one more after the margin, then two per second.
    let times = after::<LearnsUsed>(&[("x-calls", "39/40")], 3).await;
    assert_eq!(times, [1, 501, 1001]);
    // Fewer used than the client knows of itself changes nothing.
    assert_eq!(after::<LearnsUsed>(&[("x-calls", "0/40")], 40).await[38..], [1, 501]);
}

#[tokio::test(start_paused = true)]
async fn the_ietf_fields_are_read_where_nothing_else_is_declared() {
    let fields = [("RateLimit", "\"a\";r=1;t=4"), ("RateLimit-Policy", "\"a\";q=5;w=10")];
    assert_eq!(after::<LearnsByDefault>(&fields, 2).await, [0, 4000]);
    let older = [("RateLimit-Remaining", "0"), ("RateLimit-Reset", "6")];
    assert_eq!(after::<LearnsByDefault>(&older, 1).await, [6000]);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_taken_off_what_is_left() {
    // Five leave together. The answer of the first says that five are left, and may have been written before any of the
    // other four arrived: one is left for sure.
    let first = ok().header("x-left", "5").header("x-reset", "7");
    let mut script = ScriptedTransport::new().then_after(ms(100), Ok(first));
    for _ in 0..6 {
        script = script.then_after(ms(200), Ok(ok()));
    }
    let client = client(&script);
    let started = Instant::now();
    let call = || client.call(ask::<Learns>()).send();
    let all = join_all((0..5).map(|_| call()));
    let later = async {
        sleep(ms(150)).await;
        join_all([call(), call()]).await;
        started.elapsed()
    };
    let (_, later) = futures_util::future::join(all, later).await;
    assert_eq!(later, ms(100 + 7000 + 200));
}

#[tokio::test(start_paused = true)]
async fn a_limit_for_some_tokens_holds_for_no_others() {
    let script = ScriptedTransport::answering(|_| (Duration::ZERO, Ok(ok())));
    let client = client(&script);
    let started = Instant::now();
    for _ in 0..5 {
        client.call(ask::<OfChannels>()).send().await.unwrap();
    }
    // The toy's tokens are of the type `token`, which is not among those that it holds for.
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stops_everybody_of_the_token_whatever_limit_they_wait_for() {
    let script = ScriptedTransport::new()
        .then_after(ms(20), Ok(HttpReply::new(429).header("retry-after", "9")))
        .then(ok())
        .then(ok());
    let connection = connection(script);
    let client = Client::new(&connection, Source::new(SECRET));
    let other = Client::new(&connection, Source::new("another"));
    let started = Instant::now();
    assert_eq!(
        client.call(ask::<LearnsByDefault>()).send().await.unwrap_err().status(),
        Some(429)
    );
    other.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(20));
    client.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(9020));
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_a_refusal_closes_for_a_second() {
    let script = ScriptedTransport::new().then(HttpReply::new(429)).then(ok());
    let client = client(&script);
    let started = Instant::now();
    client.call(ask::<LearnsByDefault>()).send().await.unwrap_err();
    client.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(1000));
}

#[tokio::test(start_paused = true)]
async fn a_long_close_is_an_error_and_no_endless_sleep() {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(429).header("retry-after", "999999999"))
        .then(ok());
    let client = client(&script);
    client.call(ask::<LearnsByDefault>()).send().await.unwrap_err();
    let started = Instant::now();
    // Nothing is declared of how long to wait: a minute. It names the limit that was refused.
    let error = client.call(ask::<OtherTier>()).send().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Wait, Duration::ZERO));
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert!(error.to_string().contains("`plain_ten`"), "{error}");
    let error = client.call(ask::<OtherTierPatient>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wait);
    // After an hour it is tried again.
    sleep(Duration::from_hours(1)).await;
    client.call(ask::<OtherTier>()).send().await.unwrap();
}
