//! The way of a request through the server, top to bottom.

mod call;
mod grant;

use crate::arrival::Arrival;
use crate::auth::{Identity, Keyring};
use crate::check::{self, Subject};
use crate::draw::Draw;
use crate::fault::{Fault, Script, Spoil};
use crate::idempotency::Keys;
use crate::limit::{self, Budgets, Place, Standing};
use crate::oauth::{Issued, Lifetimes, TokenEndpoint};
use crate::refusal::{Refusal, set};
use crate::reply::Reply;
use crate::report::{Report, Seen, Tally};
use crate::route::{Captures, Endpoint, Match, Router};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tollgate_descriptor::model::{LimitId, Model, Source};

/// A path longer than this is refused before it is compared with anything.
const LONGEST_PATH: usize = 8 << 10;

/// What a mock does beyond its descriptor.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) seed: u64,
    pub(crate) latency: Duration,
    pub(crate) jitter: Duration,
    /// How many times faster than the clock on the wall time passes here.
    pub(crate) pace: f64,
    pub(crate) lifetimes: Lifetimes,
    /// Whether budgets are told in the fields of the IETF's draft.
    pub(crate) rate_limit_fields: bool,
    pub(crate) items: u64,
    pub(crate) items_of: BTreeMap<String, u64>,
}

/// Hears of every request.
pub(crate) type Listener = Box<dyn Fn(&Seen) + Send + Sync>;

/// Everything that answers depend on.
pub(crate) struct World {
    pub(crate) model: Arc<Model>,
    pub(crate) router: Router,
    pub(crate) token_endpoints: Vec<TokenEndpoint>,
    pub(crate) keyring: Keyring,
    pub(crate) options: Options,
    /// `http://127.0.0.1:4010`
    pub(crate) origin: String,
    pub(crate) listener: Option<Listener>,
    pub(crate) began: Instant,
    pub(crate) state: Mutex<State>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// What requests leave behind.
#[derive(Debug)]
pub(crate) struct State {
    budgets: Budgets,
    keys: Keys,
    pub(crate) script: Script,
    tally: Tally,
    /// The labels of tokens that are not known any more.
    pub(crate) revoked: BTreeSet<String>,
    pub(crate) issued: Issued,
    jitter: Draw,
    requests: u64,
}

impl State {
    pub(crate) fn new(seed: u64, script: Script) -> Self {
        Self {
            budgets: Budgets::default(),
            keys: Keys::default(),
            script,
            tally: Tally::default(),
            revoked: BTreeSet::new(),
            issued: Issued::default(),
            jitter: Draw::new(seed, &["jitter"]),
            requests: 0,
        }
    }
}

/// What is decided about a request.
#[derive(Debug)]
struct Outcome {
    seen: Seen,
    /// `None` cuts the connection.
    reply: Option<Reply>,
    /// What happens to the reply on its way.
    trouble: Trouble,
    delay: Duration,
    places: Vec<Place>,
    /// The budgets that counted it.
    standings: Vec<(LimitId, Standing)>,
}

/// What a fault does once a request is served.
#[derive(Debug, Default)]
enum Trouble {
    #[default]
    None,
    Reset,
    Lost,
    Spoiled(Spoil),
}

/// How an exchange ends.
#[derive(Debug)]
pub(crate) enum Ending {
    Reply(Reply),
    Spoiled(Reply, Spoil),
    /// The connection is closed.
    Lost,
    /// The connection is reset.
    Reset,
}

/// An endpoint with what its path holds.
#[derive(Clone, Copy, Debug)]
struct Target<'a> {
    endpoint: &'a Endpoint,
    captures: &'a Captures,
}

impl World {
    /// Answers a request, in the time that it takes.
    pub(crate) async fn answer(&self, arrival: Arrival) -> Ending {
        self.nap(self.half_trip()).await;
        let outcome = self.decide(&arrival);
        let places = Leaving {
            world: self,
            places: outcome.places,
        };
        self.nap(outcome.delay).await;
        drop(places);
        if let Some(listener) = &self.listener {
            listener(&outcome.seen);
        }
        self.state().tally.count(outcome.seen);
        self.nap(self.half_trip()).await;
        match (outcome.reply, outcome.trouble) {
            (None, Trouble::Reset) => Ending::Reset,
            (None, _) => Ending::Lost,
            (Some(reply), Trouble::Spoiled(spoil)) => match spoil.change(reply) {
                Ok(reply) => Ending::Reply(reply),
                Err(reply) => Ending::Spoiled(reply, spoil),
            },
            (Some(reply), _) => Ending::Reply(reply),
        }
    }

