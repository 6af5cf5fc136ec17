//! Answers that go wrong on their way: written byte by byte, past the HTTP library, which would not write them.

use super::scramble::scrambled;
use crate::reply::Reply;
use bytes::Bytes;
use std::fmt::{self, Write as _};
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;

/// What happens to an answer that was decided. What was asked for is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spoil {
    /// The connection is reset after half of the status line.
    ResetHead,
    /// The connection is reset after half of the body.
    ResetBody,
    /// The connection is closed before the body is as long as `Content-Length` says.
    Truncated,
    /// The head comes a byte at a time, with this long between two.
    SlowHead(Duration),
    /// The body comes a byte at a time, with this long between two.
    SlowBody(Duration),
    /// The body is this long, by blanks in front of it: valid, and far too long.
    Padded(u64, Framing),
    /// Another body.
    Body {
        /// Its content type.
        media: Option<String>,
        /// The body itself.
        body: Bytes,
    },
    /// The right body with one value of its JSON replaced, dropped or said twice; which and how is drawn from this number.
    Scrambled(u64),
    /// A status that has no body, and a body.
    NoContent,
    /// These bytes and nothing else, whatever they mean.
    Raw(Bytes),
    /// So many headers of a kilobyte each.
    Headers(u32),
    /// Chunks whose lengths are no numbers.
    BadChunks,
    /// By HTTP/1.0, the end of the connection being the end of the body. Nothing is wrong with it.
    Http10,
    /// So many provisional answers (103) come first. Nothing is wrong with it.
    EarlyHints(u32),
    /// Behind the answer, and within no body, there is a second one that nobody asked for.
    Smuggled,
    /// The answer is right and keeps the connection, which is closed at once.
    Stale,
}

/// What an answer says of the length of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// Nothing ahead: it comes in chunks.
    Chunked,
    /// How long it is.
    Measured,
    /// Nothing: it ends with the connection.
    Unmeasured,
    /// Far more than there is. The connection is closed before.
    Overstated,
    /// No more than there was without blanks. They come behind the body then, where they belong to no answer.
    Understated,
}

impl Framing {
    /// Each as it is written behind the length, `padded:16m/measured`.
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Chunked, "chunked"),
        (Self::Measured, "measured"),
        (Self::Unmeasured, "unmeasured"),
        (Self::Overstated, "overstated"),
        (Self::Understated, "understated"),
    ];

    pub(crate) fn of(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().find(|(_, other)| *other == word);
        found.map(|(framing, _)| *framing)
    }

    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(framing, _)| *framing == self);
        found.map_or("", |(_, word)| word)
    }

    fn header(self, body: u64, padded: u64) -> String {
        /// More than anybody reads.
        const FAR_MORE: u64 = 900_000_000_000;
        match self {
            Self::Chunked => "Transfer-Encoding: chunked\r\n".to_owned(),
            Self::Measured => format!("Content-Length: {padded}\r\n"),
            Self::Unmeasured => "Connection: close\r\n".to_owned(),
            Self::Overstated => format!("Content-Length: {FAR_MORE}\r\n"),
            Self::Understated => format!("Content-Length: {body}\r\n"),
        }
    }
}

