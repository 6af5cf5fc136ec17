//! Every provider through every trouble.

use super::clock::Jumping;
use super::draw::{Draw, is_wanted, seed};
use super::plan::{Plan, Trouble, plans};
use super::site::{Site, Wishes};
use super::trial::Bench;
use super::watch;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use tollgate_tests::wire::PROVIDERS;

/// They wait more than they work.
const WORKERS: usize = 6;
/// What is tried at least, of all providers together.
const FLOOR: usize = 4000;

/// Another host, and how many came there.
struct Elsewhere {
    address: String,
    came: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let came = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&came);
        thread::spawn(move || {
            for _ in listener.incoming() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { address, came }
    }
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Trials by kind of trouble, and by provider.
    tried: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    failures: Vec<String>,
}

impl Outcome {
    pub(crate) fn tried(&mut self, kind: &'static str, provider: &'static str) {
        *self.tried.entry(kind).or_default().entry(provider).or_default() += 1;
    }

    pub(crate) fn failed(&mut self, how: &str) {
        self.failures.push(how.to_owned());
    }
}

#[test]
fn no_trouble_breaks_a_promise() {
    watch::listen();
    let seed = seed();
    println!("TOLLGATE_FAULTS_SEED={seed}");
    let elsewhere = Elsewhere::listen();
    let plans = plans(seed, &elsewhere.address);
    let batches = batches(&plans);
    let jobs = PROVIDERS
        .iter()
        .flat_map(|(provider, _)| batches.iter().map(move |batch| (*provider, batch)));
    let jobs: Mutex<VecDeque<_>> = Mutex::new(jobs.collect());
    let outcome = Mutex::new(Outcome::default());
    thread::scope(|scope| {
        // They wait for real windows, and leave the machine to the others meanwhile.
        #[cfg(feature = "redis")]
        for lane in super::redis::lanes() {
            let outcome = &outcome;
            scope.spawn(move || lane.run(seed, outcome));
        }
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((provider, batch)) = { jobs.lock().unwrap().pop_front() } {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    runtime.block_on(job(provider, batch, seed, &outcome));
                }
            });
        }
    });
    let Outcome { tried, failures } = outcome.into_inner().unwrap();
    println!("{}", table(&tried));
    assert_eq!(
        elsewhere.came.load(Ordering::Relaxed),
        0,
        "redirects were followed to another host"
    );
    let shown: Vec<_> = failures.iter().take(12).map(String::as_str).collect();
    assert!(
        failures.is_empty(),
        "{} failures, of which:\n\n{}",
        failures.len(),
        shown.join("\n\n")
    );
    let count: usize = tried.values().flat_map(BTreeMap::values).sum();
    if std::env::var_os("TOLLGATE_FAULTS_ONLY").is_none() {
        assert!(count >= FLOOR, "only {count} were tried");
        for (provider, _) in PROVIDERS {
            assert!(
                tried.values().all(|by| by.contains_key(provider)),
                "{provider} was not tried with everything"
            );
        }
    }
}

/// Plans that one site serves one after the other. It takes a while to make the calls of a provider.
fn batches(plans: &[Plan]) -> Vec<Vec<&Plan>> {
    const LONGEST: usize = 12;
    let mut batches: Vec<Vec<&Plan>> = Vec::new();
    let alike = |one: &Plan, other: &Plan| {
        one.timeout == other.timeout
            && !one.token_is_lost
            && !other.token_is_lost
            && !matches!(one.trouble, Trouble::Clock)
            && !matches!(other.trouble, Trouble::Clock)
    };
    for plan in plans {
        let batch = batches
            .iter_mut()
            .find(|batch| batch.len() < LONGEST && batch.iter().all(|other| alike(other, plan)));
        match batch {
            Some(batch) => batch.push(plan),
            None => batches.push(vec![plan]),
        }
    }
    batches
}

async fn job(provider: &'static str, batch: &[&Plan], seed: u64, outcome: &Mutex<Outcome>) {
    let name = |plan: &Plan| format!("{provider}, {}: {}", plan.kind, plan.name);
    let first = batch[0];
    let mut wishes = Wishes::new(Draw::new(seed, &name(first)));
    wishes.own_values = first.token_is_lost;
    wishes.timeout = first.timeout;
    if matches!(first.trouble, Trouble::Clock) {
        wishes.clock = Some(Arc::new(Jumping::new(wishes.draw.clone())));
    }
    let site = Site::open(provider, wishes).await;
    let bench = match Bench::new(provider, site).await {
        Ok(bench) => bench,
        Err(wrong) => {
            outcome.lock().unwrap().failed(&format!("{}: {wrong}", name(first)));
            return;
        }
    };
    for plan in batch {
        let name = name(plan);
        let mut draw = Draw::new(seed, &name);
        let mut calls: Vec<usize> = (0..bench.site.calls.len()).collect();
        // What nobody has to show a token for is not lost with it.
        calls.retain(|at| !plan.token_is_lost || !bench.site.calls[*at].token.is_empty());
        // Each jump ends a short-lived token, and a provider that gives ten a day, as its own clock counts, gives no more.
        let granted: Vec<_> = bench
            .site
            .model
            .tokens
            .iter()
            .filter(|token| token.grant.is_some())
            .collect();
        let is_granted = |label: &str| {
            granted
                .iter()
                .any(|token| label.starts_with(&format!("{}-", token.name)))
        };
        calls.retain(|at| plan.kind != "clock" || !is_granted(&bench.site.calls[*at].token));
        draw.shuffle(&mut calls);
        let wanted = |at: &usize| is_wanted(&format!("{name}, {}", bench.site.calls[*at].spec.id));
        for at in calls.into_iter().take(plan.share).filter(wanted) {
            let result = bench.attempt(plan, at, &mut draw).await;
            let outcome = &mut *outcome.lock().unwrap();
            outcome.tried(plan.kind, provider);
            if let Err(wrong) = result {
                let made = &bench.site.calls[at];
                outcome.failed(&format!("{name}, {} with {:?}: {wrong}", made.spec.id, made.token));
            }
        }
    }
}

/// How many were tried.
fn table(tried: &BTreeMap<&'static str, BTreeMap<&'static str, usize>>) -> String {
    let mut text = format!("{:<22}", "faults tried");
    // A `String` takes whatever is written to it.
    for (provider, _) in PROVIDERS {
        let _ = write!(text, "{provider:>14}");
    }
    let mut all = vec![0; PROVIDERS.len()];
    for (kind, by_provider) in tried {
        let _ = write!(text, "\n{kind:<22}");
        for ((provider, _), all) in PROVIDERS.iter().zip(&mut all) {
            let count = by_provider.get(provider).copied().unwrap_or_default();
            *all += count;
            let _ = write!(text, "{count:>14}");
        }
    }
    let _ = write!(text, "\n{:<22}", "all");
    for count in &all {
        let _ = write!(text, "{count:>14}");
    }
    let _ = write!(text, "\n{} in all", all.iter().sum::<usize>());
    text
}
