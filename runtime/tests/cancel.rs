//! Calls that are dropped, wherever they are, on a clock that stands still.

mod support;

use futures_util::FutureExt as _;
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};
use support::*;
use tokio::{runtime::Handle, time::Instant};
use tollgate::{Exchange, HttpReply, HttpRequest, KeyPlace, Limit, Method, Per, Settings, Spec, Transport};

const TWO: Limit = Limit {
    name: "two",
    limit: 2,
    window: Duration::from_secs(1),
    per: &[Per::Token],
    ..Limit::DEFAULT
};

const MANY: Limit = Limit {
    name: "many",
    limit: 3,
    window: Duration::from_secs(3),
    per: &[Per::Operation],
    ..Limit::DEFAULT
};

says! {
    Busy = Spec {
        method: Method::Post,
        idempotent: false,
        idempotency_key: Some(KeyPlace::Header("idempotency-key")),
        settings: &Settings { limits: &[&TWO, &MANY], retry: Some(&RETRY), timeout: Some(Duration::from_secs(2)), ..PLAIN },
        ..GET
    };
}

/// Answers late and badly before it answers well, and knows how many exchanges are under way.
#[derive(Clone)]
struct Fickle {
    sent: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    budgets: tollgate::Budgets,
    is_well: Arc<AtomicBool>,
}

struct Exchanging(Arc<AtomicUsize>);

impl Drop for Exchanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Fickle {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        let count = self.sent.fetch_add(1, Ordering::SeqCst);
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let exchanging = Exchanging(Arc::clone(&self.under_way));
        let is_well = self.is_well.load(Ordering::SeqCst);
        Box::pin(async move {
            let _exchanging = exchanging;
            if is_well {
                return Ok(ok());
            }
            tokio::time::sleep(ms(70)).await;
            match count % 4 {
                0 => Ok(HttpReply::new(503)),
                1 => Ok(HttpReply::new(429).header("retry-after", "1")),
                2 => std::future::pending().await,
                _ => Ok(ok()),
            }
        })
    }

    fn budgets(&self) -> tollgate::Budgets {
        self.budgets.clone()
    }
}

fn fickle() -> Fickle {
    Fickle {
        sent: Arc::default(),
        under_way: Arc::default(),
        budgets: tollgate::Budgets::new(),
        is_well: Arc::default(),
    }
}

/// Lets `steps` steps of 35 ms go by, and says whether the calls ended before.
async fn go_on(calls: &mut (impl Future<Output = ()> + Unpin), steps: u32) -> bool {
    for _ in 0..steps {
        let poll = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *calls).poll(cx)));
        if poll.await.is_ready() {
            return true;
        }
        tokio::time::sleep(ms(35)).await;
    }
    false
}

/// Lets aborted tasks end.
async fn settle() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_anywhere_leaves_no_task_and_gives_its_places_back() {
    let mut ended = false;
    let mut step = 0;
    while !ended {
        let transport = fickle();
        let tasks = Handle::current().metrics().num_alive_tasks();
        let client = {
            let connection = connection(transport.clone());
            tollgate::Client::new(&connection, Source::new(SECRET))
        };
        let calls = (0..3).map(|_| client.call(ask::<Busy>()).deadline(Duration::from_mins(1)).send());
        let mut calls = Box::pin(futures_util::future::join_all(calls).map(drop));
        ended = go_on(&mut calls, step).await;
        drop(calls);
        settle().await;
        assert_eq!(Handle::current().metrics().num_alive_tasks(), tasks, "step {step}");
        assert_eq!(transport.under_way.load(Ordering::SeqCst), 0, "step {step}");
        // Whatever was under way counts as sent now; after the longest window, and a closed budget, all places are free.
        tokio::time::sleep(Duration::from_secs(5)).await;
        transport.is_well.store(true, Ordering::SeqCst);
        let started = Instant::now();
        let more = (0..2).map(|_| client.call(ask::<Busy>()).send());
        for result in futures_util::future::join_all(more).await {
            result.unwrap();
        }
        assert_eq!(started.elapsed(), Duration::ZERO, "step {step}");
        step += 1;
    }
    // Waits for limits, attempts, pauses and timeouts were all met on the way.
    assert!(step > 100, "{step} steps");
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_before_it_is_polled_does_nothing() {
    let transport = fickle();
    let connection = connection(transport.clone());
    let client = tollgate::Client::new(&connection, Source::new(SECRET));
    drop(client.call(ask::<Busy>()).send());
    settle().await;
    assert_eq!(transport.sent.load(Ordering::SeqCst), 0);
}
