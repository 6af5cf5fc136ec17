//! Every kind of limit, and mixes of them, against a provider that counts by itself, on a clock that stands still.

mod support;

#[path = "limit_kinds/learned.rs"]
mod learned;

use futures_util::future::join_all;
use proptest::prelude::*;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use support::{witness::*, *};
use tokio::time::{Instant, sleep, timeout};
use tollgate::{
    Algorithm, Client, ErrorKind, HttpReply, Learn, Limit, Per, Place, ScriptedTransport, Settings, Spec, TimeFormat,
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

/// What was broken of all limits, as the provider counts, whose fixed windows begin at `phase`.
fn broken(provider: &Witness, phase: u64) -> Vec<String> {
    let broken = [&SLIDING, &FIXED, &BUCKET, &TOGETHER].map(|limit| {
        provider.broken(limit, phase, |path| {
            let (cost, limits) = counted(path);
            let cost = if limit.counts_cost { cost } else { 1 };
            limits.contains(&limit.name).then_some(cost)
        })
    });
    broken.concat()
}

const TIMEOUT: Duration = Duration::from_millis(900);

/// A call: its kind, when it begins, and after how long it is given up, if it is.
type Begins = (usize, u64, Option<u64>);

/// Makes the calls; the answer is what the provider saw, and how many patient calls came to an end.
fn run(trips: Vec<Trip>, calls: Vec<Begins>) -> (Arc<Witness>, usize) {
    paused(async move {
        let (provider, client) = Witness::new(trips, TIMEOUT);
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
        let broken = broken(&provider, phase);
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
        let broken = broken(&provider, phase);
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
        let times = |provider: &Witness| {
            let seen = provider.seen();
            let mut times: Vec<_> = seen.iter().map(|seen| (seen.sent, seen.path.clone())).collect();
            times.sort_unstable();
            times
        };
        // Of those that leave, one that finds a place at once is sent, and counts.
        if seen.seen().len() == expected.seen().len() {
            prop_assert_eq!(times(&seen), times(&expected));
        } else {
            prop_assert!(broken(&seen, 0).is_empty() && last > 0);
        }
    }
}

/// Or else nothing here says anything.
#[tokio::test(start_paused = true)]
async fn the_provider_notices_a_client_that_keeps_no_limit() {
    says! {
        Careless = Spec { path: "/all", ..GET };
    }
    let work = Trip {
        there: 1,
        work: 5,
        back: 1,
        end: Ending::Answer,
    };
    let (provider, client) = Witness::new([work; 5], TIMEOUT);
    let calls = (0..5).map(|_| client.call(ask::<Careless>()).send());
    assert!(join_all(calls).await.into_iter().all(|answer| answer.is_ok()));
    let broken = broken(&provider, 0);
    for limit in ["sliding", "fixed", "bucket", "together"] {
        assert!(broken.iter().any(|text| text.starts_with(limit)), "{limit}: {broken:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_needs_two_budgets_is_not_overtaken_for_ever_by_those_who_need_one() {
    let (provider, client) = Witness::new(
        std::iter::repeat_n(
            Trip {
                there: 10,
                work: 5,
                back: 10,
                end: Ending::Answer,
            },
            2000,
        ),
        TIMEOUT,
    );
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
    assert!(broken(&provider, 0).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cost_is_taken_whole_and_in_turn() {
    let (provider, client) = Witness::new([], TIMEOUT);
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
    let (provider, client) = Witness::new([], TIMEOUT);
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
    let (provider, client) = Witness::new([slow, broken], TIMEOUT);
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
