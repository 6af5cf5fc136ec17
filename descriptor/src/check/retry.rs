//! Retries.

use super::{Check, place::Meaning};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Backoff, Kind, Place, Retry, RetryWhen, Source, TimeFormat};
use crate::span::Spanned;
use crate::syntax::{self, RetryUse};
use std::time::Duration;

/// What is repeated where `when` is not said.
const WHEN: [RetryWhen; 4] = [
    RetryWhen::Network,
    RetryWhen::Timeout,
    RetryWhen::Kind(Kind::RateLimited),
    RetryWhen::Kind(Kind::Unavailable),
];

/// How often where `max_attempts` is not said.
const ATTEMPTS: u32 = 3;

/// The longest wait where `max_wait` is not said.
const MAX_WAIT: Duration = Duration::from_mins(1);

impl Check<'_> {
    pub(super) fn check_retry(&mut self, retry: &RetryUse) -> Option<Retry> {
        match retry {
            RetryUse::None(_) => None,
            RetryUse::Policy(policy) => Some(self.check_policy(policy)),
        }
    }

    fn check_policy(&mut self, retry: &syntax::Retry) -> Retry {
        let when = match &retry.when {
            None => WHEN.to_vec(),
            Some(words) => {
                let mut when: Vec<RetryWhen> = words.value.iter().map(|word| check_when(word.value)).collect();
                when.sort_unstable();
                when.dedup();
                when
            }
        };
        let max_attempts = retry
            .max_attempts
            .as_ref()
            .map(|attempts| self.check_count(attempts, "the number of attempts"));
        let max_wait = retry.max_wait.as_ref().and_then(|wait| self.check_duration(wait));
        Retry {
            max_attempts: max_attempts.unwrap_or(ATTEMPTS),
            when,
            wait_from: self.check_wait_from(retry.wait_from.as_deref()),
            backoff: self.check_backoff(retry.backoff.as_ref()),
            max_wait: max_wait.unwrap_or(MAX_WAIT),
        }
    }

    /// `Retry-After` where nothing is said. An empty list is said: then the answer is not asked.
    fn check_wait_from(&mut self, places: Option<&[syntax::Place]>) -> Vec<Place> {
        let Some(places) = places else {
            return vec![Place {
                source: Source::Header("Retry-After".to_owned()),
                formats: vec![TimeFormat::Seconds, TimeFormat::HttpDate],
                pattern: None,
            }];
        };
        places
            .iter()
            .filter_map(|place| self.check_place(place, Meaning::Time))
            .collect()
    }

    fn check_backoff(&mut self, backoff: Option<&syntax::Backoff>) -> Backoff {
        let mut checked = Backoff {
            initial: Duration::from_millis(500),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 0.3,
        };
        let Some(backoff) = backoff else {
            return checked;
        };
        if let Some(initial) = backoff
            .initial
            .as_ref()
            .and_then(|initial| self.check_duration(initial))
        {
            checked.initial = initial;
        }
        if let Some(max) = backoff.max.as_ref().and_then(|max| self.check_duration(max)) {
            checked.max = max;
        }
        if let Some(factor) = &backoff.factor {
            self.check_between(factor, 1.0, 100.0, "a factor");
            checked.factor = factor.value;
        }
        if let Some(jitter) = &backoff.jitter {
            self.check_between(jitter, 0.0, 1.0, "a share");
            checked.jitter = jitter.value;
        }
        if let (Some(max), true) = (&backoff.max, checked.max < checked.initial) {
            self.push(
                Diagnostic::new(
                    Code::BadDuration,
                    max.span,
                    "the longest wait is shorter than the first one",
                )
                .label(format!("at least {:?} is expected", checked.initial)),
            );
        }
        checked
    }

    fn check_between(&mut self, number: &Spanned<f64>, least: f64, most: f64, what: &str) {
        if !(least..=most).contains(&number.value) {
            self.push(
                Diagnostic::new(
                    Code::BadNumber,
                    number.span,
                    format!("`{}` is out of range", number.value),
                )
                .label(format!("{what} is between {least} and {most}")),
            );
        }
    }
}

fn check_when(when: syntax::RetryWhen) -> RetryWhen {
    match when {
        syntax::RetryWhen::Network => RetryWhen::Network,
        syntax::RetryWhen::Timeout => RetryWhen::Timeout,
        syntax::RetryWhen::Kind(kind) => RetryWhen::Kind(kind.into()),
    }
}
