//! Faults as they are written on the command line.

use super::{Fault, Framing, ScriptedFault, Spoil};
use bytes::Bytes;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A text that is no [`ScriptedFault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSyntax(String);

impl fmt::Display for FaultSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no fault; write `OPERATION=[COUNTx]FAULT`, where COUNT is 1 or more and FAULT is a status (`503`, `429/2s`), `reset`, `lost`, \
             `delay:500ms`, `answer:STATUS;HEADER=VALUE`, `revoked`, or a way to spoil the answer (",
            self.0
        )?;
        for (at, text) in Spoil::TEXTS.iter().enumerate() {
            write!(f, "{}`{text}`", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for FaultSyntax {}

impl FromStr for ScriptedFault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (operation, what) = text.split_once('=')?;
            let (times, what) = match what.split_once('x').map(|(times, what)| (times.parse(), what)) {
                Some((Ok(0), _)) => return None,
                Some((Ok(times), what)) => (times, what),
                _ => (1, what),
            };
            (!operation.is_empty()).then_some(())?;
            Some(Self::new(operation.trim(), times, fault(what.trim())?))
        };
        parse().ok_or_else(|| FaultSyntax(text.to_owned()))
    }
}

fn fault(text: &str) -> Option<Fault> {
    match text {
        "reset" => return Some(Fault::Reset),
        "lost" => return Some(Fault::Lost),
        "revoked" => return Some(Fault::Revoked),
        _ => {}
    }
    if let Some((word, rest)) = text.split_once(':') {
        return match word {
            "delay" => duration(rest).map(Fault::Delay),
            "answer" => answer(rest),
            _ => spoil(word, Some(rest)).map(Fault::Spoiled),
        };
    }
    match text.split_once('/') {
        Some((code, wait)) => Some(Fault::status_after(status(code)?, duration(wait)?)),
        None => status(text)
            .map(Fault::status)
            .or_else(|| spoil(text, None).map(Fault::Spoiled)),
    }
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (200..600).contains(status))
}

/// `302;Location=https://elsewhere.example`
fn answer(text: &str) -> Option<Fault> {
    let mut parts = text.split(';');
    let status = status(parts.next()?)?;
    let header = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let headers: Option<Vec<_>> = parts.map(header).collect();
    Some(Fault::Answer {
        status,
        headers: headers?,
        body: Bytes::new(),
    })
}

fn spoil(word: &str, rest: Option<&str>) -> Option<Spoil> {
    Some(match (word, rest) {
        ("reset-head", None) => Spoil::ResetHead,
        ("reset-body", None) => Spoil::ResetBody,
        ("truncated", None) => Spoil::Truncated,
        ("slow-head", Some(pace)) => Spoil::SlowHead(duration(pace)?),
        ("slow-body", Some(pace)) => Spoil::SlowBody(duration(pace)?),
        ("padded", Some(size)) => {
            let (size, framing) = size.split_once('/').unwrap_or((size, "chunked"));
            Spoil::Padded(bytes(size)?, Framing::of(framing)?)
        }
        ("html", None) => Spoil::html(),
        ("empty", None) => Spoil::Body {
            media: None,
            body: Bytes::new(),
        },
        ("body", Some(body)) => Spoil::json(body.to_owned()),
        ("scrambled", Some(seed)) => Spoil::Scrambled(seed.parse().ok()?),
        ("no-content", None) => Spoil::NoContent,
        ("raw", Some(bytes)) => Spoil::Raw(bytes.to_owned().into()),
        ("headers", Some(count)) => Spoil::Headers(count.parse().ok()?),
        ("bad-chunks", None) => Spoil::BadChunks,
        ("http10", None) => Spoil::Http10,
        ("early-hints", Some(count)) => Spoil::EarlyHints(count.parse().ok()?),
        ("smuggled", None) => Spoil::Smuggled,
        ("stale", None) => Spoil::Stale,
        _ => return None,
    })
}

/// `250ms`, `2s`, `1.5s` or `1m`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// `64k`, `16m` or, to the byte, `65537b`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let shift = match unit {
        "b" => 0,
        "k" => 10,
        "m" => 20,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn number_and_unit(text: &str) -> Option<(&str, &str)> {
    text.find(|letter: char| letter.is_ascii_alphabetic())
        .map(|at| text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u32, Fault)> {
        let read = text.parse::<ScriptedFault>().ok();
        read.map(|fault| (fault.times, fault.fault))
    }

    #[test]
    fn texts_are_read() {
        assert_eq!(read("a.b=503"), Some((1, Fault::status(503))));
        assert_eq!(
            read("a.b=2x429/1.5s"),
            Some((2, Fault::status_after(429, Duration::from_millis(1500))))
        );
        assert_eq!(read("*=3xreset"), Some((3, Fault::Reset)));
        assert_eq!(read("*=lost"), Some((1, Fault::Lost)));
        assert_eq!(
            read("a.b=delay:250ms"),
            Some((1, Fault::Delay(Duration::from_millis(250))))
        );
        assert_eq!(
            read("a.b=2xanswer:302;Location=https://x.example/?a=b"),
            Some((2, Fault::redirect(302, "https://x.example/?a=b")))
        );
        let padded = |size, framing| Some((1, Fault::Spoiled(Spoil::Padded(size, framing))));
        assert_eq!(read("a.b=padded:2k"), padded(2048, Framing::Chunked));
        assert_eq!(read("a.b=padded:3b/overstated"), padded(3, Framing::Overstated));
        assert_eq!(
            read("*=2xslow-body:10ms"),
            Some((2, Fault::Spoiled(Spoil::SlowBody(Duration::from_millis(10)))))
        );
        assert_eq!(read("*=body:[1, 2"), Some((1, Fault::Spoiled(Spoil::json("[1, 2")))));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for bad in [
            "",
            "a.b",
            "a.b=",
            "=503",
            "a.b=99",
            "a.b=0x503",
            "a.b=00xreset",
            "a.b=soon",
            "a.b=delay:3",
            "a.b=429/-1s",
            "a.b=truncated:3",
            "a.b=slow-head",
            "a.b=padded:9",
            "a.b=padded:9k/somehow",
            "a.b=answer:abc",
            "a.b=answer:429;Retry-After",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_way_to_spoil_an_answer_has_a_text_that_is_read_and_printed_alike() {
        for text in Spoil::TEXTS {
            let (_, fault) = read(&format!("a.b={text}")).unwrap_or_else(|| panic!("{text} is not read"));
            assert!(matches!(fault, Fault::Spoiled(_)), "{text}");
            let printed = fault.to_string();
            assert_eq!(
                read(&format!("a.b={printed}")),
                Some((1, fault)),
                "{text} prints as {printed}"
            );
        }
    }
}
