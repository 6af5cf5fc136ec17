//! Rate limits.

use super::{Check, place::Meaning};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Algorithm, Learn, LimitId, ParamPlace, Per, RateLimit, TokenId};
use crate::span::Spanned;
use crate::syntax::{self, RateLimitUse};
use std::collections::BTreeSet;
use std::time::Duration;

impl Check<'_> {
    pub(super) fn check_rate_limits(&mut self) {
        for (name, limit) in &self.descriptor.rate_limits {
            let limit = self.check_rate_limit(name, limit);
            self.model.rate_limits.push(limit);
        }
    }

    fn check_rate_limit(&mut self, name: &Spanned<String>, limit: &syntax::RateLimit) -> RateLimit {
        let entries = &self.descriptor.tokens;
        let algorithm = limit
            .algorithm
            .as_ref()
            .map_or(Algorithm::Sliding, |algorithm| algorithm.value.into());
        let count = limit
            .limit
            .as_ref()
            .map_or(1, |count| self.check_count(count, "a limit"));
        let window = self.check_window(name, limit, algorithm);
        let burst = limit.burst.as_ref().map(|burst| self.check_count(burst, "a burst"));
        if let (Some(burst), false) = (&limit.burst, algorithm == Algorithm::Bucket) {
            self.push(
                Diagnostic::new(Code::ConflictingKeys, burst.span, "`burst` is the size of a bucket")
                    .label("this limit is none")
                    .help("write `algorithm: bucket`, or leave `burst` out"),
            );
        }
        let tokens = limit.for_tokens.iter().flat_map(|tokens| &tokens.value);
        let tokens = tokens
            .filter_map(|token| self.resolve("token", token, entries))
            .map(TokenId)
            .collect();
        let learn = limit.learn.as_ref().map(|learn| self.check_learn(learn));
        RateLimit {
            name: name.value.clone(),
            limit: count,
            window,
            algorithm,
            per: limit
                .per
                .iter()
                .flat_map(|per| &per.value)
                .map(|per| check_per(&per.value))
                .collect(),
            burst,
            tokens,
            counts_cost: limit
                .counts
                .as_ref()
                .is_some_and(|counts| counts.value == syntax::Counts::Cost),
            learn,
            line: self.line(name.span),
        }
    }

    fn check_window(&mut self, name: &Spanned<String>, limit: &syntax::RateLimit, algorithm: Algorithm) -> Duration {
        match (&limit.window, algorithm) {
            (Some(window), Algorithm::Concurrency) => {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        window.span,
                        "calls at the same time have no window",
                    )
                    .help("leave `window` out"),
                );
                Duration::ZERO
            }
            (None, Algorithm::Concurrency) => Duration::ZERO,
            (Some(window), _) => self.check_duration(window).unwrap_or_default(),
            (None, _) => {
                self.missing(name, "window", "window: 1s");
                Duration::ZERO
            }
        }
    }

    /// A key that the entry `name` must have.
    pub(super) fn missing(&mut self, name: &Spanned<String>, key: &str, example: &str) {
        self.push(
            Diagnostic::new(Code::MissingKey, name.span, format!("`{}` has no `{key}`", name.value))
                .help(format!("add `{example}`")),
        );
    }

    fn check_learn(&mut self, learn: &syntax::Learn) -> Learn {
        if [&learn.limit, &learn.remaining, &learn.used]
            .iter()
            .all(|place| place.is_none())
        {
            self.push(
                Diagnostic::new(Code::MissingKey, learn.span, "`learn` tells no number of the budget")
                    .help("add `remaining`, `used` or `limit`: the header that holds it"),
            );
        }
        let mut number = |place: &Option<syntax::Place>| self.check_header_place(place.as_ref()?, Meaning::Value);
        let (limit, remaining, used) = (number(&learn.limit), number(&learn.remaining), number(&learn.used));
        let reset = learn.reset.as_ref();
        Learn {
            limit,
            remaining,
            used,
            reset: reset.and_then(|place| self.check_header_place(place, Meaning::Time)),
        }
    }

    /// A call never costs more than there ever is.
    pub(super) fn check_costs(&mut self) {
        let mut found = Vec::new();
        for seen in &self.seen.operations {
            let (Some(cost), Some(operation)) = (&seen.written.cost, self.seen_operation(seen.place)) else {
                continue;
            };
            let limits = &self.model.setting(operation.settings).rate_limits;
            let limits = limits.iter().filter_map(|id| self.model.rate_limits.get(id.0));
            for limit in limits.filter(|limit| limit.counts_cost) {
                let most = limit.burst.unwrap_or(limit.limit);
                if operation.cost > most {
                    found.push(
                        Diagnostic::new(
                            Code::BadNumber,
                            cost.span,
                            format!("`cost: {}` is never admitted", cost.value),
                        )
                        .label(format!("`{}` has {most} when nothing is used of it", limit.name))
                        .help("lower the cost, or raise the limit (of a bucket, its `burst`)"),
                    );
                }
            }
        }
        for diagnostic in found {
            self.push(diagnostic);
        }
    }

    /// A budget per value of a param counts by a param that an operation has.
    pub(super) fn check_limit_params(&mut self) {
        for (at, (_, limit)) in self.descriptor.rate_limits.iter().enumerate() {
            let mut known: BTreeSet<&str> = BTreeSet::new();
            let mut used = false;
            for seen in &self.seen.operations {
                let Some(operation) = self.seen_operation(seen.place) else {
                    continue;
                };
                if self
                    .model
                    .setting(operation.settings)
                    .rate_limits
                    .contains(&LimitId(at))
                {
                    used = true;
                    known.extend(seen.written.params.iter().map(|(key, _)| key.as_str()));
                    known.extend(
                        operation
                            .params
                            .iter()
                            .filter(|param| matches!(param.place, ParamPlace::Path { .. }))
                            .map(|param| param.wire.as_str()),
                    );
                }
            }
            let names: Vec<String> = known.into_iter().map(str::to_owned).collect();
            for per in limit.per.iter().flat_map(|per| &per.value) {
                if let syntax::Per::Param(name) = &per.value
                    && used
                    && !names.contains(&name.value)
                {
                    self.dangling("param", name, names.iter().map(String::as_str));
                }
            }
        }
    }

    /// The limits that a `rate_limit` names.
    pub(super) fn check_rate_limit_use(&mut self, limit: &RateLimitUse) -> Vec<LimitId> {
        let entries = &self.descriptor.rate_limits;
        match limit {
            RateLimitUse::Names(names) => {
                let mut ids: Vec<LimitId> = Vec::new();
                for name in &names.value {
                    if let Some(at) = self.resolve("rate limit", name, entries)
                        && !ids.contains(&LimitId(at))
                    {
                        ids.push(LimitId(at));
                    }
                }
                ids
            }
            RateLimitUse::None(_) => Vec::new(),
        }
    }
}

fn check_per(per: &syntax::Per) -> Per {
    match per {
        syntax::Per::Token => Per::Token,
        syntax::Per::Operation => Per::Operation,
        syntax::Per::Param(name) => Per::Param(name.value.clone()),
    }
}
