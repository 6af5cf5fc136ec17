//! What it costs to let a call go that nothing holds up: nanoseconds, ours and governor's in alternating rounds.
//!
//! Governor counts when it lets go, and that is all. Tollgate finds out whose budgets a call needs, lets it go, and counts
//! once more when the answer is there; the three are measured apart.

use crate::Failure;
use governor::{Quota, RateLimiter};
use std::{
    hint::black_box,
    num::NonZeroU32,
    time::{Duration, Instant},
};
use tollgate::{Algorithm, Budgets, Limit, OneLimit, Per};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Rounds, of which the median is printed.
    #[arg(long, default_value_t = 401)]
    rounds: usize,
    /// Admissions per round.
    #[arg(long, default_value_t = 500)]
    admissions: u32,
}

/// So much that nobody ever waits.
const PLENTY: u32 = 1_000_000_000;

const SLIDING: Limit = Limit {
    name: "plenty",
    limit: PLENTY,
    window: Duration::from_secs(1),
    per: &[Per::Token],
    ..Limit::DEFAULT
};
const BUCKET: Limit = Limit {
    algorithm: Algorithm::Bucket { burst: PLENTY },
    ..SLIDING
};
const TOGETHER: Limit = Limit {
    algorithm: Algorithm::Concurrency,
    window: Duration::ZERO,
    ..SLIDING
};

/// Nanoseconds of one thing, in each round.
struct Row {
    name: String,
    nanos: Vec<f64>,
}

/// The rows in the order of their first round.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, name: &str, times: u32, taken: Duration) {
        let nanos = taken.as_secs_f64() * 1e9 / f64::from(times);
        match self.0.iter_mut().find(|row| row.name == name) {
            Some(row) => row.nanos.push(nanos),
            None => self.0.push(Row {
                name: name.to_owned(),
                nanos: vec![nanos],
            }),
        }
    }

    fn print(&mut self) {
        println!("| nanoseconds per uncontended call | median | quickest tenth |");
        println!("| --- | --- | --- |");
        for Row { name, nanos } in &mut self.0 {
            nanos.sort_by(f64::total_cmp);
            let at = |part: usize| nanos.get(nanos.len() / part).copied().unwrap_or_default();
            println!("| {name} | {:.0} | {:.0} |", at(2), at(10));
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(rounds(arguments))
}

async fn rounds(arguments: &Arguments) -> Result<(), Failure> {
    let times = arguments.admissions;
    let quota = Quota::per_second(NonZeroU32::new(PLENTY).ok_or("no quota")?);
    let direct = RateLimiter::direct(quota);
    let keyed = RateLimiter::hashmap(quota);
    let token = "a-token-of-this-length".to_owned();
    let mut ours = [("sliding", &SLIDING), ("bucket", &BUCKET), ("concurrency", &TOGETHER)]
        .map(|(name, limit)| (name, OneLimit::new(&Budgets::new(), limit, 1)));
    let mut places = Vec::with_capacity(times as usize);
    let mut rows = Rows::default();
    for _ in 0..arguments.rounds {
        let begin = Instant::now();
        for _ in 0..times {
            black_box(Instant::now());
        }
        rows.add("reading the clock once", times, begin.elapsed());
        let begin = Instant::now();
        for _ in 0..times {
            let _ = black_box(direct.check());
        }
        rows.add("governor, `check()`", times, begin.elapsed());
        let begin = Instant::now();
        for _ in 0..times {
            direct.until_ready().await;
        }
        rows.add("governor, `until_ready()`", times, begin.elapsed());
        let begin = Instant::now();
        for _ in 0..times {
            let _ = black_box(keyed.check_key(&token));
        }
        rows.add("governor, `check_key()` of a text", times, begin.elapsed());
        for (name, one) in &mut ours {
            let begin = Instant::now();
            for _ in 0..times {
                places.extend(one.admit().await);
            }
            rows.add(&format!("tollgate, {name}: let go"), times, begin.elapsed());
            let begin = Instant::now();
            places.drain(..).for_each(tollgate::OnePlace::answer);
            rows.add(&format!("tollgate, {name}: sent and answered"), times, begin.elapsed());
        }
        if let Some((_, one)) = ours.first_mut() {
            let begin = Instant::now();
            for _ in 0..times {
                black_box(&mut *one).find();
            }
            rows.add("tollgate: whose budgets a call needs", times, begin.elapsed());
        }
    }
    rows.print();
    Ok(())
}
