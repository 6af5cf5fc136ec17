//! A provider that counts by itself: how each request travels, what arrives when, and whether a limit was broken. It
//! knows nothing of the client, and of a limit only what is declared.

use super::*;
use tokio::time::sleep;
use tollgate::{Algorithm, TransportError};

/// How an exchange goes: on the way there, at the provider, on the way back, and whether the answer arrives.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    pub there: u64,
    pub work: u64,
    pub back: u64,
    pub end: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Answer,
    /// The connection breaks on the way back.
    Broken,
    /// It breaks before the request arrives.
    Lost,
}

/// What the provider saw of a request, in milliseconds.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub sent: u64,
    pub arrived: u64,
    pub done: u64,
    pub answered: u64,
}

/// A provider that notes everything. It knows nothing of the client.
pub struct Witness {
    pub started: Instant,
    trips: Mutex<VecDeque<Trip>>,
    seen: Mutex<Vec<Seen>>,
}

struct Reach(Arc<Witness>, tollgate::Budgets);

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

impl Witness {
    /// A provider that is reached by these trips, in the order of sending, and at once when there are no more; and a
    /// client of it.
    pub fn new(trips: impl IntoIterator<Item = Trip>, timeout: Duration) -> (Arc<Self>, Client<Source>) {
        let provider = Arc::new(Self {
            started: Instant::now(),
            trips: Mutex::new(trips.into_iter().collect()),
            seen: Mutex::default(),
        });
        let reach = Reach(Arc::clone(&provider), tollgate::Budgets::new());
        let connection = Connection::<Toy>::builder()
            .transport(reach)
            .timeout(timeout)
            .build()
            .unwrap();
        (provider, Client::new(&connection, Source::new(SECRET)))
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often a limit was broken, where `cost` says what it counts of a path. Fixed windows begin at `phase`.
    pub fn broken(&self, limit: &Limit, phase: u64, cost: impl Fn(&str) -> Option<u64>) -> Vec<String> {
        let seen = self.seen();
        let arrivals = seen.iter().filter_map(|seen| {
            Some(Arrival {
                at: seen.arrived,
                cost: cost(&seen.path)?,
                done: seen.done,
            })
        });
        let mut arrivals: Vec<_> = arrivals.collect();
        arrivals.sort_unstable();
        let window = u64::try_from(limit.window.as_millis()).unwrap();
        let (most, name) = (limit.limit as usize, limit.name);
        match limit.algorithm {
            Algorithm::Sliding => too_close(&arrivals, most, name, |first, later| later - first < window),
            Algorithm::Fixed => too_close(&arrivals, most, name, |first, later| {
                (first + phase) / window == (later + phase) / window
            }),
            Algorithm::Bucket { burst } => overdrawn(&arrivals, limit.limit.into(), window, burst.into(), name),
            Algorithm::Concurrency => too_many_at_once(&arrivals, most, name),
        }
    }
}

/// What a limit counts, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: u64,
    cost: u64,
    done: u64,
}

/// Those of which the one is so many after the other, and both are in one window.
fn too_close(arrivals: &[Arrival], most: usize, name: &str, in_one: impl Fn(u64, u64) -> bool) -> Vec<String> {
    let pairs = arrivals.iter().zip(arrivals.iter().skip(most));
    let broken = pairs.filter(|(first, later)| in_one(first.at, later.at));
    broken
        .map(|(first, later)| format!("{name}: {} and {}", first.at, later.at))
        .collect()
}

/// Those for which the bucket does not hold enough. A token is `window` parts, of which `rate` come back per millisecond.
fn overdrawn(arrivals: &[Arrival], rate: u64, window: u64, burst: u64, name: &str) -> Vec<String> {
    let full = burst * window;
    let (mut level, mut filled) = (full, 0);
    let mut broken = Vec::new();
    for Arrival { at, cost, .. } in arrivals {
        level = (level + (at - filled) * rate).min(full);
        filled = *at;
        match level.checked_sub(cost * window) {
            Some(rest) => level = rest,
            None => broken.push(format!("{name}: {level} of {full} at {at}")),
        }
    }
    broken
}

/// Those with which more are at work than may be. Two that arrive and end in one millisecond need not overlap.
fn too_many_at_once(arrivals: &[Arrival], most: usize, name: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for Arrival { at, .. } in arrivals {
        let running = arrivals
            .iter()
            .filter(|other| other.at <= *at && other.done > *at)
            .count();
        if running > most {
            broken.push(format!("{name}: {running} at {at}"));
        }
    }
    broken
}
