//! What became of places, told to Redis by and by. Nobody waits for it.

use super::{Group, script};
use crate::{Algorithm, Redis, limit::policy::LONGEST_CLOSE, redis::Question};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{runtime::Handle, time::Instant};

/// So many are told at once.
const BATCH: usize = 256;
/// So many are remembered while Redis is away; the leases of the rest end by themselves.
const MOST: usize = 65_536;
/// Whatever is older is left to the leases.
const OLDEST: Duration = Duration::from_mins(1);

/// What is still to be told.
#[derive(Default)]
pub(super) struct Queue {
    notes: VecDeque<Note>,
    is_told: bool,
}

/// What became of a place in all of its budgets.
struct Note {
    group: Group,
    place: Arc<str>,
    what: What,
    at: Instant,
    lease: Duration,
}

#[derive(Clone, Copy)]
pub(super) enum What {
    /// It was never used.
    Back,
    /// It was used, and counts for as long as its budget says.
    End,
    /// No answer came. It counts as one that was answered, and so much `longer`. A provider that limits calls at the same
    /// time may still be working at it, and is taken to for `works`.
    Lost { longer: Duration, works: Duration },
    /// It is needed for longer than it was taken for.
    Renew,
    /// Nobody goes for so long.
    Close(Duration),
    /// The caller of this name waits no more.
    Leave,
}

impl Redis {
    /// Remembers what is to be told, and sees that somebody tells it.
    pub(super) fn settle(&self, group: &Group, place: &Arc<str>, lease: Duration, what: What) {
        let mut queue = self.queue();
        if queue.notes.len() >= MOST {
            queue.notes.pop_front();
        }
        queue.notes.push_back(Note {
            group: group.clone(),
            place: Arc::clone(place),
            what,
            at: Instant::now(),
            lease,
        });
        // Outside of a runtime it has to wait for the next one who is inside.
        let Ok(runtime) = Handle::try_current() else { return };
        if std::mem::replace(&mut queue.is_told, true) {
            return;
        }
        // A runtime that ends drops what it is given, and that looks at the queue.
        drop(queue);
        let telling = Telling {
            redis: self.clone(),
            is_done: false,
        };
        runtime.spawn(telling.tell());
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.limits.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_off(&self, notes: Vec<Note>) {
        let mut queue = self.queue();
        notes.into_iter().rev().for_each(|note| queue.notes.push_front(note));
    }

    async fn tell_of(&self, notes: &[Note]) -> bool {
        let told = self.0.server.ask::<()>(|_| {
            let mut script = script::SETTLE.prepare_invoke();
            for note in notes {
                note.write(&mut script);
            }
            Question::Script(script)
        });
        told.await.is_ok()
    }
}

/// Whoever tells. When its runtime ends before it is done, the next one who settles something goes on.
struct Telling {
    redis: Redis,
    is_done: bool,
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !self.is_done {
            self.redis.queue().is_told = false;
        }
    }
}

impl Telling {
    async fn tell(mut self) {
        let redis = self.redis.clone();
        while let Some(notes) = self.next() {
            if redis.tell_of(&notes).await {
                let freed = notes.iter().filter(|note| note.frees_at_once());
                let freed: BTreeSet<&str> = freed.map(|note| &*note.group.0.id).collect();
                for id in freed {
                    redis.wake(id);
                }
            } else {
                redis.put_off(notes);
                tokio::time::sleep(super::PROBE).await;
            }
        }
    }

    /// The oldest; when there are none, it is done.
    fn next(&mut self) -> Option<Vec<Note>> {
        let mut queue = self.redis.queue();
        queue.notes.retain(|note| note.at.elapsed() < OLDEST);
        let count = queue.notes.len().min(BATCH);
        if count == 0 {
            queue.is_told = false;
            // Said again when it is dropped, it would not be true: somebody else may have begun.
            self.is_done = true;
            return None;
        }
        Some(queue.notes.drain(..count).collect())
    }
}

impl Note {
    fn write(&self, script: &mut redis::ScriptInvocation<'_>) {
        // What was long ago has less time left.
        let left = |time: Duration| script::micros(time.saturating_sub(self.at.elapsed()));
        for budget in &self.group.0.budgets {
            let mut kept = budget.time_to_live(self.lease);
            let mut second = &budget.places;
            let is_bucket = matches!(budget.algorithm(), Algorithm::Bucket { .. });
            let (word, micros) = match self.what {
                What::Back if is_bucket => ("refill", 0),
                What::Back => ("back", 0),
                What::End => ("end", left(budget.hold())),
                What::Lost { works, .. } if matches!(budget.algorithm(), Algorithm::Concurrency) => {
                    ("end", left(works))
                }
                What::Lost { longer, .. } => ("end", left(budget.hold() + longer)),
                What::Renew => ("end", left(self.lease)),
                What::Close(wait) => {
                    // As in one process: a header may be wrong, and would close the budget for everybody and for ever.
                    let wait = wait.min(budget.window().max(LONGEST_CLOSE));
                    kept += wait * 2;
                    ("close", left(wait))
                }
                What::Leave => {
                    second = &budget.line;
                    ("leave", 0)
                }
            };
            let member = match self.what {
                What::Close(_) | What::Leave => self.place.to_string(),
                _ => format!("{}|{}", self.place, budget.units),
            };
            script.key(&budget.state).key(second);
            script
                .arg(word)
                .arg(member)
                .arg(budget.units)
                .arg(micros)
                .arg(script::millis(kept));
        }
    }

    fn frees_at_once(&self) -> bool {
        match self.what {
            What::Back => true,
            What::End => self.group.0.budgets.iter().any(|budget| budget.hold().is_zero()),
            _ => false,
        }
    }
}