    /// Waits, in the time of this world.
    async fn nap(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.options.pace)).await;
    }

    /// How long this world has been there, in its own time.
    fn age(&self) -> Duration {
        self.began.elapsed().mul_f64(self.options.pace)
    }

    /// The time of one way: half of the latency, and of a jitter that is drawn for each way.
    fn half_trip(&self) -> Duration {
        let Options { latency, jitter, .. } = self.options;
        if latency.is_zero() && jitter.is_zero() {
            return Duration::ZERO;
        }
        let most = u64::try_from(jitter.as_nanos() / 2).unwrap_or(u64::MAX);
        let jitter = if most == 0 {
            0
        } else {
            self.state().jitter.within(0..most)
        };
        latency / 2 + Duration::from_nanos(jitter)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Each change of the state is whole, so that a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn report(&self) -> Report {
        let state = self.state();
        state.tally.report(state.budgets.report())
    }

    /// All that needs no waiting.
    fn decide(&self, arrival: &Arrival) -> Outcome {
        let mut outcome = Outcome {
            seen: Seen {
                at: self.age(),
                method: arrival.method.clone(),
                path: self.router.redact(&arrival.path),
                operation: None,
                token: None,
                status: None,
                effects: 0,
                fault: false,
                note: None,
            },
            reply: None,
            trouble: Trouble::None,
            delay: Duration::ZERO,
            places: Vec::new(),
            standings: Vec::new(),
        };
        if let Some(endpoint) = self
            .token_endpoints
            .iter()
            .find(|endpoint| endpoint.is_at(&arrival.path))
        {
            self.give_token(arrival, endpoint, &mut outcome);
            return outcome;
        }
        let fits = match self.route(arrival) {
            Ok(fits) => fits,
            Err(refusal) => {
                let settings = self.model.settings.first();
                self.finish(
                    &mut outcome,
                    refusal.reply(&self.model, settings, self.options.seed),
                    Some(refusal.message),
                );
                return outcome;
            }
        };
        let target = self.choose(arrival, &fits);
        let operation = target.endpoint.operation(&self.model);
        outcome.seen.operation = Some(target.endpoint.id.clone());
        outcome.seen.path = format!("{}{}", self.prefix(target.endpoint), operation.path_text());
        match self.serve(arrival, target, &mut outcome) {
            Ok(Some(reply)) => self.finish(&mut outcome, reply, None),
            Ok(None) => {}
            Err(refusal) => {
                let settings = target.endpoint.settings(&self.model);
                let reply = refusal.reply(&self.model, Some(settings), self.options.seed);
                self.finish(&mut outcome, reply, Some(refusal.message));
            }
        }
        Self::soil(&mut outcome);
        outcome
    }

    /// Notes what a fault does to the answer on its way.
    fn soil(outcome: &mut Outcome) {
        match &outcome.trouble {
            Trouble::None => {}
            Trouble::Lost | Trouble::Reset => {
                outcome.reply = None;
                outcome.seen.status = None;
                outcome.seen.note = Some("the connection was cut by a scripted fault".to_owned());
            }
            Trouble::Spoiled(spoil) => outcome.seen.note = Some(format!("a scripted fault: {spoil}")),
        }
    }

    fn prefix(&self, endpoint: &Endpoint) -> &str {
        self.router.prefix(endpoint.settings(&self.model).host)
    }

    /// Gives the answer what it tells of the budgets, and its request id, and notes it.
    fn finish(&self, outcome: &mut Outcome, mut reply: Reply, note: Option<String>) {
        let standings = std::mem::take(&mut outcome.standings).into_iter();
        let standings = standings.map(|(id, standing)| (self.model.rate_limit(id), standing));
        limit::tell(&mut reply, standings.collect(), self.options.rate_limit_fields);
        let mut state = self.state();
        state.requests += 1;
        let id = format!("mock-{:06}", state.requests);
        drop(state);
        let settings = outcome.seen.operation.as_ref().and_then(|id| {
            let endpoint = self.router.endpoints.iter().find(|endpoint| endpoint.id == *id)?;
            Some(endpoint.settings(&self.model))
        });
        match settings.and_then(|settings| settings.errors.request_id.first()) {
            Some(place) if matches!(place.source, Source::Header(_)) => {
                set(place, &json!(id), &mut Value::Null, &mut reply.headers);
            }
            Some(place) if reply.status >= 400 => {
                if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) {
                    set(place, &json!(id), &mut body, &mut reply.headers);
                    reply.body = body.to_string().into();
                }
            }
            _ => {}
        }
        outcome.seen.status = Some(reply.status);
        outcome.seen.note = note;
        outcome.reply = Some(reply);
    }

    /// Which operations a request can mean.
    fn route(&self, arrival: &Arrival) -> Result<Vec<(usize, Captures)>, Refusal> {
        if arrival.path.len() > LONGEST_PATH {
            return Err(Refusal::new(414, "the path is too long"));
        }
        match self.router.find(&self.model, &arrival.method, &arrival.path) {
            Match::Endpoints(fits) => Ok(fits),
            Match::OtherMethods(methods) => {
                let allowed = methods.join(", ");
                let message = format!("{} is not among the methods of this path: {allowed}", arrival.method);
                Err(Refusal::new(405, message).header("Allow", allowed))
            }
            Match::Nothing => {
                let shown = self.router.redact(&arrival.path);
                let base = self.router.prefix(None);
                Err(Refusal::new(
                    404,
                    format!(
                        "no operation of the descriptor has the path `{shown}`; the base URL is {}{base}",
                        self.origin
                    ),
                ))
            }
        }
    }

    /// The operation that fits best, of those that share a route.
    fn choose<'a>(&'a self, arrival: &Arrival, fits: &'a [(usize, Captures)]) -> Target<'a> {
        let target = |(index, captures): &'a (usize, Captures)| Target {
            endpoint: &self.router.endpoints[*index],
            captures,
        };
        let fitness = |(_, captures, endpoint): &(usize, &Captures, &Endpoint)| {
            let subject = Subject {
                model: &self.model,
                operation: endpoint.operation(&self.model),
                settings: endpoint.settings(&self.model),
                arrival,
                captures,
                identity: None,
                strict: self.options.strict,
            };
            check::fitness(&subject)
        };
        let all = fits
            .iter()
            .enumerate()
            .map(|(at, (index, captures))| (at, captures, &self.router.endpoints[*index]));
        // `min_by_key` keeps the first of equals, which the author put first.
        let best = all
            .filter_map(|fit| fitness(&fit).map(|rank| (rank, fit.0)))
            .min_by_key(|(rank, _)| *rank);
        target(&fits[best.map_or(0, |(_, at)| at)])
    }

    /// Takes note of a fault, and says what it does instead of serving the request.
    fn trouble(
        &self,
        fault: Fault,
        identity: Option<&Identity>,
        outcome: &mut Outcome,
    ) -> Option<Result<Option<Reply>, Refusal>> {
        match fault {
            Fault::Reset => {
                outcome.trouble = Trouble::Reset;
                return Some(Ok(None));
            }
            Fault::Lost => outcome.trouble = Trouble::Lost,
            Fault::Spoiled(spoil) => outcome.trouble = Trouble::Spoiled(spoil),
            Fault::Delay(delay) => outcome.delay = delay,
            Fault::Status { status, wait } => {
                let refusal = Refusal::new(status, format!("a scripted fault: {status}"));
                return Some(Err(refusal.wait(wait)));
            }
            Fault::Answer { status, headers, body } => return Some(Ok(Some(Reply { status, headers, body }))),
            Fault::Revoked => {
                if let Some(identity) = identity {
                    self.revoke(identity);
                }
                return Some(Err(Refusal::new(401, "the token was revoked")));
            }
        }
        None
    }

    /// Forgets a token. Where it is short-lived, the next one is good again.
    pub(crate) fn revoke(&self, identity: &Identity) {
        let mut state = self.state();
        if self.model.token(identity.token).grant.is_some() {
            state.issued.revoke(&identity.to_string());
        } else {
            state.revoked.insert(identity.to_string());
        }
    }
}

/// Gives places under `concurrency` limits back, also if the caller goes away.
struct Leaving<'w> {
    world: &'w World,
    places: Vec<Place>,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if !self.places.is_empty() {
            self.world.state().budgets.leave(&self.places);
        }
    }
}
