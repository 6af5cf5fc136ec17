//! Cassettes: exchanges that were recorded once, and are played back without a network.

mod hide;
mod name;

use super::{Exchange, HttpReply, HttpRequest, Transport, TransportError};
use crate::{Budgets, Credential, Headers, ProcessStore};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hide::{Hidden, fits};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The only one so far.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    cassette: u32,
    exchanges: Vec<Recorded>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Recorded {
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<Body>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Base64(String),
}

impl Body {
    fn new(bytes: &[u8], hidden: &Hidden) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        Some(match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(hidden.body(text)),
            Err(_) => Self::Base64(STANDARD.encode(hidden.bytes(bytes))),
        })
    }

    fn hide(&mut self, hidden: &Hidden) {
        if let Some(hidden) = Self::new(&self.bytes(), hidden) {
            *self = hidden;
        }
    }

    fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::from(text.clone()),
            Self::Base64(text) => Bytes::from(STANDARD.decode(text).unwrap_or_default()),
        }
    }

    fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(pattern), Self::Text(text)) => fits(pattern, text),
            (one, other) => one == other,
        }
    }
}

/// Sends requests by another transport, and writes what was asked and answered into a file, without secrets.
///
/// Headers that carry a token are not written at all. What a token's fields hold is taken out wherever it stands, and so is
/// what JSON, a form, a query or a header calls a secret, however the name is written: `clientSecret`, `x-api-key`. Look at
/// the file before it is shared all the same: what else is private in an answer stays there.
///
/// It has short-lived tokens of its own, so that asking for them is in the cassette. A
/// [`token_store`](crate::ConnectionBuilder::token_store) may hold one from before: record without.
pub struct RecordingTransport<X> {
    inner: Arc<X>,
    tokens: ProcessStore,
    tape: Arc<Tape>,
}

struct Tape {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hidden: Hidden,
    hides: bool,
    exchanges: Vec<Recorded>,
}

impl<X: Transport> RecordingTransport<X> {
    /// Records what `inner` does into a file, which is written anew.
    pub fn new(inner: X, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            inner: Arc::new(inner),
            tokens: ProcessStore::new(),
            tape: Arc::new(Tape {
                path,
                state: Mutex::default(),
            }),
        }
    }

    /// Takes the fields of this token out of everything, and the values of the query parameters that carry it. Each token
    /// that the connection shows must be named; [`Anonymous`](crate::Anonymous) where it shows none.
    #[must_use]
    pub fn hiding<T: Credential>(self, token: &T) -> Self {
        let mut state = self.tape.state();
        state.hidden.token(token.value(), &T::SPEC.scheme);
        state.hides = true;
        drop(state);
        self
    }
}

impl Tape {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, request: &HttpRequest, reply: &HttpReply) -> io::Result<()> {
        let mut state = self.state();
        let State { hidden, exchanges, .. } = &mut *state;
        let known = hidden.count();
        for (_, value) in request.secret_headers.iter() {
            hidden.header(value);
        }
        for (name, value) in reply.headers.iter() {
            hidden.learn_named(name, value);
        }
        for (name, value) in request.query() {
            hidden.learn_named(&name, &value);
        }
        hidden.learn(&request.body);
        hidden.learn(&reply.body);
        // What turns out to be a secret now may have come in an earlier answer, under a name of the provider's own.
        if hidden.count() > known {
            for earlier in exchanges.iter_mut() {
                earlier.hide(hidden);
            }
        }
        exchanges.push(recorded(request, reply, hidden));
        let file = File {
            cassette: VERSION,
            exchanges: state.exchanges.clone(),
        };
        let text = serde_json::to_string_pretty(&file)?;
        // Nobody reads half of it.
        let new = self.path.with_extension("new");
        fs::write(&new, text + "\n")?;
        fs::rename(&new, &self.path)
    }
}

fn recorded(request: &HttpRequest, reply: &HttpReply, hidden: &Hidden) -> Recorded {
    let private = ["set-cookie", "authorization", "www-authenticate"];
    let headers = reply.headers.iter();
    let headers = headers.filter(|(name, _)| !private.iter().any(|other| name.eq_ignore_ascii_case(other)));
    Recorded {
        status: reply.status,
        headers: headers
            .map(|(name, value)| (name.to_owned(), hidden.text(value)))
            .collect(),
        reply: Body::new(&reply.body, hidden),
        ..asked(request, hidden)
    }
}

/// What a request is known by.
fn asked(request: &HttpRequest, hidden: &Hidden) -> Recorded {
    let mut query: Vec<(String, String)> = request.query();
    query.sort();
    for (name, value) in &mut query {
        *value = hidden.query(name, value);
    }
    Recorded {
        method: request.method.as_str().to_owned(),
        path: hidden.text(request.path()),
        query,
        body: Body::new(&request.body, hidden),
        status: 0,
        headers: Vec::new(),
        reply: None,
    }
}

