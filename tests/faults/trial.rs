//! One call through one trouble, and all that is checked of it.

use super::draw::Draw;
use super::plan::{End, Harmless, Plan, Trouble};
use super::site::{Site, beside};
use super::watch;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tollgate::{ErrorKind, Method, TokenFault};
use tollgate_mock::{ScriptedFault, Seen};
use tollgate_tests::wire::{Ended, Failed, Made, Shape, Success};

/// How long anything may take on the wall before it counts as a hang.
const HANG: Duration = Duration::from_secs(30);

/// Waits for a call, and not for ever.
pub(crate) async fn ended(call: Ended) -> Result<Result<Success, Failed>, String> {
    let ended = tokio::time::timeout(HANG, call).await;
    ended.map_err(|_| format!("it hangs: nothing came within {HANG:?}"))
}

/// The same where there is no trouble any more. A call in haste is sent again when the machine is slower than it is, and
/// one that finds out that the trouble before has left a connection of no use.
async fn calmly(made: &Made, shape: Shape) -> Result<Result<Success, Failed>, String> {
    const TRIES: usize = 20;
    for _ in 1..TRIES {
        match ended(made.start(shape)).await? {
            Err(failed) if matches!(failed.kind, ErrorKind::Timeout | ErrorKind::Network) => {}
            // Whoever got no token, or no answer of Redis, rests for a while before asking again.
            Err(failed)
                if matches!(
                    failed.kind,
                    ErrorKind::Token(TokenFault::Unavailable) | ErrorKind::Shared
                ) =>
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            result => return Ok(result),
        }
    }
    ended(made.start(shape)).await
}

/// The right values of reads, by provider, call and the way it is made.
type Known = BTreeMap<(&'static str, usize, Shape), Success>;

/// The probes, by provider, token and the names of its limits.
type Chosen = BTreeMap<(&'static str, String, Vec<&'static str>), Option<usize>>;

/// A site on which calls are tried one after the other.
pub(crate) struct Bench {
    pub(crate) provider: &'static str,
    pub(crate) site: Site,
    /// How many tasks are alive when nothing is under way: those of an idle connection.
    pub(crate) idle: usize,
}

impl Bench {
    /// A site that was called once. Its tasks are those of an idle connection from then on.
    pub(crate) async fn new(provider: &'static str, site: Site) -> Result<Self, String> {
        let bench = Self {
            provider,
            site,
            idle: 0,
        };
        let probe = bench.site.calls.iter().find(|call| is_read(call));
        let probe = probe.ok_or("no operation reads anything")?;
        let first = calmly(probe, Shape::One).await?;
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
        let expected = self.expected(at, shape, plan).await?;
        self.site.seen();
        self.begin(plan, made).await;
        let result = ended(made.start(shape)).await;
        self.end(plan).await;
        let result = result?;
        self.judge(plan, made, shape, &result, expected.as_ref())?;
        self.effects(made, shape, &result)?;
        quiet(made, &result)?;
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

    /// The right value of a read, found once for each call. A token that is lost is not shown before.
    async fn expected(&self, at: usize, shape: Shape, plan: &Plan) -> Result<Option<Success>, String> {
        if !is_read(&self.site.calls[at]) || plan.token_is_lost {
            return Ok(None);
        }
        self.undisturbed(at, shape).await.map(Some)
    }

    async fn undisturbed(&self, at: usize, shape: Shape) -> Result<Success, String> {
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        let made = &self.site.calls[at];
        let key = (self.provider, at, shape);
        let known = KNOWN.lock().unwrap().get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let success = calmly(made, shape).await?;
        let success = success.map_err(|failed| format!("without any trouble: {}", failed.display))?;
        KNOWN.lock().unwrap().insert(key, success.clone());
        Ok(success)
    }

    /// The read that shows whether a token is as good as before: of those of its budgets, if there is one, the shortest.
    async fn probe(&self, made: &Made) -> Result<Option<usize>, String> {
        static CHOSEN: LazyLock<Mutex<Chosen>> = LazyLock::new(Mutex::default);
        let limits = |made: &Made| {
            made.spec
                .settings
                .limits
                .iter()
                .map(|limit| limit.name)
                .collect::<Vec<_>>()
        };
        // A token by its type and scopes, whichever value it has.
        let key = (self.provider, kind_of(&made.token), limits(made));
        if let Some(chosen) = CHOSEN.lock().unwrap().get(&key) {
            return Ok(*chosen);
        }
        let reads = self.site.calls.iter().enumerate();
        let reads = reads.filter(|(_, call)| call.token == made.token && is_read(call));
        let (same, others): (Vec<_>, Vec<_>) = reads.partition(|(_, call)| limits(call) == key.2);
        let mut lengths = Vec::new();
        for (at, _) in if same.is_empty() { others } else { same } {
            lengths.push((self.undisturbed(at, Shape::One).await?.printed.len(), at));
        }
        let chosen = lengths.into_iter().min().map(|(_, at)| at);
        CHOSEN.lock().unwrap().insert(key, chosen);
        Ok(chosen)
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
                return if end.is_some_and(|end| plan.ends.contains(&end)) && failed.display.contains(plan.says) {
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
    pub(crate) async fn settled(&self) -> Result<(), String> {
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

    /// The trouble is over: the token is as good as ever, and its budget has all its places.
    async fn goes_on(&self, ends: &[End], token_is_lost: bool, made: &Made) -> Result<(), String> {
        let next = if token_is_lost {
            made
        } else {
            match self.probe(made).await? {
                Some(at) => &self.site.calls[at],
                None => return Ok(()),
            }
        };
        let result = calmly(next, Shape::One).await;
        let result = result.map_err(|hang| format!("afterwards, {hang}"))?;
        quiet(next, &result)?;
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
pub(crate) fn is_read(made: &Made) -> bool {
    made.spec.method == Method::Get && made.spec.idempotent && !made.token.is_empty()
}

/// A token without the number of its value: `channel` of `channel-2`.
fn kind_of(token: &str) -> String {
    token
        .trim_end_matches(|letter: char| letter.is_ascii_digit())
        .to_owned()
}

/// Nobody panicked, and no secret was told.
pub(crate) fn quiet(made: &Made, result: &Result<Success, Failed>) -> Result<(), String> {
    if let Some(panic) = watch::panicked() {
        return Err(format!("a panic: {panic}"));
    }
    let told = match result {
        Ok(success) => &success.printed,
        Err(failed) => &failed.told,
    };
    for (what, told) in [
        ("the call", watch::told(&made.printed)),
        ("the result", watch::told(told)),
        ("the log", watch::logged()),
    ] {
        if let Some(told) = told {
            return Err(format!("{what} tells a secret: {told}"));
        }
    }
    Ok(())
}
