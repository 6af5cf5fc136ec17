//! Limits, on a clock that stands still.

mod support;

use futures_util::{
    StreamExt,
    future::{join_all, select},
    pin_mut,
};
use proptest::prelude::*;
use std::time::Duration;
use support::*;
use tokio::time::{Instant, sleep, timeout};
use tollgate::{Client, ErrorKind, HttpReply, Limit, Per, ScriptedTransport, Settings, Spec, TransportError};

says! {
    Limited = Spec { settings: &Settings { limits: &[&PER_TOKEN], ..PLAIN }, ..GET };
    Patient = Spec { settings: &Settings { limits: &[&PER_TOKEN], retry: Some(&RETRY), ..PLAIN }, ..GET };
    Other = Spec { id: "others.get", settings: &Settings { limits: &[&PER_TOKEN], ..PLAIN }, ..GET };
    PerOperation = Spec { settings: &Settings { limits: &[&BY_OPERATION], ..PLAIN }, ..GET };
    PerOperationToo = Spec { id: "others.get", settings: &Settings { limits: &[&BY_OPERATION], ..PLAIN }, ..GET };
    PerParam = Spec { settings: &Settings { limits: &[&BY_PARAM], ..PLAIN }, ..GET };
    PerConnection = Spec { settings: &Settings { limits: &[&BY_NOTHING], ..PLAIN }, ..GET };
    Both = Spec { settings: &Settings { limits: &[&PER_TOKEN, &SLOW], ..PLAIN }, ..GET };
    BothTheOtherWay = Spec { settings: &Settings { limits: &[&SLOW, &PER_TOKEN], ..PLAIN }, ..GET };
}

const BY_OPERATION: Limit = Limit {
    name: "by_operation",
    limit: 1,
    per: &[Per::Token, Per::Operation],
    ..PER_TOKEN
};
const BY_PARAM: Limit = Limit {
    name: "by_param",
    limit: 1,
    per: &[Per::Param("q")],
    ..PER_TOKEN
};
const BY_NOTHING: Limit = Limit {
    name: "by_nothing",
    limit: 1,
    per: &[],
    ..PER_TOKEN
};
const SLOW: Limit = Limit {
    name: "slow",
    limit: 1,
    window: Duration::from_secs(10),
    ..PER_TOKEN
};

