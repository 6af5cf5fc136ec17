//! The table of troubles, and what may come of each.

use super::draw::Draw;
use super::site::{MAX_BODY, PATIENT};
use std::time::Duration;
use tollgate::{ErrorKind, Kind, TokenFault};
use tollgate_mock::{Fault, Framing, Spoil};

/// A trouble, and what may come of it.
pub(crate) struct Plan {
    /// What is counted in the report: `429`.
    pub(crate) kind: &'static str,
    /// `429 Retry-After: -1`
    pub(crate) name: String,
    pub(crate) trouble: Trouble,
    /// The failures that a call may end in.
    pub(crate) ends: &'static [End],
    /// When a call may succeed although its last answer was spoiled.
    pub(crate) harmless: Harmless,
    /// What such a failure has to say.
    pub(crate) says: &'static str,
    /// How long an attempt may take, on the swift clock.
    pub(crate) timeout: Duration,
    /// Whether the token is of no use afterwards, so that each call needs one of its own.
    pub(crate) token_is_lost: bool,
    /// How many calls of each provider are sent through it.
    pub(crate) share: usize,
}

pub(crate) enum Trouble {
    /// For so many answers of the operation.
    Fault(Fault, u32),
    /// Nobody listens while the call is made.
    Down,
    /// The clock of the client jumps.
    Clock,
}

/// When an answer that was spoiled is as good as any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harmless {
    Never,
    /// Nothing is wrong with it: the value is the right one.
    Always,
    /// Nothing is wrong with it for whoever reads JSON.
    AsJson,
    /// Where it has no body.
    Bodiless,
    /// Where there is no type that its body must fit.
    Untyped,
    /// It may fit by chance; then the value is another one.
    ByChance,
}

/// How a call may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Network,
    Timeout,
    Wait,
    Decode,
    Paging,
    Limited,
    Failing,
    Unauthorized,
    /// Where tokens are asked for nobody answers, so that there is none to show.
    Ungranted,
    /// By any other answer.
    Refused,
}

impl End {
    /// `None` is never right: the request was well made.
    pub(crate) fn of(kind: ErrorKind) -> Option<Self> {
        Some(match kind {
            ErrorKind::Network => Self::Network,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Wait => Self::Wait,
            ErrorKind::Decode => Self::Decode,
            ErrorKind::Paging => Self::Paging,
            ErrorKind::Token(TokenFault::Unavailable) => Self::Ungranted,
            ErrorKind::Answer(Kind::RateLimited) => Self::Limited,
            ErrorKind::Answer(Kind::Server | Kind::Unavailable) => Self::Failing,
            ErrorKind::Answer(Kind::Unauthorized) => Self::Unauthorized,
            ErrorKind::Answer(_) => Self::Refused,
            _ => return None,
        })
    }
}

/// More answers than any call asks for.
const ALL: u32 = 1000;
/// Forty seconds of the swift clock: two hundred milliseconds.
const HASTY: Duration = Duration::from_secs(40);
const MINUTE: Duration = Duration::from_mins(1);

impl Plan {
    fn new(kind: &'static str, name: impl Into<String>, trouble: Trouble, ends: &'static [End]) -> Self {
        Self {
            kind,
            name: name.into(),
            trouble,
            ends,
            harmless: Harmless::Never,
            says: "",
            timeout: PATIENT,
            token_is_lost: false,
            share: 24,
        }
    }

    fn fault(kind: &'static str, fault: Fault, times: u32, ends: &'static [End]) -> Self {
        let often = if times == ALL {
            "always".to_owned()
        } else {
            format!("{times}x")
        };
        let name = format!("{often} {}", printable(&fault.to_string()));
        Self::new(kind, name, Trouble::Fault(fault, times), ends)
    }

    fn spoiled(kind: &'static str, spoil: Spoil, times: u32, ends: &'static [End]) -> Self {
        Self::fault(kind, Fault::Spoiled(spoil), times, ends)
    }

    fn harmless(mut self, harmless: Harmless) -> Self {
        self.harmless = harmless;
        self
    }

    /// Each attempt ends in a timeout, so that these take longest.
    fn hanging(mut self) -> Self {
        self.timeout = HASTY;
        self.share = 8;
        self
    }

