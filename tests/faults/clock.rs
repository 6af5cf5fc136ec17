//! Clocks on which minutes of waiting pass in no time, and clocks that jump.

use super::draw::Draw;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tollgate::{Clock, Sleep, Timestamp};

/// How many times faster than on the wall time passes, for clients and mocks alike.
pub(crate) const PACE: f64 = 200.0;

/// A clock that is as fast as the mocks are.
pub(crate) struct Swift {
    began: Instant,
    wall: Timestamp,
}

impl Swift {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            wall: Timestamp::now(),
        }
    }

    fn age(&self) -> Duration {
        self.began.elapsed().mul_f64(PACE)
    }
}

impl Clock for Swift {
    fn now(&self) -> Instant {
        self.began + self.age()
    }

    fn wall(&self) -> Timestamp {
        self.wall + self.age()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration.div_f64(PACE)))
    }
}

/// A clock that is set back and forth by hours whenever it is looked at, and whose time that never goes back jumps ahead
/// now and then, as on a machine that slept.
pub(crate) struct Jumping {
    swift: Swift,
    state: Mutex<(Draw, Duration)>,
}

impl Jumping {
    pub(crate) fn new(draw: Draw) -> Self {
        Self {
            swift: Swift::new(),
            state: Mutex::new((draw, Duration::ZERO)),
        }
    }
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        let (draw, ahead) = &mut *self.state.lock().unwrap();
        if draw.below(6) == 0 {
            *ahead += Duration::from_secs(draw.bits() % 20_000);
        }
        self.swift.now() + *ahead
    }

    fn wall(&self) -> Timestamp {
        let (draw, _) = &mut *self.state.lock().unwrap();
        let hours = Duration::from_secs(draw.bits() % 100_000);
        if draw.below(2) == 0 {
            self.swift.wall() + hours
        } else {
            self.swift.wall() - hours
        }
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.swift.sleep(duration)
    }
}
