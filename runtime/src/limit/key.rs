//! Which calls have a budget in common.

use crate::{Algorithm, Limit, Per, Secret, TokenValue};
use std::{
    cmp::Reverse,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{Arc, LazyLock},
    time::Duration,
};

/// A keyed hash: equal for equal things, and useless to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint(u64, u64);

static KEYS: LazyLock<(RandomState, RandomState)> = LazyLock::new(Default::default);

impl Fingerprint {
    pub(super) fn of(thing: &impl Hash) -> Self {
        Self(KEYS.0.hash_one(thing), KEYS.1.hash_one(thing))
    }

    /// The fingerprint of what a provider counts apart from all else.
    pub(crate) fn of_place(provider: &str, base_url: &str) -> Self {
        Self::of(&(provider, base_url))
    }

    /// That of two things of different kinds together. Whoever does not know the keys cannot make two pairs equal.
    fn and(self, other: Self) -> Self {
        Self(self.0 ^ other.0, self.1 ^ other.1)
    }

    /// The fingerprint of a token's value, whatever its type.
    pub(crate) fn of_token(value: &TokenValue) -> Self {
        let fields = value.fields().iter().map(|field| field.as_ref().map(Secret::expose));
        Self::of(&fields.collect::<Vec<_>>())
    }
}

/// A fingerprint is as good as a hash of it, so maps take it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(31) ^ number;
    }
}

impl BuildHasher for AsItIs {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self::default()
    }
}

/// A limit, whose it is, and what a call takes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BudgetKey {
    pub(crate) limit: &'static Limit,
    pub(crate) owner: Fingerprint,
    /// What the call counts as.
    pub(crate) cost: u32,
    /// The token at its provider, whatever the limit; absent where none is shown.
    pub(crate) gate: Option<Fingerprint>,
}

/// What a budget may depend on.
pub(crate) struct Owner<'a> {
    /// The provider, and where it is.
    pub(crate) place: Fingerprint,
    pub(crate) connection: u64,
    /// The token that is shown, and its type; absent where none is.
    pub(crate) token: Option<(Fingerprint, &'static str)>,
    pub(crate) operation: &'static str,
    pub(crate) params: &'a [(&'static str, String)],
}

/// What a call that costs as much needs: a place in each budget, the scarcest first.
///
/// The order is the same for all calls, since it depends on the budgets only: whoever keeps a place of one budget while
/// it waits for the next waits for a later one only, so that no two calls ever wait for each other.
pub(crate) fn budgets_of(limits: &[&'static Limit], cost: u32, owner: &Owner<'_>) -> Arc<[BudgetKey]> {
    let holds = |limit: &Limit| {
        limit.tokens.is_empty()
            || owner
                .token
                .is_some_and(|(_, token_type)| limit.tokens.contains(&token_type))
    };
    if let [limit] = limits
        && holds(limit)
    {
        return Arc::new([BudgetKey::new(limit, cost, owner)]);
    }
    let limits = limits.iter().filter(|limit| holds(limit));
    let mut keys: Vec<_> = limits.map(|limit| BudgetKey::new(limit, cost, owner)).collect();
    if keys.len() > 1 {
        keys.sort_unstable_by_key(|key| (Reverse(period(key.limit)), key.owner));
        keys.dedup_by_key(|key| key.owner);
    }
    keys.into()
}

/// How long one place of a budget is taken, roughly.
fn period(limit: &Limit) -> Duration {
    // Nobody knows how long calls take; a second orders them well enough.
    const CALL: Duration = Duration::from_secs(1);
    let window = match limit.algorithm {
        Algorithm::Concurrency => CALL,
        _ => limit.window,
    };
    window / limit.limit.max(1)
}

impl BudgetKey {
    pub(crate) fn new(limit: &'static Limit, cost: u32, owner: &Owner<'_>) -> Self {
        Self {
            limit,
            owner: Fingerprint::of(&Ours { limit, owner }),
            cost: if limit.counts_cost { cost } else { 1 },
            gate: owner.token.map(|(token, _)| token.and(owner.place)),
        }
    }
}

/// Whatever separates the budgets of a limit.
struct Ours<'a> {
    limit: &'static Limit,
    owner: &'a Owner<'a>,
}

impl Hash for Ours<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { limit, owner } = self;
        (owner.place, limit.name, limit.per.len()).hash(state);
        if limit.per.is_empty() {
            owner.connection.hash(state);
        }
        for per in limit.per {
            match per {
                Per::Token => (0_u8, owner.token.map(|(token, _)| token)).hash(state),
                Per::Operation => (1_u8, owner.operation).hash(state),
                Per::Param(wanted) => {
                    (2_u8, wanted).hash(state);
                    let values = owner.params.iter().filter(|(name, _)| name == wanted);
                    values.for_each(|(_, value)| value.hash(state));
                }
            }
        }
    }
}