    fn says(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }

    fn token_is_lost(mut self) -> Self {
        self.token_is_lost = true;
        self
    }

    fn share(mut self, share: usize) -> Self {
        self.share = share;
        self
    }
}

fn printable(text: &str) -> String {
    let shown = text
        .chars()
        .map(|letter| if letter.is_control() { '.' } else { letter });
    shown.take(70).collect()
}

/// All troubles. `elsewhere` is another host, to which no request may go.
pub(crate) fn plans(seed: u64, elsewhere: &str) -> Vec<Plan> {
    let mut plans = vec![
        Plan::new(
            "refused",
            "nobody listens",
            Trouble::Down,
            &[End::Network, End::Ungranted],
        )
        .share(16),
        Plan::new("clock", "the clock jumps", Trouble::Clock, &[End::Limited]).share(60),
        Plan::fault("revoked", Fault::Revoked, 1, &[End::Unauthorized])
            .token_is_lost()
            .share(60),
        Plan::fault("late", Fault::Delay(Duration::from_secs(4)), 2, &[]).harmless(Harmless::Always),
        Plan::fault("hang", Fault::Delay(MINUTE * 2), 1, &[End::Timeout]).hanging(),
    ];
    plans.extend(connections());
    plans.extend(odd_but_right());
    plans.extend(oversized());
    plans.extend(raw());
    plans.extend(bodies(seed));
    plans.extend(statuses());
    plans.extend(hints());
    plans.extend(redirects(elsewhere));
    plans
}

fn connections() -> Vec<Plan> {
    let mut plans = Vec::new();
    for times in [1, ALL] {
        plans.extend([
            Plan::fault("reset before the head", Fault::Reset, times, &[End::Network]),
            Plan::fault("lost", Fault::Lost, times, &[End::Network]),
            Plan::spoiled("reset in the head", Spoil::ResetHead, times, &[End::Network]),
            Plan::spoiled("reset in the body", Spoil::ResetBody, times, &[End::Network]).harmless(Harmless::Bodiless),
            Plan::spoiled("truncated", Spoil::Truncated, times, &[End::Network]).harmless(Harmless::Bodiless),
            Plan::spoiled("bad chunks", Spoil::BadChunks, times, &[End::Network]).harmless(Harmless::Bodiless),
            Plan::spoiled("header bomb", Spoil::Headers(300), times, &[End::Network]),
        ]);
    }
    plans.extend([
        Plan::spoiled("slow loris", Spoil::SlowHead(MINUTE / 4), 1, &[End::Timeout]).hanging(),
        Plan::spoiled("slow loris", Spoil::SlowHead(MINUTE), ALL, &[End::Timeout])
            .hanging()
            .share(4),
        Plan::spoiled("slow loris", Spoil::SlowBody(MINUTE), 1, &[End::Timeout])
            .hanging()
            .harmless(Harmless::Bodiless),
    ]);
    plans
}

fn odd_but_right() -> Vec<Plan> {
    let odd = [
        Spoil::Http10,
        Spoil::EarlyHints(5),
        Spoil::Smuggled,
        Spoil::Stale,
        Spoil::Headers(40),
        // As long as a body may be, to the byte.
        Spoil::Padded(MAX_BODY.into(), Framing::Chunked),
        Spoil::Padded(MAX_BODY.into(), Framing::Measured),
        Spoil::Padded(MAX_BODY.into(), Framing::Unmeasured),
    ];
    // The second request may meet a connection that has just been closed, and is then not repeated where that is not safe.
    let plan = |spoil: Spoil| {
        let harmless = match spoil {
            Spoil::Padded(..) => Harmless::AsJson,
            _ => Harmless::Always,
        };
        Plan::spoiled("odd but right", spoil, 2, &[End::Network]).harmless(harmless)
    };
    odd.map(plan).into()
}

