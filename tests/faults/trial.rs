//! One call through one trouble, and all that is checked of it.

use super::draw::Draw;
use super::plan::{End, Harmless, Plan, Trouble};
use super::site::{Site, beside};
use super::watch::{self, Secrets};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tollgate::{ErrorKind, Method};
use tollgate_mock::{ScriptedFault, Seen};
use tollgate_tests::wire::{Ended, Failed, Made, Shape, Success};

/// How long anything may take on the wall before it counts as a hang.
const HANG: Duration = Duration::from_secs(30);

/// Waits for a call, and not for ever.
pub(crate) async fn ended(call: Ended) -> Result<Result<Success, Failed>, String> {
    let ended = tokio::time::timeout(HANG, call).await;
    ended.map_err(|_| format!("it hangs: nothing came within {HANG:?}"))
}

/// The right values of reads, by provider, call and the way it is made.
type Known = BTreeMap<(&'static str, usize, Shape), Success>;

/// A site on which calls are tried one after the other.
pub(crate) struct Bench<'s> {
    pub(crate) provider: &'static str,
    pub(crate) site: Site,
    pub(crate) secrets: &'s Secrets,
    /// How many tasks are alive when nothing is under way: those of an idle connection.
    pub(crate) idle: usize,
}

impl<'s> Bench<'s> {
    /// A site that was called once. Its tasks are those of an idle connection from then on.
    pub(crate) async fn new(provider: &'static str, site: Site, secrets: &'s Secrets) -> Result<Self, String> {
        let bench = Self {
            provider,
            site,
            secrets,
            idle: 0,
        };
        let probe = bench.site.calls.iter().find(|call| is_read(call));
        let probe = probe.ok_or("no operation reads anything")?;
        let first = ended(probe.start(Shape::One)).await?;
        first.map_err(|failed| format!("without any trouble: {}", failed.display))?;
        // Ten milliseconds are enough for whatever ends by itself.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let idle = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        bench.site.seen();
        Ok(Self { idle, ..bench })
    }

    /// Sends a call through a trouble, and says what is wrong with how it went.
    pub(crate) async fn attempt(&self, plan: &Plan, at: usize, draw: &mut Draw) -> Result<(), String> {
        let made = &self.site.calls[at];
        let shape = made.shapes[draw.below(made.shapes.len())];
        let expected = self.undisturbed(at, shape, plan).await?;
        self.site.seen();
        self.begin(plan, made).await;
        let result = ended(made.start(shape)).await;
        self.end(plan).await;
        let result = result?;
        self.judge(plan, made, shape, &result, expected.as_ref())?;
        self.effects(made, shape, &result)?;
        self.quiet(made, &result)?;
        self.goes_on(plan.ends, plan.token_is_lost, made).await?;
        self.settled().await
    }

    async fn begin(&self, plan: &Plan, made: &Made) {
        match &plan.trouble {
            Trouble::Fault(fault, times) => {
                let fault = ScriptedFault::new(made.spec.id, *times, fault.clone());
                self.site.mock.fault(fault).unwrap();
            }
            Trouble::Down => {
                let mock = Arc::clone(&self.site.mock);
                beside(async move { mock.go_down().await }).await;
            }
            Trouble::Clock => {}
        }
    }

    async fn end(&self, plan: &Plan) {
        self.site.mock.clear_faults();
        if matches!(plan.trouble, Trouble::Down) {
            let mock = Arc::clone(&self.site.mock);
            beside(async move { mock.come_back().await }).await.unwrap();
        }
    }

    /// The right value of a read, found once for each call.
    async fn undisturbed(&self, at: usize, shape: Shape, plan: &Plan) -> Result<Option<Success>, String> {
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        let made = &self.site.calls[at];
        if !is_read(made) || plan.token_is_lost {
            return Ok(None);
        }
        let key = (self.provider, at, shape);
        let known = KNOWN.lock().unwrap().get(&key).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let success = ended(made.start(shape)).await?;
        let success = success.map_err(|failed| format!("without any trouble: {}", failed.display))?;
        KNOWN.lock().unwrap().insert(key, success.clone());
        Ok(Some(success))
    }

    /// A right value, or a failure of a sort that the trouble explains.
    fn judge(
        &self,
        plan: &Plan,
        made: &Made,
        shape: Shape,
        result: &Result<Success, Failed>,
        expected: Option<&Success>,
    ) -> Result<(), String> {
        let success = match result {
            Err(failed) => {
                let end = End::of(failed.kind);
                return if end.is_some_and(|end| plan.ends.contains(&end)) {
                    Ok(())
                } else {
                    Err(format!("{:?} is no end for it: {}", failed.kind, failed.display))
                };
            }
            Ok(success) => success,
        };
        let requests = self.site.seen_so_far();
        let spoiled = requests.last().is_none_or(|last| last.fault);
        let bodiless = made.spec.method == Method::Head
            || requests.iter().all(|request| request.status == Some(204))
            || expected.is_some_and(|expected| expected.printed.len() <= 2);
        let may = match plan.harmless {
            Harmless::Always | Harmless::AsJson | Harmless::ByChance => true,
            Harmless::Never => !spoiled,
            Harmless::Bodiless => !spoiled || bodiless || !self.site.is_typed(made.spec.id),
            Harmless::Untyped => !spoiled || !self.site.is_typed(made.spec.id),
        };
        if !may {
            return Err(format!("it succeeds, with {}", success.printed));
        }
        let is_same = match plan.harmless {
            Harmless::Never | Harmless::Always => true,
            Harmless::AsJson => self.site.is_typed(made.spec.id),
            _ => false,
        };
        match expected {
            Some(expected) if is_same && expected != success => Err(format!(
                "its value ({shape:?}) is {}\nand not {}",
                success.printed, expected.printed
            )),
            _ => Ok(()),
        }
    }