fn server(ways: &[Way]) -> (std::sync::Arc<Server>, Client<Source>) {
    let server = Server::new(2, Duration::from_secs(1), ways.to_vec());
    let client = Client::new(&connection(To(server.clone())), Source::new(SECRET));
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn a_place_comes_back_one_window_after_the_answer() {
    let (server, client) = server(&[(100, 100), (100, 300), (0, 0), (0, 0)]);
    join_all((0..4).map(|_| client.call(ask::<Limited>()).send())).await;
    // Sent at 0, answered at 200 and 400; a window and the margin of a millisecond later the next ones leave.
    assert_eq!(server.arrivals(), [100, 100, 1201, 1401]);
}

#[tokio::test(start_paused = true)]
async fn all_clients_of_a_token_share_its_budget_and_other_tokens_do_not() {
    let server = Server::new(2, Duration::from_secs(1), []);
    let connection = connection(To(server.clone()));
    let first = Client::new(&connection, Source::new(SECRET));
    let again = Client::new(&connection, Channel::new(SECRET));
    let other = Client::new(&connection, Source::new("another-value"));
    let (a, b) = (first.clone(), again.clone());
    let same = [
        a.call(ask::<Limited>()).send(),
        b.call(ask::<Limited>()).send(),
        again.call(ask::<Limited>()).send(),
    ];
    join_all(same).await;
    assert_eq!(server.arrivals(), [0, 0, 1001]);
    other.call(ask::<Limited>()).send().await.unwrap();
    assert_eq!(server.arrivals(), [0, 0, 1001, 1001]);
    first.call(ask::<Other>()).send().await.unwrap();
    assert_eq!(server.arrivals(), [0, 0, 1001, 1001, 1001]);
    first.call(ask::<Other>()).send().await.unwrap();
    assert_eq!(server.arrivals()[5], 2002);
}

#[tokio::test(start_paused = true)]
async fn budgets_of_the_process_are_shared_by_connections_to_the_same_place() {
    struct ToProcess(To);
    impl tollgate::Transport for ToProcess {
        fn exchange(&self, request: tollgate::HttpRequest) -> tollgate::Exchange {
            self.0.exchange(request)
        }
    }
    let server = Server::new(2, Duration::from_secs(1), []);
    let connect = |url: &str| {
        let builder = tollgate::Connection::<Toy>::builder().transport(ToProcess(To(server.clone())));
        builder.base_url(url).host("uploads", url).build().unwrap()
    };
    let clients: Vec<_> = [
        "https://one.toy.example",
        "https://one.toy.example",
        "https://two.toy.example",
    ]
    .map(|url| Client::new(&connect(url), Source::new("process-wide")))
    .into();
    for client in clients.iter().chain(&clients) {
        client.call(ask::<Limited>()).send().await.unwrap();
    }
    // Four at one, two at two.
    assert_eq!(server.arrivals(), [0, 0, 0, 1001, 1001, 1001]);
}

#[tokio::test(start_paused = true)]
async fn budgets_are_separated_by_operation_parameter_and_connection() {
    let (server, client) = server(&[]);
    client.call(ask::<PerOperation>()).send().await.unwrap();
    client.call(ask::<PerOperationToo>()).send().await.unwrap();
    assert_eq!(server.arrivals(), [0, 0]);
    client.call(ask::<PerOperation>()).send().await.unwrap();
    assert_eq!(server.arrivals()[2], 1001);
    for value in ["a", "b", "a"] {
        let mut ask = ask::<PerParam>();
        ask.query = Some(value.to_owned());
        client.call(ask).send().await.unwrap();
    }
    assert_eq!(server.arrivals()[3..], [1001, 1001, 2002]);
    let other_token = Client::new(&connection(To(server.clone())), Source::new("x"));
    for client in [&client, &other_token, &client] {
        client.call(ask::<PerConnection>()).send().await.unwrap();
    }
    assert_eq!(server.arrivals()[6..], [2002, 2002, 3003]);
}

#[tokio::test(start_paused = true)]
async fn who_comes_first_goes_first() {
    let server = Server::new(2, Duration::from_secs(1), []);
    let client = Client::new(&connection(To(server.clone())), Source::new(SECRET));
    let order = std::sync::Mutex::new(Vec::new());
    let calls = (0..6).map(|number| {
        let (client, order) = (&client, &order);
        async move {
            client.call(ask::<Limited>()).send().await.unwrap();
            order.lock().unwrap().push(number);
        }
    });
    join_all(calls).await;
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(server.arrivals(), [0, 0, 1001, 1001, 2002, 2002]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_gives_its_place_in_line_to_the_next() {
    let (server, client) = server(&[]);
    let call = || client.call(ask::<Limited>()).send();
    join_all([call(), call()]).await;
    {
        // Polled once, so in line, and first: it watches the clock for the other.
        let first = timeout(ms(100), call());
        let second = call();
        let (first, second) = futures_util::future::join(first, second).await;
        assert!(first.is_err());
        second.unwrap();
    }
    call().await.unwrap();
    assert_eq!(server.arrivals(), [0, 0, 1001, 1001]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_under_way_counts_as_sent_when_it_was_dropped() {
    let (server, client) = server(&[(500, 0), (0, 0)]);
    let call = || client.call(ask::<Limited>()).send();
    assert!(timeout(ms(300), call()).await.is_err());
    join_all([call(), call()]).await;
    // The second place was free all the time; the first is back at 300 + 1000 + 1.
    assert_eq!(server.arrivals(), [300, 1301]);
}

#[tokio::test(start_paused = true)]
async fn only_an_answer_or_a_failure_gives_back_the_place_of_what_is_under_way() {
    let (server, client) = server(&[(0, 5000), (0, 4000)]);
    let call = || client.call(ask::<Limited>()).send();
    join_all([call(), call(), call()]).await;
    assert_eq!(server.arrivals(), [0, 0, 5001]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_counts_from_when_it_is_known() {
    let script = ScriptedTransport::new()
        .then_after(ms(700), Err(TransportError::network("reset")))
        .then_after(ms(100), Ok(ok()))
        .then(ok())
        .then(ok());
    let client = client(&script);
    let started = Instant::now();
    let call = || client.call(ask::<Limited>()).send();
    let results = join_all([call(), call(), call()]).await;
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::Network);
    assert_eq!(started.elapsed(), ms(1101));
    call().await.unwrap();
    assert_eq!(started.elapsed(), ms(1701));
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_close_the_budget_for_everybody() {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(429).header("retry-after", "7"))
        .then(ok())
        .then(ok())
        .then(ok());
    let client = client(&script);
    let started = Instant::now();
    let first = client.call(ask::<Patient>()).send();
    let others = async {
        sleep(ms(10)).await;
        join_all([client.call(ask::<Other>()).send(), client.call(ask::<Other>()).send()]).await;
        started.elapsed()
    };
    let (first, others) = futures_util::future::join(first, others).await;
    first.unwrap();
    assert_eq!(others, Duration::from_secs(7));
    // The one that was refused is third: two go when the budget opens, the next a window later.
    assert_eq!(started.elapsed(), ms(8001));
}

#[tokio::test(start_paused = true)]
async fn a_closed_budget_is_an_error_for_those_who_cannot_wait_that_long() {
    let reply = HttpReply::new(429).header("retry-after", "120");
    let script = ScriptedTransport::new()
        .then_after(ms(500), Ok(reply))
        .then_after(ms(900), Ok(ok()));
    let client = client(&script);
    let call = || client.call(ask::<Patient>()).send();
    let started = Instant::now();
    let in_line = async {
        let result = call().await;
        (started.elapsed(), result)
    };
    let (refused, _, (when, late)) = futures_util::future::join3(call(), call(), in_line).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.retry_after(), Some(Duration::from_mins(2)));
    assert!(refused.to_string().contains("max_wait"), "{refused}");
    // It stood in line when the budget was closed, and heard of it at once.
    let late = late.unwrap_err();
    assert_eq!((when, late.kind()), (ms(500), ErrorKind::Wait));
    assert_eq!(late.retry_after(), Some(Duration::from_mins(2)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_the_longest_is_an_error_that_says_how_long() {
    let (_, client) = server(&[]);
    let started = Instant::now();
    let results = join_all((0..130).map(|_| {
        let call = client.call(ask::<Patient>()).send();
        async { (call.await, Instant::now()) }
    }))
    .await;
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(result, at)| Some((result.as_ref().err()?, at)))
        .collect();
    // Two at once and two with every window up to a minute; nobody else is kept waiting.
    assert_eq!(failed.len(), 130 - 120);
    for (error, at) in failed {
        assert_eq!((error.kind(), *at), (ErrorKind::Wait, started));
        assert!(error.retry_after().unwrap() > Duration::from_mins(1));
        assert!(
            error
                .to_string()
                .contains("the limit `per_token` lets nobody go for another 60."),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn all_limits_must_admit_and_who_is_held_up_by_one_does_not_hold_up_the_others() {
    let (server, client) = server(&[]);
    let (both, other_way) = (
        || client.call(ask::<Both>()).send(),
        || client.call(ask::<BothTheOtherWay>()).send(),
    );
    let first = futures_util::future::join3(both(), both(), other_way());
    let others = join_all((0..3).map(|_| client.call(ask::<Limited>()).send()));
    let _ = futures_util::future::join(first, others).await;
    // The slow ones at 0, 10001 and 20002; the quick ones overtake them.
    assert_eq!(server.arrivals(), [0, 0, 1001, 1001, 10001, 20002]);
}

#[tokio::test(start_paused = true)]
async fn once_the_shortest_round_trip_is_known_it_costs_nothing() {
    let (server, client) = server(&[(120, 80); 100]);
    join_all((0..80).map(|_| client.call(ask::<Limited>()).send())).await;
    let arrivals = server.arrivals();
    assert_eq!(arrivals[2] - arrivals[0], 1201);
    assert_eq!(arrivals[78] - arrivals[76], 1001);
    assert_eq!(server.violations(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_late_by_what_it_is_slower_than_the_shortest() {
    let mut ways = vec![(100, 100); 64];
    ways[40] = (100, 400);
    let (server, client) = server(&ways);
    join_all((0..64).map(|_| client.call(ask::<Limited>()).send())).await;
    let arrivals = server.arrivals();
    // The two places have drifted apart, so the one of request 40 serves 43 next: 300 ms later than else, and by twice the
    // sixteenth of it by which the mean rose.
    assert_eq!(arrivals[43] - arrivals[40], 1339);
    assert_eq!(server.violations(), 0);
}

#[tokio::test(start_paused = true)]
async fn calls_that_nobody_polls_for_a_while_hold_up_nobody() {
    let (server, client) = server(&[]);
    let calls = (0..6).map(|_| client.call(ask::<Limited>()).send());
    let mut buffered = futures_util::stream::iter(calls).buffer_unordered(4);
    while buffered.next().await.is_some() {
        // The others of the four are in line, and are not polled while this one waits behind them.
        client.call(ask::<Other>()).send().await.unwrap();
    }
    assert_eq!((server.arrivals().len(), server.violations()), (12, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_selected_away_leaves_no_trace() {
    let (server, client) = server(&[]);
    for _ in 0..20 {
        let call = client.call(ask::<Limited>()).send();
        let other = std::future::ready(());
        pin_mut!(call, other);
        // The other is ready at once, the call was polled first.
        let _ = select(call, other).await;
    }
    // Two were sent (and answered at once); the eighteen in line are gone.
    client.call(ask::<Limited>()).send().await.unwrap();
    assert!(
        server.arrivals().last().is_some_and(|at| *at <= 2002),
        "{:?}",
        server.arrivals()
    );
    assert_eq!(server.violations(), 0);
}

/// Runs calls that begin at these times, some of them given up after a while, and returns what the server saw.
fn run(limit: u32, window: u64, ways: Vec<Way>, calls: Vec<(u64, Option<u64>)>) -> (Vec<u64>, usize) {
    #[derive(Clone, Debug, Default)]
    struct Any<const LIMIT: u32, const WINDOW: u64>;
    macro_rules! cases {
        ($($limit:literal $window:literal),*) => {
            match (limit, window) {
                $(($limit, $window) => {
                    impl Says for Any<$limit, $window> {
                        const SPEC: &'static Spec = &Spec {
                            settings: &Settings {
                                limits: &[&Limit { limit: $limit, window: Duration::from_millis($window), ..PER_TOKEN }],
                                ..PLAIN
                            },
                            ..GET
                        };
                    }
                    schedule::<Any<$limit, $window>>(limit, window, ways, calls)
                })*
                _ => unreachable!(),
            }
        };
    }
    cases!(1 200, 1 1000, 2 200, 2 1000, 5 200, 5 1000)
}

fn schedule<S: Says + Default>(
    limit: u32,
    window: u64,
    ways: Vec<Way>,
    calls: Vec<(u64, Option<u64>)>,
) -> (Vec<u64>, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        let server = Server::new(limit as usize, ms(window), ways);
        let client = Client::new(&connection(To(server.clone())), Source::new(SECRET));
        join_all(calls.into_iter().map(|(begins, gives_up)| {
            let client = client.clone();
            async move {
                sleep(ms(begins)).await;
                let call = client.call(ask::<S>()).send();
                match gives_up {
                    Some(after) => drop(timeout(ms(after), call).await),
                    None => drop(call.await),
                }
            }
        }))
        .await;
        (server.arrivals(), server.violations())
    })
}

fn cases() -> impl Strategy<Value = (u32, u64)> {
    (
        prop::sample::select(vec![1_u32, 2, 5]),
        prop::sample::select(vec![200_u64, 1000]),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Before the shortest round trip is known, whatever the network does.
    #[test]
    fn no_window_ever_holds_more_than_the_limit(
        (limit, window) in cases(),
        ways in prop::collection::vec((0_u64..400, 0_u64..400), 30),
        calls in prop::collection::vec(0_u64..3000, 1..30),
    ) {
        let count = calls.len();
        let calls = calls.into_iter().map(|begins| (begins, None)).collect();
        let (arrivals, violations) = run(limit, window, ways, calls);
        prop_assert_eq!(arrivals.len(), count);
        prop_assert_eq!(violations, 0, "{:?}", arrivals);
    }

    /// After it, on networks with a base and a jitter each way.
    #[test]
    fn nor_once_the_shortest_round_trip_is_known(
        (limit, window) in cases(),
        base in (0_u64..150, 0_u64..150),
        jitter in prop::collection::vec((0_u64..30, 0_u64..30), 150),
    ) {
        let ways = jitter.into_iter().map(|(there, back)| (base.0 + there, base.1 + back)).collect();
        let (arrivals, violations) = run(limit, window, ways, vec![(0, None); 150]);
        prop_assert_eq!(arrivals.len(), 150);
        prop_assert_eq!(violations, 0, "{:?}", arrivals);
    }

    /// Calls that are given up, in line or under way. What is under way may arrive after it was given up, never before it
    /// was sent; the network here is as fast for all.
    #[test]
    fn giving_up_breaks_nothing_and_stops_nobody(
        (limit, window) in cases(),
        way in (0_u64..50, 0_u64..50),
        calls in prop::collection::vec((0_u64..2000, prop::option::of(0_u64..1500)), 1..25),
    ) {
        let patient = calls.iter().filter(|(_, gives_up)| gives_up.is_none()).count();
        let (arrivals, violations) = run(limit, window, vec![way; 200], calls);
        prop_assert!(arrivals.len() >= patient);
        prop_assert_eq!(violations, 0, "{:?}", arrivals);
    }
}