fn oversized() -> Vec<Plan> {
    /// Nobody who reads to the end comes to it.
    const ENDLESS: u64 = 1 << 50;
    const SAYS: &str = "longer than 524288 bytes";
    let most = u64::from(MAX_BODY);
    let one_more = [Framing::Chunked, Framing::Measured, Framing::Unmeasured].map(|framing| (most + 1, framing));
    let endless = [
        Framing::Chunked,
        Framing::Measured,
        Framing::Unmeasured,
        Framing::Overstated,
    ];
    // Its length alone is enough, although less comes than is allowed.
    let mut bodies = vec![(1 << 10, Framing::Overstated)];
    bodies.extend(one_more.into_iter().chain(endless.map(|framing| (ENDLESS, framing))));
    let mut plans = Vec::new();
    for (size, framing) in bodies {
        for times in [1, ALL] {
            let plan = Plan::spoiled("oversized", Spoil::Padded(size, framing), times, &[End::Network]);
            plans.push(plan.says(SAYS).harmless(Harmless::Bodiless).share(12));
        }
    }
    // The answer is no longer than it says, and what is behind it is nobody's.
    let behind = Spoil::Padded(most + 1, Framing::Understated);
    plans.push(Plan::spoiled("oversized", behind, 2, &[End::Network]).harmless(Harmless::Always));
    // A failure cannot be told by its body either, and must not be read for it.
    for (status, retry_after) in [(500, "0"), (429, "1"), (401, "0"), (404, "0")] {
        let fault = Fault::Answer {
            status,
            headers: vec![("Retry-After".to_owned(), retry_after.to_owned())],
            body: vec![b' '; MAX_BODY as usize + 1].into(),
        };
        let ends = &[
            End::Network,
            End::Failing,
            End::Limited,
            End::Unauthorized,
            End::Refused,
        ];
        plans.push(Plan::fault("oversized", fault, 2, ends).share(8));
    }
    plans
}

fn raw() -> Vec<Plan> {
    let texts: [&'static [u8]; 14] = [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=\r\nhello\r\n",
        b"HTTP/1.1 2OO Okay\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\nno colon here\n\n",
        b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n\r\n",
    ];
    let plan = |text: &'static [u8]| {
        // Some are read as an answer without a body, or with another one.
        Plan::spoiled(
            "no http",
            Spoil::Raw(text.into()),
            ALL,
            &[End::Network, End::Decode, End::Refused],
        )
        .harmless(Harmless::Untyped)
        .share(6)
    };
    texts.map(plan).into()
}

