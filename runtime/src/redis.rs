//! What machines share through Redis or Valkey: limits, and short-lived tokens.

mod connection;
mod keys;
mod tokens;

pub(crate) use connection::{Away, Question, Server};
pub(crate) use keys::Keys;

use crate::{Secret, limit::shared::SharedLimits};
use std::{error, fmt, sync::Arc, time::Duration};

/// A Redis or Valkey server, as what several processes and machines have in common.
///
/// Give it to [`ConnectionBuilder::shared_limits`](crate::ConnectionBuilder::shared_limits), and all connections with the
/// same server, key and prefix keep the declared limits together. Clones are the same.
///
/// ```no_run
/// # async fn shared() -> Result<(), tollgate::RedisError> {
/// let key = std::env::var("TOLLGATE_REDIS_KEY").unwrap_or_default();
/// let redis = tollgate::Redis::connect("redis://127.0.0.1:6379", key).await?;
/// # Ok(())
/// # }
/// ```
///
/// # What is in it
///
/// Names of keys are keyed hashes, so that neither tokens nor parameters can be read or guessed from them, and all of them
/// expire. The key from which they are made is a secret of the caller's: at least 16 bytes, the same in all processes, and
/// never stored. Another key is another set of limits.
///
/// It is a [`TokenStore`](crate::TokenStore), too: short-lived tokens are kept in it encrypted, and one process at a time
/// asks for a new one.
#[derive(Clone)]
pub struct Redis(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) server: Server,
    pub(crate) keys: Keys,
    pub(crate) prefix: String,
    pub(crate) limits: SharedLimits,
}

/// What a connection does while Redis is away: not there, or slower than
/// [`answer_within`](RedisBuilder::answer_within).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WhenAway {
    /// A call that a limit concerns is an error, [`ErrorKind::Shared`](crate::ErrorKind::Shared). Nothing is sent.
    Refuse,
    /// The process limits itself, to this share of every limit. Give `1.0 / processes`, and no limit is broken.
    ///
    /// It begins one window after Redis was lost, since nobody knows who used up the window before.
    Local {
        /// More than 0, at most 1.
        share: f64,
    },
}

/// Makes a [`Redis`].
#[must_use = "a builder does nothing until it builds"]
pub struct RedisBuilder {
    url: Secret,
    key: Secret,
    prefix: String,
    answer_within: Duration,
    when_away: WhenAway,
    batch: usize,
}

/// Why there is no [`Redis`]. It never shows the URL, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisError(String);

impl fmt::Display for RedisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for RedisError {}

impl Redis {
    /// The server at `url`, with the defaults, once it has answered.
    pub async fn connect(url: impl Into<Secret>, key: impl Into<Secret>) -> Result<Self, RedisError> {
        Self::builder(url, key).connect().await
    }

    /// The server at `url`: `redis://[[user]:password@]host[:port][/database]`, with the feature `redis-tls` also
    /// `rediss://`. `key` is what names of keys and the encryption of tokens are made from.
    pub fn builder(url: impl Into<Secret>, key: impl Into<Secret>) -> RedisBuilder {
        RedisBuilder {
            url: url.into(),
            key: key.into(),
            prefix: "tollgate".to_owned(),
            answer_within: Duration::from_millis(500),
            when_away: WhenAway::Refuse,
            batch: 256,
        }
    }

    /// Says that nothing was sent lately, by anybody, so that an empty server is not a lost log.
    ///
    /// When the server's memory is empty, nobody knows what was sent in the last window, and every budget waits for one.
    /// That is a second for most limits, and a day for "ten a day". Whoever sets up a new server, and knows, says it here.
    pub async fn declare_unused(&self) -> Result<(), RedisError> {
        let generation = self.0.generation();
        let declared = self.0.server.ask::<()>(|run| {
            let mut command = ::redis::cmd("HSET");
            command.arg(generation.as_str()).arg("run").arg(run).arg("born").arg(0);
            Question::Command(command)
        });
        declared.await.map_err(|away| RedisError(away.to_string()))
    }
}

impl Shared {
    /// The key that says whether the server remembers.
    pub(crate) fn generation(&self) -> String {
        // In one slot with the budgets, so that a cluster can run the script.
        format!("{}:{{{}}}:generation", self.prefix, self.keys.slot())
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.0.prefix)
            .finish_non_exhaustive()
    }
}

impl RedisBuilder {
    /// What all keys begin with, instead of `tollgate`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long Redis may take for an answer, or to be connected to, before it counts as away; half a second if nobody
    /// says.
    pub fn answer_within(mut self, within: Duration) -> Self {
        self.answer_within = within;
        self
    }

    /// What to do while Redis is away, instead of [`WhenAway::Refuse`].
    pub fn when_away(mut self, when_away: WhenAway) -> Self {
        self.when_away = when_away;
        self
    }

    /// For how many calls one question asks at most, instead of 256: the more, the less each costs, and the longer others
    /// wait for the server meanwhile.
    pub fn batch(mut self, most: usize) -> Self {
        self.batch = most.max(1);
        self
    }

    /// The server. Nothing is sent: the first call connects.
    pub fn build(self) -> Result<Redis, RedisError> {
        if let WhenAway::Local { share } = self.when_away
            && !(share > 0.0 && share <= 1.0)
        {
            return Err(RedisError(format!(
                "a share of `{share}` is not more than 0 and at most 1; give `1.0 / processes`"
            )));
        }
        let keys = Keys::new(&self.key).ok_or_else(|| {
            RedisError("the key has fewer than 16 bytes; give a secret that all processes have in common".to_owned())
        })?;
        Ok(Redis(Arc::new(Shared {
            server: Server::new(&self.url, self.answer_within).map_err(RedisError)?,
            keys,
            prefix: self.prefix,
            limits: SharedLimits::new(self.when_away, self.batch),
        })))
    }

    /// The server, once it has answered.
    pub async fn connect(self) -> Result<Redis, RedisError> {
        let redis = self.build()?;
        let answered = redis.0.server.ask::<()>(|_| Question::Command(::redis::cmd("PING")));
        match answered.await {
            Ok(()) => Ok(redis),
            Err(away) => Err(RedisError(away.to_string())),
        }
    }
}

impl fmt::Debug for RedisBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBuilder")
            .field("prefix", &self.prefix)
            .field("answer_within", &self.answer_within)
            .field("when_away", &self.when_away)
            .finish_non_exhaustive()
    }
}
