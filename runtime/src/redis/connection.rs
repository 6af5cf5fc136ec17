//! One connection to the server, and what is known of it.
//!
//! The connection is kept together with the identity of the server's process at its other end. Whatever is asked over it
//! is asked of a server that remembers what it was told under this identity, or else is recognised as one that does not: a
//! restarted server and a promoted replica have another. A manager that reconnects behind our back could not tell.

use crate::Secret;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, ScriptInvocation, aio::MultiplexedConnection,
};
use std::{
    error::Error,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// After a failure, nobody asks for so long; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A connection, and the identity of who is at its other end.
#[derive(Clone)]
struct Live {
    connection: MultiplexedConnection,
    run: Arc<str>,
}

/// What the server is asked.
pub(crate) enum Question {
    Command(Cmd),
    Script(ScriptInvocation<'static>),
}

impl Question {
    async fn put<T: FromRedisValue>(self, mut live: Live) -> Result<T, RedisError> {
        match self {
            Self::Command(command) => command.query_async(&mut live.connection).await,
            Self::Script(script) => script.invoke_async(&mut live.connection).await,
        }
    }
}

/// Why there is no answer. It holds no address and no argument.
#[derive(Clone, Debug)]
pub(crate) struct Away {
    pub(crate) why: Arc<str>,
    /// When it was noticed first.
    pub(crate) since: Instant,
    /// Whether the question may have come through.
    pub(crate) was_asked: bool,
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis is away: {}", self.why)
    }
}

pub(crate) struct Server {
    client: Client,
    answer_within: Duration,
    connecting: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    live: Option<Live>,
    away: Option<Failing>,
}

struct Failing {
    away: Away,
    pause: Duration,
    ask_at: Instant,
}

impl Server {
    pub(crate) fn new(url: &Secret, answer_within: Duration) -> Result<Self, String> {
        #[cfg(feature = "redis-tls")]
        // Whoever was first is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The crate's own words may quote the URL.
        let client = Client::open(url.expose())
            .map_err(|_| "the URL is not one of Redis; give `redis://host:port`".to_owned())?;
        Ok(Self {
            client,
            answer_within,
            connecting: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// Asks something, within the time that an answer may take, connecting before if need be.
    ///
    /// The question is made for the server of this identity. A connection that turns out to be broken is replaced, and it
    /// is asked once more: what is asked must bear that.
    pub(crate) async fn ask<T: FromRedisValue>(&self, question: impl Fn(&str) -> Question) -> Result<T, Away> {
        self.rests()?;
        let asked = timeout(self.answer_within, async {
            let live = self.live().await?;
            let run = Arc::clone(&live.run);
            match question(&run).put(live).await {
                Err(error) if error.is_unrecoverable_error() && !error.is_timeout() => {
                    self.forget(&run);
                    let live = self.live().await?;
                    question(&live.run.clone()).put(live).await
                }
                answer => answer,
            }
        });
        match asked.await {
            Ok(Ok(answer)) => {
                self.state().away = None;
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.failed(&why(&error))),
            Err(_) => Err(self.failed(&format!("no answer within {:?}", self.answer_within))),
        }
    }

    /// Whether it failed so lately that nobody asks.
    fn rests(&self) -> Result<(), Away> {
        match &self.state().away {
            Some(failing) if Instant::now() < failing.ask_at => Err(Away {
                was_asked: false,
                ..failing.away.clone()
            }),
            _ => Ok(()),
        }
    }

    async fn live(&self) -> Result<Live, RedisError> {
        if let Some(live) = &self.state().live {
            return Ok(live.clone());
        }
        let _only = self.connecting.lock().await;
        if let Some(live) = &self.state().live {
            return Ok(live.clone());
        }
        // Who asks bounds the time.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let run = identity(&mut connection).await?;
        let live = Live { connection, run };
        self.state().live = Some(live.clone());
        Ok(live)
    }

    fn forget(&self, run: &str) {
        let mut state = self.state();
        if state.live.as_ref().is_some_and(|live| *live.run == *run) {
            state.live = None;
        }
    }

    fn failed(&self, why: &str) -> Away {
        let now = Instant::now();
        let mut state = self.state();
        // What a late answer would answer, nobody waits for any more.
        state.live = None;
        let (since, pause) = match &state.away {
            Some(failing) => (failing.away.since, (failing.pause * 2).min(LONGEST_PAUSE)),
            None => (now, FIRST_PAUSE),
        };
        if state.away.is_none() {
            tracing::warn!(target: "tollgate::redis", why, "Redis is away");
        }
        let away = Away {
            why: why.into(),
            since,
            was_asked: true,
        };
        state.away = Some(Failing {
            away: away.clone(),
            pause,
            ask_at: now + pause,
        });
        away
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The identity of the server's process. One that does not tell is taken for the same for ever.
async fn identity(connection: &mut MultiplexedConnection) -> Result<Arc<str>, RedisError> {
    let info: String = match redis::cmd("INFO").query_async(connection).await {
        Ok(info) => info,
        Err(error) if error.is_unrecoverable_error() => return Err(error),
        Err(error) => {
            let why = why(&error);
            tracing::warn!(
                target: "tollgate::redis",
                why,
                "Redis does not say who it is; a lost log is noticed only when it is empty"
            );
            return Ok("unknown".into());
        }
    };
    let field = |name: &str| {
        let mut lines = info.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    };
    if field("maxmemory").is_some_and(|most| most != "0")
        && let Some(policy) = field("maxmemory_policy").filter(|policy| *policy != "noeviction")
    {
        tracing::warn!(
            target: "tollgate::redis",
            policy,
            "Redis may evict what limits are kept by; set `maxmemory-policy noeviction`"
        );
    }
    Ok(field("run_id").unwrap_or("unknown").into())
}

fn why(error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("it answers `{code}`"),
        None if error.is_connection_refusal() => "the connection is refused".to_owned(),
        None if error.is_connection_dropped() => "the connection broke".to_owned(),
        None => system(error).map_or_else(|| error.category().to_owned(), io::Error::to_string),
    }
}

/// What the system or TLS says, which is never the URL.
fn system(error: &RedisError) -> Option<&io::Error> {
    let cause = error.source()?.downcast_ref::<Arc<dyn Error + Send + Sync>>()?;
    cause.downcast_ref()
}