fn bodies(seed: u64) -> Vec<Plan> {
    let ends = &[End::Decode, End::Paging];
    let json = |kind, body: String| Plan::spoiled(kind, Spoil::json(body), ALL, ends);
    let mut plans = vec![
        Plan::spoiled("wrong content type", Spoil::html(), ALL, ends).harmless(Harmless::Untyped),
        Plan::spoiled("no content", Spoil::NoContent, ALL, ends).harmless(Harmless::Untyped),
    ];
    let utf8: [&'static [u8]; 3] = [b"{\"a\": \"\xff\xfe\"}", b"\xff\xfe[\0]\0", b"[\"\xed\xa0\x80\"]"];
    for body in utf8 {
        plans.push(Plan::spoiled("invalid UTF-8", Spoil::json(body), ALL, ends).harmless(Harmless::Untyped));
    }
    for body in [
        "",
        " ",
        "{\"a\": 1",
        "[1, 2",
        "nul",
        "{'a': 1}",
        "[1] [2]",
        "\"\\ud800\"",
        "\u{feff}",
        "{\"a\": 1,}",
    ] {
        plans.push(json("invalid JSON", body.to_owned()).harmless(Harmless::Untyped));
    }
    // A classified failure may be found in any of them.
    let shapes = &[End::Decode, End::Paging, End::Refused];
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let texts = [
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "[null]".to_owned(),
        "\"text\"".to_owned(),
        "12".to_owned(),
        "1e999999999".to_owned(),
        "9".repeat(5000),
        deep("[", "]"),
        deep("{\"data\":", "}"),
        format!("{{\"data\":{}}}", deep("[", "]")),
        format!("[{}1]", "[],".repeat(20_000)),
        r#"{"id": 1, "id": "two", "id": null, "data": [], "data": {}, "data": 7}"#.to_owned(),
        r#"{"status": "failed", "error": {"error": {"error": 1}}, "data": null}"#.to_owned(),
    ];
    for text in texts {
        let plan = Plan::spoiled("wrong shape", Spoil::json(text), ALL, shapes);
        plans.push(plan.harmless(Harmless::ByChance).share(16));
    }
    let mut draw = Draw::new(seed, "scrambled");
    for _ in 0..24 {
        let spoil = Spoil::Scrambled(draw.bits() % 100_000);
        let plan = Plan::spoiled("wrong value", spoil, ALL, shapes);
        plans.push(plan.harmless(Harmless::ByChance).share(20));
    }
    plans
}

fn statuses() -> Vec<Plan> {
    let mut plans = Vec::new();
    for status in [500, 501, 502, 503, 504, 511, 599] {
        for times in [1, ALL] {
            let plan = Plan::fault("5xx", Fault::status(status), times, &[End::Failing]);
            plans.push(plan.share(12));
        }
    }
    for status in [400, 402, 403, 404, 405, 408, 409, 410, 413, 418, 422, 451] {
        let ends = &[End::Refused, End::Failing];
        plans.push(Plan::fault("4xx", Fault::status(status), 1, ends).share(8));
    }
    let page = Fault::Answer {
        status: 503,
        headers: vec![("Content-Type".to_owned(), "text/html".to_owned())],
        body: "<html><h1>503 \u{1f4a5}</h1>".repeat(2000).into(),
    };
    plans.push(Plan::fault("5xx", page, ALL, &[End::Failing]).share(12));
    for status in [201, 202, 203, 206, 226] {
        let fault = Fault::Answer {
            status,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        plans.push(
            Plan::fault("other 2xx", fault, ALL, &[End::Decode, End::Paging])
                .harmless(Harmless::Untyped)
                .share(8),
        );
    }
    plans
}

fn hints() -> Vec<Plan> {
    const LIMITED: &[End] = &[End::Limited, End::Wait];
    // No hint at all, or one that can be waited for.
    let short = [
        "0",
        "-1",
        "",
        "1.5",
        "0.000001",
        "1500ms",
        "soon",
        "NaN",
        "inf",
        "1e3",
        "0x10",
        "+1",
        "1 2",
        "1,5",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Thu, 32 Foo 2020 99:99:99 GMT",
        "\u{e9}",
    ];
    let mut plans = Vec::new();
    for value in short {
        let fault = Fault::status_with(429, "Retry-After", value);
        plans.push(Plan::fault("429", fault.clone(), 2, LIMITED).share(8));
        plans.push(Plan::fault("429", fault, ALL, LIMITED).share(4));
    }
    let long = [
        "3600",
        "99999999999999999999",
        "18446744073709551615",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "1e308",
        "Wed, 01 Jan 2200 00:00:00 GMT",
    ];
    for value in long {
        let fault = Fault::status_with(429, "Retry-After", value);
        plans.push(Plan::fault("429", fault, 1, LIMITED).token_is_lost().share(8));
    }
    let many = |headers: &[(&str, &str)]| Fault::Answer {
        status: 429,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: "{\"retry_in_ms\": -4, \"error\": null}".into(),
    };
    for headers in [
        &[("Retry-After", "1"), ("Retry-After", "3600")][..],
        &[("Retry-After", "soon"), ("Retry-After", "2")],
        &[
            ("RateLimit", "limit=0, remaining=-1, reset=1e9"),
            ("RateLimit-Policy", "\"a\";q=0;w=0"),
        ],
        &[
            ("X-RateLimit-Remaining", "-9"),
            ("X-RateLimit-Reset", "0"),
            ("X-RateLimit-Limit", "0"),
        ],
    ] {
        plans.push(Plan::fault("429", many(headers), 1, LIMITED).token_is_lost().share(10));
    }
    plans
}

fn redirects(elsewhere: &str) -> Vec<Plan> {
    let mut plans = Vec::new();
    for status in [300, 301, 302, 303, 304, 307, 308] {
        for location in [
            format!("http://{elsewhere}/take?it"),
            format!("//{elsewhere}/"),
            "/elsewhere".to_owned(),
        ] {
            let fault = Fault::redirect(status, location);
            plans.push(Plan::fault("redirect", fault, ALL, &[End::Refused]).share(6));
        }
    }
    plans
}