    /// A call was dropped while it was under way: the next one goes through.
    pub(crate) async fn left_nothing(&self, made: &Made) -> Result<(), String> {
        self.goes_on(&[], false, made).await?;
        self.settled().await
    }

    /// No task is alive that was not before.
    async fn settled(&self) -> Result<(), String> {
        let settled = watch::settled(self.idle).await;
        settled.map_err(|alive| format!("{alive} tasks are alive, and {} were before", self.idle))
    }

    /// Nothing is done twice, and nothing is asked for more often than the client says and its descriptor allows.
    fn effects(&self, made: &Made, shape: Shape, result: &Result<Success, Failed>) -> Result<(), String> {
        // Requests for short-lived tokens are no calls: a mock of grants counts those.
        let is_call = |seen: &Seen| !seen.operation.as_deref().is_some_and(|name| name.starts_with("token:"));
        let requests: Vec<Seen> = self.site.seen().into_iter().filter(is_call).collect();
        let log = || {
            requests
                .iter()
                .map(|seen| format!("\n    {seen}"))
                .collect::<Vec<_>>()
                .concat()
        };
        let parts = match (shape, result) {
            (Shape::All, Ok(success)) => success.items,
            _ => 1,
        };
        let did = requests.iter().filter(|request| request.effects > 0).count();
        let keyed = made.spec.idempotency_key.is_some();
        if (keyed || !made.spec.idempotent) && did > parts {
            return Err(format!("it was done {did} times:{}", log()));
        }
        // Of a 429 and of a 401 it is known that nothing was done.
        let unsure = |request: &&Seen| !matches!(request.status, Some(401 | 429));
        let unsure = requests.iter().filter(unsure).count();
        // Each page is a request of its own.
        if shape != Shape::Items && !keyed && !made.spec.idempotent && unsure > parts {
            return Err(format!(
                "it was sent {unsure} times, and is not safe to repeat:{}",
                log()
            ));
        }
        let most = made.spec.settings.retry.map_or(1, |retry| retry.max_attempts) as usize;
        if shape == Shape::One && requests.len() > most {
            return Err(format!(
                "{} requests, and {most} attempts are declared:{}",
                requests.len(),
                log()
            ));
        }
        match result {
            Err(failed) if shape == Shape::One && requests.len() > failed.attempts as usize => Err(format!(
                "{} requests, and the error tells of {}:{}",
                requests.len(),
                failed.attempts,
                log()
            )),
            _ => Ok(()),
        }
    }

    /// Nobody panicked, and no secret was told.
    pub(crate) fn quiet(&self, made: &Made, result: &Result<Success, Failed>) -> Result<(), String> {
        if let Some(panic) = watch::panicked() {
            return Err(format!("a panic: {panic}"));
        }
        let told = match result {
            Ok(success) => &success.printed,
            Err(failed) => &failed.told,
        };
        for (what, told) in [
            ("the call", self.secrets.told(&made.printed)),
            ("the result", self.secrets.told(told)),
            ("the log", self.secrets.logged()),
        ] {
            if let Some(told) = told {
                return Err(format!("{what} tells a secret: {told}"));
            }
        }
        Ok(())
    }

    /// The trouble is over: the token is as good as ever, and its budget has all its places.
    async fn goes_on(&self, ends: &[End], token_is_lost: bool, made: &Made) -> Result<(), String> {
        let same = |call: &&Made| call.token == made.token && is_read(call);
        let next = if token_is_lost {
            Some(made)
        } else {
            self.site.calls.iter().find(same)
        };
        let Some(next) = next else {
            return Ok(());
        };
        let result = ended(next.start(Shape::One)).await;
        let result = result.map_err(|hang| format!("afterwards, {hang}"))?;
        self.quiet(next, &result)?;
        match result {
            Err(failed) if token_is_lost && End::of(failed.kind).is_some_and(|end| ends.contains(&end)) => Ok(()),
            Err(failed) if failed.kind == ErrorKind::Wait => {
                Err(format!("afterwards its place was not given back: {}", failed.display))
            }
            Err(failed) => Err(format!("afterwards, `{}` fails: {}", next.spec.id, failed.display)),
            Ok(_) => Ok(()),
        }
    }
}

/// Whether a call does nothing, and gives the same each time.
fn is_read(made: &Made) -> bool {
    made.spec.method == Method::Get && made.spec.idempotent && !made.token.is_empty()
}