/// What a second answer says that nobody asked for.
const SMUGGLED: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{\"smuggled\": true}";

impl Spoil {
    /// One text for each, for messages and tests.
    pub(crate) const TEXTS: [&'static str; 23] = [
        "reset-head",
        "reset-body",
        "truncated",
        "slow-head:100ms",
        "slow-body:100ms",
        "padded:64k",
        "html",
        "empty",
        "body:{\"a\": 1",
        "scrambled:7",
        "no-content",
        "raw:HTTP/1.1 101 Switching",
        "headers:200",
        "bad-chunks",
        "http10",
        "early-hints:3",
        "smuggled",
        "stale",
        "padded:16m/measured",
        "padded:65537b/unmeasured",
        "padded:16m/overstated",
        "padded:16m/understated",
        "padded:16m/chunked",
    ];

    /// A page for people, as proxies and firewalls send it.
    #[must_use]
    pub fn html() -> Self {
        Self::Body {
            media: Some("text/html".to_owned()),
            body: Bytes::from_static(b"<!doctype html><title>Please sign in</title>"),
        }
    }

    /// A body that says to be JSON.
    #[must_use]
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::Body {
            media: Some("application/json".to_owned()),
            body: body.into(),
        }
    }

    /// Spoils what the HTTP library can write: the reply to send instead, or `None` where the wire is needed.
    pub(crate) fn change(&self, mut reply: Reply) -> Result<Reply, Reply> {
        let is_body = |name: &str| name.eq_ignore_ascii_case("content-type");
        match self {
            Self::Body { media, body } => {
                reply.headers.retain(|(name, _)| !is_body(name));
                reply
                    .headers
                    .extend(media.clone().map(|media| ("Content-Type".to_owned(), media)));
                reply.body = body.clone();
                Ok(reply)
            }
            Self::Scrambled(seed) => {
                if let Ok(body) = serde_json::from_slice(&reply.body) {
                    reply.body = scrambled(&body, *seed).into();
                }
                Ok(reply)
            }
            Self::Headers(count) => {
                let bomb = (0..*count).map(|at| (format!("X-Bomb-{at}"), "b".repeat(1024)));
                reply.headers.extend(bomb);
                Ok(reply)
            }
            _ => Err(reply),
        }
    }

    /// Writes the answer, spoiled, on a connection that nothing else is written on. The connection ends with it. Time
    /// passes `pace` times faster than on the wall.
    pub(crate) async fn write(&self, wire: &TcpStream, reply: &Reply, has_body: bool, pace: f64) -> io::Result<()> {
        let body: &[u8] = if has_body { &reply.body } else { &[] };
        let measured = |extra: usize| {
            let length = format!("Content-Length: {}\r\n", body.len() + extra);
            if has_body { length } else { String::new() }
        };
        let half = body.len() / 2;
        match self {
            Self::ResetHead => {
                put(wire, b"HTTP/1.1 2").await?;
                wire.set_zero_linger()
            }
            Self::ResetBody => {
                put(wire, head(reply, "HTTP/1.1", &measured(1)).as_bytes()).await?;
                put(wire, &body[..half]).await?;
                wire.set_zero_linger()
            }
            Self::Truncated => {
                put(wire, head(reply, "HTTP/1.1", &measured(7)).as_bytes()).await?;
                put(wire, body).await
            }
            Self::SlowHead(gap) => {
                let head = head(reply, "HTTP/1.1", &measured(0));
                dribble(wire, head.as_bytes(), gap.div_f64(pace)).await?;
                put(wire, body).await
            }
            Self::SlowBody(gap) => {
                put(wire, head(reply, "HTTP/1.1", &measured(0)).as_bytes()).await?;
                dribble(wire, body, gap.div_f64(pace)).await
            }
            Self::Padded(..) if !has_body => put(wire, head(reply, "HTTP/1.1", "").as_bytes()).await,
            Self::Padded(size, framing) => pad(wire, reply, body, *size, *framing).await,
            Self::BadChunks => {
                let chunked = "Transfer-Encoding: chunked\r\n";
                put(wire, head(reply, "HTTP/1.1", chunked).as_bytes()).await?;
                put(wire, b"zz\r\nnothing\r\n-1\r\n\r\n").await
            }
            Self::Http10 => {
                put(wire, head(reply, "HTTP/1.0", "").as_bytes()).await?;
                put(wire, body).await
            }
            Self::EarlyHints(count) => {
                for _ in 0..*count {
                    put(
                        wire,
                        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
                    )
                    .await?;
                }
                put(wire, head(reply, "HTTP/1.1", &measured(0)).as_bytes()).await?;
                put(wire, body).await
            }
            Self::Smuggled => {
                let mut text = head(reply, "HTTP/1.1", &measured(0)).into_bytes();
                text.extend_from_slice(body);
                text.extend_from_slice(SMUGGLED.as_bytes());
                put(wire, &text).await?;
                // Long enough for the connection to be used again, if its client believes that it can be.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(())
            }
            Self::NoContent => {
                put(
                    wire,
                    b"HTTP/1.1 204 No Content\r\nContent-Length: 18\r\n\r\n{\"smuggled\": true}",
                )
                .await
            }
            Self::Raw(bytes) => put(wire, bytes).await,
            Self::Stale | Self::Body { .. } | Self::Headers(_) | Self::Scrambled(_) => {
                put(wire, head(reply, "HTTP/1.1", &measured(0)).as_bytes()).await?;
                put(wire, body).await
            }
        }
    }
}

