//! The scripts, and how they are asked.

use super::Group;
use crate::{
    Algorithm, Redis,
    redis::{Away, Question},
};
use redis::Script;
use std::{sync::LazyLock, time::Duration};

static ADMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("admit.lua")));
pub(super) static SETTLE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("settle.lua")));

/// Who is late or early by no more counts as being there.
const GRACE: Duration = Duration::from_millis(100);
/// The longest wait for others, who may leave, before asking again.
pub(super) const REACH: Duration = Duration::from_secs(5);

/// A letter for names, and a word for scripts.
pub(super) fn code(algorithm: Algorithm) -> u8 {
    match algorithm {
        // They are kept in the same way.
        Algorithm::Sliding | Algorithm::Fixed => b's',
        Algorithm::Bucket { .. } => b'b',
        Algorithm::Concurrency => b'c',
    }
}

fn word(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Sliding | Algorithm::Fixed => "sliding",
        Algorithm::Bucket { .. } => "bucket",
        Algorithm::Concurrency => "concurrency",
    }
}

/// What a process wants.
pub(super) struct Wish<'a> {
    pub(super) caller: &'a str,
    /// The number of the first place.
    pub(super) first: u64,
    pub(super) want: usize,
    pub(super) lease: Duration,
    /// For how long nobody shall go, since this process went without asking.
    pub(super) shut: Duration,
}

/// What it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) go: usize,
    /// When to ask again for the rest.
    pub(super) wait: Duration,
    /// The position of the budget that takes longest.
    pub(super) last: usize,
    /// Whether it takes so long because the log was lost.
    pub(super) lost: bool,
}

/// Whole microseconds, rounded up: nobody asks too early.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Redis {
    pub(super) async fn ask_for_places(&self, group: &Group, wish: &Wish<'_>) -> Result<Answer, Away> {
        let Wish {
            caller, first, want, ..
        } = *wish;
        let generation = self.0.generation();
        let answer = self.0.server.ask::<(usize, u64, usize, u8)>(|run| {
            let mut script = ADMIT.prepare_invoke();
            script.key(&generation).arg(run).arg(caller).arg(first).arg(want);
            for time in [wish.lease, GRACE, wish.shut, REACH] {
                script.arg(micros(time));
            }
            for budget in &group.0.budgets {
                let limit = budget.limit();
                script.key(&budget.state).key(&budget.places).key(&budget.line);
                script
                    .arg(word(limit.algorithm))
                    .arg(limit.limit.max(1))
                    .arg(micros(budget.window()).max(1));
                script.arg(budget.capacity()).arg(budget.units);
                script.arg(millis(budget.time_to_live(wish.lease)));
            }
            Question::Script(script)
        });
        let (go, wait, last, is_lost) = answer.await?;
        Ok(Answer {
            go,
            wait: Duration::from_micros(wait),
            last,
            lost: is_lost != 0,
        })
    }
}
