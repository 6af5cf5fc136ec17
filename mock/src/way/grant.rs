//! The way of a token request.

use super::{Outcome, State, World};
use crate::arrival::Arrival;
use crate::auth::Identity;
use crate::limit::{Caller, Standing};
use crate::oauth::{self, Denied, TokenEndpoint};
use crate::reply::Reply;
use serde_json::json;
use tollgate_descriptor::model::LimitId;

impl World {
    /// Answers a token request.
    pub(super) fn give_token(&self, arrival: &Arrival, endpoint: &TokenEndpoint, outcome: &mut Outcome) {
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
            (None, Ok(identity)) => self
                .issue(&identity, &operation, &mut outcome.standings)
                .map(Some)
                .map_err(|denied| *denied),
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
    fn issue(
        &self,
        identity: &Identity,
        operation: &str,
        standings: &mut Vec<(LimitId, Standing)>,
    ) -> Result<Reply, Box<(Reply, String)>> {
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
        let admitted = budgets.admit(&limits, &caller, self.began + age);
        *standings = budgets.standings(&limits, &caller, self.began + age);
        if let Err(exceeded) = admitted {
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
}
