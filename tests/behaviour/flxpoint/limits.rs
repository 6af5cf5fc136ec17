//! Two calls in any second per token, whoever makes them.

use crate::behaviour::support::{Stage, always, connection_to, ms, ok, scripted, secs, timed};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tollgate_mock::Running;
use tollgate_providers::flxpoint::{
    Channel, ChannelClient, Client, Connection, Flxpoint, Source, Workspace,
    fulfillment_requests::CountFulfillmentRequests, listings::CountVariants,
};

async fn count(client: ChannelClient, times: usize) {
    for _ in 0..times {
        client
            .listings()
            .count_variants(CountVariants::new())
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn eight_tasks_share_a_token_and_no_second_holds_more_than_two_calls() {
    let stage = Stage::<Flxpoint>::with(|mock| mock.latency(ms(20)).jitter(ms(20))).await;
    let other = connection_to(&stage.mock).build().unwrap();
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        // Clients, and even connections, of their own: the budget is that of the value.
        let connection = if task % 2 == 0 { &stage.connection } else { &other };
        let client = Client::with(connection, Channel::new(stage.secret("channel", 1)));
        tasks.spawn(count(client, 3));
    }
    tasks.join_all().await;
    let took = began.elapsed();

    let report = stage.report();
    assert_eq!(report.answers("listings.count_variants", 200), 24);
    assert_eq!((report.total(), report.rejected()), (24, 0), "{report}");
    assert_eq!(report.most_in_window("per_token"), 2, "{report}");
    // Eleven windows follow the first. More than this would waste what the provider permits.
    assert!((secs(11)..secs(18)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn two_tokens_of_one_type_have_budgets_of_their_own() {
    let stage = Stage::<Flxpoint>::new().await;
    tokio::join!(count(stage.channel(1), 4), count(stage.channel(2), 4));
    let report = stage.report();
    assert_eq!(report.rejected(), 0, "{report}");
    for token in ["channel", "channel-2"] {
        let budgets: Vec<_> = report
            .budgets_of(token)
            .map(|budget| (budget.admitted, budget.most_in_window))
            .collect();
        assert_eq!(budgets, [(4, 2)], "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_waits_for_its_own_calls_only_and_no_longer_than_a_window() {
    let (script, arrivals) = timed([ok(&json!({ "count": 1 }))]);
    let connection = scripted(&script);
    let mut tasks = JoinSet::new();
    for secret in ["first", "second"] {
        for _ in 0..4 {
            tasks.spawn(count(Client::with(&connection, Channel::new(secret)), 1));
        }
    }
    tasks.join_all().await;
    assert_eq!(arrivals.millis(), [0, 0, 0, 0, 1001, 1001, 1001, 1001]);
}

#[tokio::test(start_paused = true)]
async fn one_value_under_two_token_types_is_one_budget() {
    let (script, arrivals) = timed([ok(&json!({ "count": 1 }))]);
    let connection = scripted(&script);
    count(Client::with(&connection, Channel::new("one secret")), 2).await;
    let source = Client::with(&connection, Source::new("one secret"));
    source
        .fulfillment_requests()
        .count(CountFulfillmentRequests::new())
        .send()
        .await
        .unwrap();
    assert_eq!(arrivals.millis(), [0, 0, 1001]);
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_gives_the_place_back() {
    let (script, arrivals) = timed([ok(&json!({ "count": 1 }))]);
    let client = Client::with(&scripted(&script), Channel::new("secret"));
    count(client.clone(), 2).await;
    let given_up = client.listings().count_variants(CountVariants::new()).send();
    assert!(tokio::time::timeout(ms(500), given_up).await.is_err(), "it has to wait");
    tokio::join!(count(client.clone(), 1), count(client, 1));
    assert_eq!(arrivals.millis(), [0, 0, 1001, 1001]);
}

#[tokio::test]
async fn a_workspace_of_many_tokens_spends_the_budget_of_each() {
    let stage = Stage::<Flxpoint>::new().await;
    let mut workspace: Workspace =
        Workspace::new(&stage.connection).with("s1", Channel::new(stage.secret("channel", 1)));
    for number in 1..=12 {
        let source = Source::new(stage.secret("source", number));
        workspace = workspace.with(format!("s{number}"), source);
    }
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (_, client) in workspace.clients::<Source>() {
        for _ in 0..2 {
            tasks.spawn(
                client
                    .fulfillment_requests()
                    .count(CountFulfillmentRequests::new())
                    .send(),
            );
        }
    }
    assert_eq!(tasks.len(), 24);
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
    // One budget of two a second would have taken eleven seconds.
    assert!(began.elapsed() < secs(5), "{:?}", began.elapsed());
    // A key names one token of each type.
    count(workspace.channel("s1").unwrap(), 1).await;
    let report = stage.report();
    assert_eq!(report.rejected(), 0);
    assert_eq!(report.budgets.len(), 13, "{report}");
    assert_eq!(
        report
            .budgets_of("source-12")
            .map(|budget| budget.admitted)
            .sum::<u64>(),
        2
    );
}

#[tokio::test]
async fn a_workspace_is_one_connection_whatever_the_token() {
    let script = always(ok(&json!({ "count": 1 })));
    let workspace: Workspace<u32> = Workspace::new(&scripted(&script))
        .with(1_u32, Channel::new("a"))
        .with(2_u32, Channel::new("b"));
    for key in [1_u32, 2] {
        count(workspace.channel(key).unwrap(), 1).await;
    }
    let shown: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.header("X-API-TOKEN").map(str::to_owned))
        .collect();
    assert_eq!(shown, [Some("a".to_owned()), Some("b".to_owned())]);
    let missing = workspace.channel(3_u32).unwrap_err();
    assert_eq!(missing.to_string(), "no `Channel` token under the name 3");
    assert!(workspace.source(1_u32).is_err(), "a key counts for its token type only");
}

/// Stands before a mock, and counts the connections that are made.
async fn counting(mock: &Running) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let behind = mock.base_url().replace("http://", "");
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut server = TcpStream::connect(&behind).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    (url, count)
}

#[tokio::test]
async fn many_tokens_share_one_pool() {
    let stage = Stage::<Flxpoint>::new().await;
    let (url, count) = counting(&stage.mock).await;
    let connection = Connection::builder().base_url(url).build().unwrap();
    let mut workspace: Workspace<u32> = Workspace::new(&connection);
    for number in 1..=12_u32 {
        workspace = workspace.with(number, Source::new(stage.secret("source", number)));
    }
    for number in 1..=12_u32 {
        workspace.source(number).unwrap().verify().await.unwrap();
    }
    assert_eq!(stage.report().answers("fulfillment_requests.count", 200), 12);
    assert_eq!(
        count.load(Ordering::Relaxed),
        1,
        "one call after the other needs one connection"
    );
}
