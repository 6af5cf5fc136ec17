//! The way of a request through the server, top to bottom.

use crate::answer;
use crate::arrival::Arrival;
use crate::auth::{Credentials, Identity, Keyring};
use crate::check::{self, Subject};
use crate::draw::Draw;
use crate::fault::{Fault, Script, Spoil};
use crate::idempotency::{self, Keys, Verdict};
use crate::limit::{Budgets, Caller, Place};
use crate::oauth::{self, Denied, Issued, Lifetimes, TokenEndpoint};
use crate::page::{self, Store};
use crate::place;
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
use tollgate_descriptor::model::{Guard, LimitId, Method, Model, PathPart, Source};

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

    /// Answers a token request.
    fn give_token(&self, arrival: &Arrival, endpoint: &TokenEndpoint, outcome: &mut Outcome) {
        endpoint.path().clone_into(&mut outcome.seen.path);
        let asker = endpoint.asker(&self.model, &self.keyring, &self.state().issued, arrival);
        let token = match &asker {
            Ok(identity) => identity.token,
            Err((token, _)) => *token,
        };
        let operation = oauth::operation(&self.model, token);
        outcome.seen.operation = Some(operation.clone());
        let fault = self.state().script.take(&operation);
        outcome.seen.fault = fault.is_some();
        let identity = asker.as_ref().ok();
        outcome.seen.token = identity.map(ToString::to_string);
        let instead = fault.and_then(|fault| self.trouble(fault, identity, outcome));
        let served = match (instead, asker) {
            (Some(instead), _) => instead.map_err(|refusal| (refusal.reply(&self.model, None, 0), refusal.message)),
            (None, Err((_, denied))) => Err((denied.reply(), denied.message)),
            (None, Ok(identity)) => self.issue(&identity, &operation).map(Some).map_err(|denied| *denied),
        };
        match served {
            Ok(Some(reply)) => {
                outcome.seen.effects = 1;
                self.finish(outcome, reply, None);
            }
            Ok(None) => {}
            Err((reply, note)) => self.finish(outcome, reply, Some(note)),
        }
        Self::soil(outcome);
    }

    /// Counts a token request against the limits of its endpoint, and issues a token.
    fn issue(&self, identity: &Identity, operation: &str) -> Result<Reply, Box<(Reply, String)>> {
        let Some(grant) = &self.model.token(identity.token).grant else {
            return Ok(Reply::empty(404));
        };
        let limits: Vec<_> = grant
            .rate_limits
            .iter()
            .map(|id| (*id, self.model.rate_limit(*id)))
            .collect();
        let caller = Caller {
            identity: Some(identity),
            operation,
            cost: 1,
            param: &|_| None,
        };
        let age = self.age();
        let mut state = self.state();
        let State {
            budgets, issued, tally, ..
        } = &mut *state;
        if let Err(exceeded) = budgets.admit(&limits, &caller, self.began + age) {
            let message = format!("the limit `{}` admits no more token requests", exceeded.limit);
            let denied = Denied {
                status: 429,
                code: "slow_down",
                message: message.clone(),
            };
            let mut reply = denied.reply();
            let seconds = exceeded.wait.as_secs() + 1;
            reply.headers.push(("Retry-After".to_owned(), seconds.to_string()));
            return Err(Box::new((reply, message)));
        }
        let (mut body, mut headers) = (json!({ "token_type": "Bearer" }), Vec::new());
        issued.issue(grant, identity, self.options.lifetimes, age, &mut body, &mut headers);
        tally.effects(operation, 1);
        let mut reply = Reply::json(200, &body);
        reply.headers.extend(headers);
        Ok(reply)
    }

    fn prefix(&self, endpoint: &Endpoint) -> &str {
        self.router.prefix(endpoint.settings(&self.model).host)
    }

    /// Gives the answer its request id and notes it.
    fn finish(&self, outcome: &mut Outcome, mut reply: Reply, note: Option<String>) {
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

    /// Everything about a request that met an operation. `None` cuts the connection.
    fn serve(&self, arrival: &Arrival, target: Target<'_>, outcome: &mut Outcome) -> Result<Option<Reply>, Refusal> {
        let operation = target.endpoint.operation(&self.model);
        let credentials = self.identify(arrival, target.captures);
        let identity = match &credentials {
            Credentials::Known(identity) => Some(identity),
            Credentials::Unknown(_) => None,
        };
        outcome.seen.token = identity.map(ToString::to_string);
        let subject = Subject {
            model: &self.model,
            operation,
            settings: target.endpoint.settings(&self.model),
            arrival,
            captures: target.captures,
            identity,
            strict: self.options.strict,
        };
        // A caller without a token has no budget to spend.
        if identity.is_some() || operation.guard == Guard::Public {
            outcome.places = self.admit(&subject, target)?;
        }
        let fault = self.state().script.take(&target.endpoint.id);
        outcome.seen.fault = fault.is_some();
        if let Some(fault) = fault
            && let Some(instead) = self.trouble(fault, identity, outcome)
        {
            return instead;
        }
        self.authorize(&credentials, &operation.guard)?;
        check::check(&subject).map_err(|misfit| Refusal::new(misfit.status, misfit.message))?;
        let (mut reply, effects) = self.perform(&subject, target)?;
        outcome.seen.effects = effects;
        self.yield_token(target.endpoint, identity, &mut reply);
        Ok(Some(reply))
    }

    /// Puts a token into the answer of an operation that yields one.
    fn yield_token(&self, endpoint: &Endpoint, identity: Option<&Identity>, reply: &mut Reply) {
        let yielded = oauth::yielded(&self.model, endpoint);
        let (Some(id), Some(source)) = (yielded.filter(|_| (200..300).contains(&reply.status)), identity) else {
            return;
        };
        if let Some(grant) = &self.model.token(id).grant {
            let (identity, age) = (self.keyring.yielded(id, source), self.age());
            let issued = &mut self.state().issued;
            oauth::yield_into(reply, issued, grant, &identity, self.options.lifetimes, age);
        }
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

    fn identify(&self, arrival: &Arrival, captures: &Captures) -> Credentials {
        let fields = captures.iter().filter_map(|(part, value)| match part {
            PathPart::TokenField(name) => Some((name.clone(), value.clone())),
            _ => None,
        });
        let age = self.age();
        let worth = |value: &str| self.state().issued.worth(value, age);
        match self.keyring.identify(arrival, &fields.collect::<Vec<_>>(), &worth) {
            Credentials::Known(identity) if self.state().revoked.contains(&identity.to_string()) => {
                Credentials::Unknown("the token was revoked".to_owned())
            }
            credentials => credentials,
        }
    }

    fn admit(&self, subject: &Subject<'_>, target: Target<'_>) -> Result<Vec<Place>, Refusal> {
        let limits: Vec<_> = subject
            .settings
            .rate_limits
            .iter()
            .map(|id: &LimitId| (*id, self.model.rate_limit(*id)))
            .collect();
        let param = |name: &str| {
            let named = |wire: &str, rust: &str| wire == name || rust.trim_end_matches('_') == name;
            let param = subject
                .operation
                .params
                .iter()
                .find(|param| named(&param.wire, param.rust.as_str()))?;
            check::given(subject, param)?.text()
        };
        let caller = Caller {
            identity: subject.identity,
            operation: &target.endpoint.id,
            cost: subject.operation.cost,
            param: &param,
        };
        let mut state = self.state();
        // Under the lock, so that arrivals are counted in the order of their times.
        let admitted = state.budgets.admit(&limits, &caller, self.began + self.age());
        admitted.map_err(|exceeded| {
            let message = format!(
                "the rate limit `{}` is used up for {:.3} s",
                exceeded.limit,
                exceeded.wait.as_secs_f64()
            );
            Refusal::new(429, message).wait(Some(exceeded.wait))
        })
    }

    fn authorize(&self, credentials: &Credentials, guard: &Guard) -> Result<(), Refusal> {
        match (credentials, guard) {
            (_, Guard::Public) => Ok(()),
            (Credentials::Known(identity), guard) => self
                .keyring
                .permit(identity, guard)
                .map_err(|lacked| Refusal::new(403, lacked)),
            (Credentials::Unknown(seen), guard) => {
                let refusal = Refusal::new(401, format!("{seen}; send {}", self.keyring.demanded(guard)));
                Err(match self.keyring.challenge(guard) {
                    Some(challenge) => refusal.header("WWW-Authenticate", challenge),
                    None => refusal,
                })
            }
        }
    }

    /// Does what was asked, once per idempotency key, and says how much that was.
    fn perform(&self, subject: &Subject<'_>, target: Target<'_>) -> Result<(Reply, u64), Refusal> {
        let id = &target.endpoint.id;
        if let Some(example) = answer::example(subject)
            && !(200..300).contains(&example.status)
        {
            return Ok((answer::of_example(example), 0));
        }
        let owner = subject.identity.map(Identity::to_string).unwrap_or_default();
        let used = idempotency::used(subject);
        let mut state = self.state();
        let mut done_before = false;
        let mut effects = count_effects(subject);
        if !used.is_empty() {
            match state.keys.enter(id, &owner, &used) {
                Verdict::Conflict(message) => return Err(Refusal::new(409, message)),
                Verdict::Known(Some(reply)) => return Ok((answer::replayed(subject, reply), 0)),
                Verdict::Known(None) => (done_before, effects) = (true, 0),
                Verdict::New(new) => effects = new,
            }
        }
        let salt = salt(subject, &used, state.tally.effects_so_far(id));
        let reply = self.success(subject, target, done_before, &salt)?;
        state.tally.effects(id, effects);
        state.keys.keep(id, &owner, &used, &reply);
        Ok((reply, effects))
    }

    fn success(
        &self,
        subject: &Subject<'_>,
        target: Target<'_>,
        done_before: bool,
        salt: &str,
    ) -> Result<Reply, Refusal> {
        let example = answer::example(subject);
        // An example of a list shows all of it.
        let is_past = subject
            .operation
            .pager
            .as_ref()
            .is_some_and(|pager| !page::is_first(subject, pager));
        if let Some(example) = example.filter(|_| !is_past) {
            return Ok(answer::of_example(example));
        }
        let id = &target.endpoint.id;
        let items = self.options.items_of.get(id).copied().unwrap_or(self.options.items);
        let route = subject.operation.path_text();
        if let Some(pager) = &subject.operation.pager {
            let holes: Vec<_> = subject.captures.iter().map(|(_, value)| value.as_str()).collect();
            let store = Store {
                seed: self.options.seed,
                route: &route,
                count: if example.is_some() { 0 } else { items },
                parent: holes.join("/"),
                url: &format!("{}{}", self.origin, subject.arrival.path),
            };
            return page::reply(subject, pager, &store);
        }
        let draw = Draw::new(self.options.seed, &[&route, &subject.arrival.path, salt]);
        Ok(answer::success(subject, done_before, &draw))
    }
}

/// How much a request does: reads nothing, a batch one thing per element.
fn count_effects(subject: &Subject<'_>) -> u64 {
    let operation = subject.operation;
    let reads = matches!(operation.method, Method::Get | Method::Head) && operation.idempotent;
    // A list that is asked for by POST is read as well.
    if reads || operation.pager.is_some() {
        return 0;
    }
    let (Some(batch), Ok(json)) = (&operation.batch, &subject.arrival.json) else {
        return 1;
    };
    let lists = place::find(json, &batch.items)
        .into_iter()
        .filter_map(|found| found.value.and_then(Value::as_array));
    lists.map(|list| list.len() as u64).sum()
}

/// What an answer depends on beside the path: keys where there are some, so that a replay says the same; else what was
/// done so far, so that two new things differ.
fn salt(subject: &Subject<'_>, used: &[idempotency::Used], effects: u64) -> String {
    if !used.is_empty() {
        return used.iter().map(|used| used.key.as_str()).collect::<Vec<_>>().join(" ");
    }
    let body = String::from_utf8_lossy(&subject.arrival.body);
    if subject.operation.idempotent {
        body.into_owned()
    } else {
        format!("{effects} {body}")
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
