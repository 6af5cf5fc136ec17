//! Chance from a fixed seed.

use std::sync::Mutex;
use tollgate::Randomness;

/// The generator of Steele, Lea and Flood: small, and the same everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    /// The draw of a thing, which no other thing's draw changes.
    pub(crate) fn new(seed: u64, thing: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Self(thing.bytes().fold(seed ^ 0xCBF2_9CE4_8422_2325, mix))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit.max(1) as u64).unwrap_or_default()
    }

    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            let other = self.below(at + 1);
            things.swap(at, other);
        }
    }
}

/// Jitter and keys from a fixed seed.
pub(crate) struct Chance(Mutex<Draw>);

impl Chance {
    pub(crate) fn new(draw: Draw) -> Self {
        Self(Mutex::new(draw))
    }
}

impl Randomness for Chance {
    fn draw(&self) -> u64 {
        self.0.lock().unwrap().bits()
    }
}

/// The seed of this run, which is said, so that it can be run again.
pub(crate) fn seed() -> u64 {
    const SEED: u64 = 20_261_122;
    let said = std::env::var("TOLLGATE_FAULTS_SEED").ok();
    said.map_or(SEED, |said| said.parse().expect("TOLLGATE_FAULTS_SEED is a number"))
}

/// Whether a name is among those that are to run.
pub(crate) fn is_wanted(name: &str) -> bool {
    std::env::var("TOLLGATE_FAULTS_ONLY").map_or(true, |only| name.contains(&only))
}
