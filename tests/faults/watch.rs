//! What must not happen, whatever the trouble: panics, secrets in any output, tasks that stay.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::io;
use std::panic;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::format::FmtSpan;

/// What the process has printed about itself.
#[derive(Default)]
struct Heard {
    log: Vec<u8>,
    panics: Vec<String>,
}

static HEARD: LazyLock<Mutex<Heard>> = LazyLock::new(Mutex::default);

fn heard() -> MutexGuard<'static, Heard> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        heard().log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to every panic and to every span and event, of all threads.
pub(crate) fn listen() {
    static ONCE: LazyLock<()> = LazyLock::new(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            heard().panics.push(info.to_string());
            before(info);
        }));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(|| Ear)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LazyLock::force(&ONCE);
}

/// A panic of anybody since the process began. Told once.
pub(crate) fn panicked() -> Option<String> {
    let panics = std::mem::take(&mut heard().panics);
    (!panics.is_empty()).then(|| panics.join("\n"))
}

/// Secrets in all their disguises, by the two bytes that they begin with: looking at each place of a text once takes a
/// fraction of the time of looking for one after the other.
struct Secrets {
    known: BTreeSet<String>,
    disguised: Vec<Vec<String>>,
}

/// Of the whole process, since its tests share one log.
static SECRETS: LazyLock<Mutex<Secrets>> = LazyLock::new(|| {
    let (known, disguised) = (BTreeSet::new(), vec![Vec::new(); 1 << 16]);
    Mutex::new(Secrets { known, disguised })
});

/// Adds a secret as it is, percent-encoded, and in Base64 wherever it may begin in a group of three bytes. The number of a
/// test token is left away: what stands before it is as telling, and many times fewer texts to look for.
pub(crate) fn keep_secret(secret: &str) {
    let secret = secret.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-');
    let mut secrets = SECRETS.lock().unwrap();
    if secret.is_empty() || !secrets.known.insert(secret.to_owned()) {
        return;
    }
    secrets.add(secret.to_owned());
    secrets.add(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    let all = secret.bytes().map(|byte| format!("%{byte:02X}"));
    let all = all.collect::<Vec<_>>().concat();
    secrets.add(all.to_lowercase());
    secrets.add(all);
    for shift in 0..3 {
        let shifted = [&b"\0\0\0"[..shift], secret.as_bytes()].concat();
        let encoded = STANDARD.encode(&shifted);
        // What the bytes around it would change is left out.
        let (start, end) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
        secrets.add(encoded[start..end].to_owned());
    }
}

impl Secrets {
    fn add(&mut self, disguised: String) {
        let begins = pair(disguised.as_bytes()[0], disguised.as_bytes()[1]);
        let alike = &mut self.disguised[begins];
        if !alike.contains(&disguised) {
            alike.push(disguised);
        }
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// Where a text tells a secret.
pub(crate) fn told(text: &str) -> Option<String> {
    let secrets = SECRETS.lock().unwrap();
    let bytes = text.as_bytes();
    for at in 1..bytes.len() {
        let alike = &secrets.disguised[pair(bytes[at - 1], bytes[at])];
        if alike.is_empty() {
            continue;
        }
        let rest = &bytes[at - 1..];
        if let Some(secret) = alike.iter().find(|secret| rest.starts_with(secret.as_bytes())) {
            let start = text[..at - 1]
                .char_indices()
                .rev()
                .nth(400)
                .map_or(0, |(start, _)| start);
            return Some(text[start..at - 1 + secret.len()].to_owned());
        }
    }
    None
}

/// Where the log tells one of them, of what was logged since the last time.
pub(crate) fn logged() -> Option<String> {
    let log = std::mem::take(&mut heard().log);
    told(&String::from_utf8_lossy(&log))
}

/// Waits until no more tasks are alive in this runtime than there were, and says how many are if that does not come to be.
pub(crate) async fn settled(baseline: usize) -> Result<(), usize> {
    let metrics = tokio::runtime::Handle::current().metrics();
    let began = Instant::now();
    loop {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        let alive = metrics.num_alive_tasks();
        if alive <= baseline {
            return Ok(());
        }
        if began.elapsed() > Duration::from_secs(10) {
            return Err(alive);
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}

#[test]
fn a_secret_would_be_found_in_every_disguise() {
    keep_secret("test-disguise/a-7");
    for text in [
        "test-disguise/a-9",
        "b=test-disguise%2Fa-8&c",
        "%74%65%73%74%2d%64%69%73%67%75%69%73%65%2f%61",
    ] {
        assert!(told(text).is_some(), "{text}");
    }
    for name in ["", "a", "ab", "abc:", "abcde"] {
        let login = STANDARD.encode(format!("{name}test-disguise/a-7{name}"));
        assert!(told(&login).is_some(), "{login}");
    }
    assert_eq!(told("a test of a disguise, dGVzdC1kaXNn, test-"), None);
    assert_eq!(told("\u{e9}test-disguise/a").as_deref(), Some("\u{e9}test-disguise/a"));
}
