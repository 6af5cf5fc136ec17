//! A server that counts in a rolling window.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, time::Instant};

/// How long requests and answers are under way.
#[derive(Clone, Copy, Default)]
pub(crate) struct Delays {
    /// The longest random delay of a request.
    pub(crate) there: Duration,
    /// How long the server works at what it accepted, or refused.
    pub(crate) work: Duration,
    /// The longest random delay of an answer.
    pub(crate) back: Duration,
}

/// A server on loopback. It ends with the process.
pub(crate) struct Server {
    pub(crate) url: String,
    count: Arc<Count>,
}

struct Count {
    limit: usize,
    window: Duration,
    delays: Delays,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    window: VecDeque<Instant>,
    accepted: usize,
    refused: usize,
    first_and_last: Option<(Instant, Instant)>,
}

impl Server {
    pub(crate) async fn start(limit: u32, window: Duration, delays: Delays) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let count = Arc::new(Count {
            limit: limit as usize,
            window,
            delays,
            seen: Mutex::default(),
        });
        let router = Router::new()
            .route("/account", get(account))
            .with_state(Arc::clone(&count));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, count })
    }

    /// How long it was from the first accepted request to the last.
    pub(crate) fn took(&self) -> Duration {
        let seen = self.count.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.first_and_last.map_or(Duration::ZERO, |(first, last)| last - first)
    }

    /// As if nothing had been sent yet.
    #[allow(dead_code, reason = "one of two programs asks")]
    pub(crate) fn forget(&self) {
        *self.count.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
    }

    /// How many requests were accepted, and how many refused.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let seen = self.count.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.accepted, seen.refused)
    }
}

impl Count {
    fn admit(&self) -> bool {
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while seen
            .window
            .front()
            .is_some_and(|first| now.duration_since(*first) >= self.window)
        {
            seen.window.pop_front();
        }
        let room = seen.window.len() < self.limit;
        if room {
            seen.window.push_back(now);
            seen.accepted += 1;
            seen.first_and_last = Some((seen.first_and_last.map_or(now, |(first, _)| first), now));
        } else {
            seen.refused += 1;
        }
        room
    }
}

async fn account(State(count): State<Arc<Count>>) -> (StatusCode, [(&'static str, &'static str); 1], &'static str) {
    let Delays { there, work, back } = count.delays;
    travel(there).await;
    let admitted = count.admit();
    if !work.is_zero() {
        tokio::time::sleep(work).await;
    }
    travel(back).await;
    let json = [("content-type", "application/json")];
    if admitted {
        (StatusCode::OK, json, r#"{"id":1,"name":"bench"}"#)
    } else {
        (StatusCode::TOO_MANY_REQUESTS, json, r#"{"error":"Too many requests"}"#)
    }
}

async fn travel(longest: Duration) {
    if !longest.is_zero() {
        tokio::time::sleep(longest.mul_f64(rand::random::<f64>())).await;
    }
}
