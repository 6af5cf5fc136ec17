//! The way of a call, once it is known which operation it means.

use super::{Outcome, Target, World};
use crate::answer;
use crate::arrival::Arrival;
use crate::auth::{Credentials, Identity};
use crate::check::{self, Subject};
use crate::draw::Draw;
use crate::idempotency::{self, Verdict};
use crate::limit::{Caller, Place, Standing};
use crate::oauth;
use crate::page::{self, Store};
use crate::place;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::route::{Captures, Endpoint};
use serde_json::Value;
use tollgate_descriptor::model::{Guard, LimitId, Method, PathPart};

impl World {
    /// Everything about a request that met an operation. `None` cuts the connection.
    pub(super) fn serve(
        &self,
        arrival: &Arrival,
        target: Target<'_>,
        outcome: &mut Outcome,
    ) -> Result<Option<Reply>, Refusal> {
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
            outcome.places = self.admit(&subject, target, &mut outcome.standings)?;
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

    fn admit(
        &self,
        subject: &Subject<'_>,
        target: Target<'_>,
        standings: &mut Vec<(LimitId, Standing)>,
    ) -> Result<Vec<Place>, Refusal> {
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
        let now = self.began + self.age();
        let admitted = state.budgets.admit(&limits, &caller, now);
        *standings = state.budgets.standings(&limits, &caller, now);
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