impl<X: Transport> Transport for RecordingTransport<X> {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        if !self.tape.state().hides {
            return Box::pin(async {
                Err(TransportError::refused(
                    "nothing is recorded before it is known what to hide; help: name each token with `.hiding(&token)`",
                ))
            });
        }
        let (inner, tape) = (Arc::clone(&self.inner), Arc::clone(&self.tape));
        Box::pin(async move {
            let reply = inner.exchange(request.clone()).await?;
            let written = tape.record(&request, &reply);
            written.map_err(|error| {
                let path = tape.path.display();
                TransportError::refused(format!("the cassette `{path}` cannot be written: {error}"))
            })?;
            Ok(reply)
        })
    }

    fn budgets(&self) -> Budgets {
        self.inner.budgets()
    }

    fn tokens(&self) -> ProcessStore {
        self.tokens.clone()
    }
}

impl<X> fmt::Debug for RecordingTransport<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTransport")
            .field("path", &self.tape.path)
            .finish_non_exhaustive()
    }
}

/// Answers from a cassette, without a network. It has budgets and short-lived tokens of its own.
///
/// Each exchange is played once, in the order of the recording among those that fit. A request fits by its method, path,
/// query and body; what was hidden fits anything. Idempotency keys and nonces differ from run to run: pass a
/// [`Randomness`](crate::Randomness) that does not, for the recording as for the replay.
pub struct ReplayTransport {
    path: PathBuf,
    budgets: Budgets,
    tokens: ProcessStore,
    exchanges: Mutex<Vec<(Recorded, bool)>>,
}

impl ReplayTransport {
    /// Reads a cassette.
    ///
    /// # Errors
    /// There is no such file, or it is no cassette.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let invalid = |why: String| {
            let message = format!("`{}` is no cassette: {why}; help: record it anew", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        let file: File =
            serde_json::from_str(&fs::read_to_string(path)?).map_err(|error| invalid(error.to_string()))?;
        if file.cassette != VERSION {
            return Err(invalid(format!("its version is {}", file.cassette)));
        }
        Ok(Self {
            path: path.to_owned(),
            budgets: Budgets::new(),
            tokens: ProcessStore::new(),
            exchanges: Mutex::new(file.exchanges.into_iter().map(|recorded| (recorded, false)).collect()),
        })
    }

    /// How many of its exchanges have not been asked for.
    #[must_use]
    pub fn left(&self) -> usize {
        self.exchanges().iter().filter(|(_, played)| !played).count()
    }

    fn exchanges(&self) -> MutexGuard<'_, Vec<(Recorded, bool)>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn play(&self, request: &HttpRequest) -> Result<HttpReply, TransportError> {
        let asked = asked(request, &Hidden::default());
        let mut exchanges = self.exchanges();
        let known = exchanges.iter().filter(|(recorded, _)| recorded.fits(&asked)).count();
        if let Some((recorded, played)) = exchanges
            .iter_mut()
            .find(|(recorded, played)| !played && recorded.fits(&asked))
        {
            *played = true;
            return Ok(HttpReply {
                status: recorded.status,
                headers: recorded.headers.iter().cloned().collect::<Headers>(),
                body: recorded.reply.as_ref().map(Body::bytes).unwrap_or_default(),
            });
        }
        let (path, method, template) = (self.path.display(), asked.method, request.template);
        let problem = match known {
            0 => "has no recording of".to_owned(),
            1 => "has played its only recording of".to_owned(),
            count => format!("has played all {count} recordings of"),
        };
        let help = "help: record it anew; a body or a query that differs from run to run fits no recording";
        let message = format!("the cassette `{path}` {problem} `{method} {template}` as it is asked; {help}");
        Err(TransportError::refused(message))
    }
}

impl Recorded {
    /// Takes out what was not known to be a secret when it was recorded.
    fn hide(&mut self, hidden: &Hidden) {
        self.path = hidden.text(&self.path);
        for (name, value) in &mut self.query {
            *value = hidden.query(name, value);
        }
        for (_, value) in &mut self.headers {
            *value = hidden.text(value);
        }
        for body in self.body.iter_mut().chain(&mut self.reply) {
            body.hide(hidden);
        }
    }

    fn fits(&self, asked: &Self) -> bool {
        let pairs = self.query.iter().zip(&asked.query);
        let same =
            |((name, value), (other, text)): (&(String, String), &(String, String))| name == other && fits(value, text);
        let bodies = match (&self.body, &asked.body) {
            (Some(recorded), Some(asked)) => recorded.fits(asked),
            (None, None) => true,
            _ => false,
        };
        self.method == asked.method
            && fits(&self.path, &asked.path)
            && self.query.len() == asked.query.len()
            && pairs.into_iter().all(same)
            && bodies
    }
}

impl Transport for ReplayTransport {
    fn exchange(&self, request: HttpRequest) -> Exchange {
        let reply = self.play(&request);
        Box::pin(async move { reply })
    }

    fn budgets(&self) -> Budgets {
        self.budgets.clone()
    }

    fn tokens(&self) -> ProcessStore {
        self.tokens.clone()
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayTransport")
            .field("path", &self.path)
            .field("left", &self.left())
            .finish_non_exhaustive()
    }
}