impl fmt::Display for Spoil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResetHead => f.write_str("reset-head"),
            Self::ResetBody => f.write_str("reset-body"),
            Self::Truncated => f.write_str("truncated"),
            Self::SlowHead(pace) => write!(f, "slow-head:{pace:?}"),
            Self::SlowBody(pace) => write!(f, "slow-body:{pace:?}"),
            Self::Padded(size, framing) => {
                let (size, unit) = if size % 1024 == 0 {
                    (size >> 10, "k")
                } else {
                    (*size, "b")
                };
                write!(f, "padded:{size}{unit}/{}", framing.word())
            }
            Self::Body { .. } if *self == Self::html() => f.write_str("html"),
            Self::Body { body, .. } if body.is_empty() => f.write_str("empty"),
            Self::Body { body, .. } => {
                let body = String::from_utf8_lossy(body);
                write!(f, "body:{}", body.chars().take(60).collect::<String>())
            }
            Self::Scrambled(seed) => write!(f, "scrambled:{seed}"),
            Self::NoContent => f.write_str("no-content"),
            Self::Raw(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                write!(f, "raw:{}", text.chars().take(60).collect::<String>())
            }
            Self::Headers(count) => write!(f, "headers:{count}"),
            Self::BadChunks => f.write_str("bad-chunks"),
            Self::Http10 => f.write_str("http10"),
            Self::EarlyHints(count) => write!(f, "early-hints:{count}"),
            Self::Smuggled => f.write_str("smuggled"),
            Self::Stale => f.write_str("stale"),
        }
    }
}

/// The head of an answer up to its empty line.
fn head(reply: &Reply, version: &str, extra: &str) -> String {
    let mut head = format!("{version} {} Spoiled\r\n", reply.status);
    for (name, value) in &reply.headers {
        // A `String` takes whatever is written to it.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head + extra + "\r\n"
}

async fn pad(wire: &TcpStream, reply: &Reply, body: &[u8], size: u64, framing: Framing) -> io::Result<()> {
    const BLANKS: &[u8] = &[b' '; 16 << 10];
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let header = framing.header(length, size.max(length));
    put(wire, head(reply, "HTTP/1.1", &header).as_bytes()).await?;
    if framing == Framing::Understated {
        put(wire, body).await?;
    }
    let mut blanks = size.saturating_sub(length);
    while blanks > 0 {
        let part = usize::try_from(blanks).map_or(BLANKS, |left| &BLANKS[..left.min(BLANKS.len())]);
        if framing == Framing::Chunked {
            put_chunk(wire, part).await?;
        } else {
            put(wire, part).await?;
        }
        blanks -= u64::try_from(part.len()).unwrap_or(blanks);
    }
    match framing {
        Framing::Understated => Ok(()),
        Framing::Chunked => {
            if !body.is_empty() {
                put_chunk(wire, body).await?;
            }
            put(wire, b"0\r\n\r\n").await
        }
        Framing::Measured | Framing::Unmeasured | Framing::Overstated => put(wire, body).await,
    }
}

async fn put_chunk(wire: &TcpStream, chunk: &[u8]) -> io::Result<()> {
    put(wire, format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
    put(wire, chunk).await?;
    put(wire, b"\r\n").await
}

async fn dribble(wire: &TcpStream, bytes: &[u8], gap: Duration) -> io::Result<()> {
    for byte in bytes {
        put(wire, std::slice::from_ref(byte)).await?;
        tokio::time::sleep(gap).await;
    }
    Ok(())
}

async fn put(wire: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        wire.writable().await?;
        match wire.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
