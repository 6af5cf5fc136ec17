//! Places: `$.a.b`, `{ header: NAME }`, and the long form with a format.

use super::{Check, Fault, header};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ParamAt, Path, Place, Source, Step, TimeFormat};
use crate::span::Spanned;
use crate::syntax::{self, Target};

/// The words of `format`.
const TIME_FORMATS: [(&str, TimeFormat); 7] = [
    ("seconds", TimeFormat::Seconds),
    ("milliseconds", TimeFormat::Milliseconds),
    ("http_date", TimeFormat::HttpDate),
    ("rfc3339", TimeFormat::Rfc3339),
    ("unix", TimeFormat::Unix),
    ("unix_ms", TimeFormat::UnixMs),
    ("duration", TimeFormat::Duration),
];

/// What the value at a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Anything but a time: no format.
    Value,
    /// A time, and the key alone does not say how it is written.
    Time,
    /// A time that has a usual form where nothing is said.
    UsualTime,
}

/// Reads `$.a.*."odd name"`.
pub(super) fn parse_path(text: &str) -> Result<Path, Fault> {
    let Some(mut rest) = text.strip_prefix('$') else {
        return Err(Fault::all(text, "a place in the body begins with `$`"));
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let Some(after) = rest.strip_prefix('.') else {
            return Err(Fault::new(at..text.len(), "a `.` is expected before each step"));
        };
        let (step, remaining) = parse_step(after).map_err(|problem| Fault::new(at..text.len(), problem))?;
        steps.push(step);
        rest = remaining;
    }
    Ok(Path(steps))
}

fn parse_step(text: &str) -> Result<(Step, &str), &'static str> {
    if let Some(rest) = text.strip_prefix('*') {
        return Ok((Step::Each, rest));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        return parse_quoted(quoted);
    }
    let end = text.find('.').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return Err("a name, a quoted name or `*` is expected after the `.`");
    }
    if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return Err("an odd name is quoted, `$.\"a.b\"`");
    }
    Ok((Step::Name(name.to_owned()), rest))
}

fn parse_quoted(text: &str) -> Result<(Step, &str), &'static str> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if name.is_empty() => return Err("a name cannot be empty"),
            '"' => return Ok((Step::Name(name), text.get(at + 1..).unwrap_or(""))),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => name.push(escaped),
                _ => return Err("only `\\\"` and `\\\\` are escaped in a quoted name"),
            },
            other => name.push(other),
        }
    }
    Err("the closing `\"` is missing")
}

impl Check<'_> {
    /// A path into the body.
    pub(super) fn check_path(&mut self, text: &Spanned<String>) -> Option<Path> {
        match parse_path(text) {
            Ok(path) => Some(path),
            Err(fault) => {
                self.fault(Code::BadPlace, text, &fault, "place");
                None
            }
        }
    }

    /// A path into the body written as a place: neither a header nor a format may stand there.
    pub(super) fn check_body_place(&mut self, place: &syntax::Place) -> Option<Path> {
        self.refuse_format(place);
        match &place.target {
            Target::Body(text) | Target::Word(text) => self.check_path(text),
            Target::Header(name) => {
                self.push(
                    Diagnostic::new(Code::BadPlace, name.span, format!("`{}` is a header", name.value))
                        .label("a place in the JSON body is expected")
                        .help("write it as `$.name`"),
                );
                None
            }
        }
    }

    /// A place in an answer.
    pub(super) fn check_place(&mut self, place: &syntax::Place, meaning: Meaning) -> Option<Place> {
        self.check_answer(place, meaning, false)
    }

    /// A place in an answer where a bare word names a header.
    pub(super) fn check_header_place(&mut self, place: &syntax::Place, meaning: Meaning) -> Option<Place> {
        self.check_answer(place, meaning, true)
    }

    fn check_answer(&mut self, place: &syntax::Place, meaning: Meaning, words_are_headers: bool) -> Option<Place> {
        let source = match &place.target {
            Target::Word(name) if words_are_headers => {
                self.check_header_name(name);
                Some(Source::Header(name.value.clone()))
            }
            Target::Body(text) | Target::Word(text) => self.check_path(text).map(Source::Body),
            Target::Header(name) => {
                self.check_header_name(name);
                Some(Source::Header(name.value.clone()))
            }
        };
        let formats = self.check_formats(place, meaning);
        let pattern = self.check_pattern(place.pattern.as_ref());
        if let (Some(pattern), Some(written)) = (&pattern, &place.pattern)
            && !has_group(pattern)
        {
            self.push(
                Diagnostic::new(Code::BadPattern, written.span, "a pattern of a place without a group")
                    .label("the first group is what is taken")
                    .help("put `( )` around the value"),
            );
        }
        Some(Place {
            source: source?,
            formats,
            pattern,
        })
    }

    fn check_formats(&mut self, place: &syntax::Place, meaning: Meaning) -> Vec<TimeFormat> {
        if meaning == Meaning::Value {
            self.refuse_format(place);
            return Vec::new();
        }
        if place.format.is_empty() && meaning == Meaning::Time {
            self.push(
                Diagnostic::new(Code::TimeWithoutFormat, place.span, "a place of a time without a format")
                    .label("how is the time written there?")
                    .help("add `format`: `seconds`, `milliseconds`, `http_date`, `rfc3339`, `unix`, `unix_ms` or `duration`, or a list of them"),
            );
        }
        let mut formats = Vec::new();
        for written in &place.format {
            match TIME_FORMATS.iter().find(|(word, _)| *word == written.value) {
                Some((_, format)) => formats.push(*format),
                None => self.unknown_word("format of a time", written, TIME_FORMATS.map(|(word, _)| word)),
            }
        }
        formats
    }

    fn refuse_format(&mut self, place: &syntax::Place) {
        if let Some(format) = place.format.first() {
            self.push(
                Diagnostic::new(
                    Code::BadPlace,
                    format.span,
                    format!("`format: {}` on a place that is no time", format.value),
                )
                .label("only a place of a time has a format"),
            );
        }
    }

    /// Where a paging parameter goes: a bare word is a query parameter.
    pub(super) fn check_param_at(&mut self, place: &syntax::Place) -> Option<ParamAt> {
        self.refuse_format(place);
        if let Some(pattern) = &place.pattern {
            self.push(
                Diagnostic::new(Code::BadPlace, pattern.span, "a pattern on a place of the request")
                    .label("only what is read from an answer has a pattern"),
            );
        }
        match &place.target {
            Target::Word(name) => Some(ParamAt::Query(name.value.clone())),
            Target::Header(name) => {
                self.check_header_name(name);
                Some(ParamAt::Header(name.value.clone()))
            }
            Target::Body(text) => {
                let path = self.check_path(text)?;
                if path.0.is_empty() || path.0.contains(&Step::Each) {
                    self.push(
                        Diagnostic::new(
                            Code::BadPlace,
                            text.span,
                            format!("`{}` is not one place of the body", text.value),
                        )
                        .help("name the field, as in `$.paging.cursor`"),
                    );
                    return None;
                }
                Some(ParamAt::Body(path))
            }
        }
    }

    /// The name of a header.
    pub(super) fn check_header_name(&mut self, name: &Spanned<String>) {
        if !header::is_name(name) {
            self.push(
                Diagnostic::new(
                    Code::BadHeaderName,
                    name.span,
                    format!("`{}` is not the name of a header", name.value),
                )
                .label("letters, digits and `-` are expected"),
            );
        }
    }

    /// A regular expression.
    pub(super) fn check_pattern(&mut self, pattern: Option<&Spanned<String>>) -> Option<String> {
        let pattern = pattern?;
        match regex_lite::Regex::new(pattern) {
            Ok(_) => Some(pattern.value.clone()),
            Err(error) => {
                self.push(
                    Diagnostic::new(
                        Code::BadPattern,
                        pattern.span,
                        format!("`{}` is not a regular expression", pattern.value),
                    )
                    .label(error.to_string()),
                );
                None
            }
        }
    }
}

fn has_group(pattern: &str) -> bool {
    regex_lite::Regex::new(pattern).is_ok_and(|regex| regex.captures_len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Step {
        Step::Name(text.to_owned())
    }

    #[test]
    fn the_dollar_alone_is_the_whole_body() {
        assert_eq!(parse_path("$"), Ok(Path(Vec::new())));
    }

    #[test]
    fn names_and_stars_are_steps() {
        assert_eq!(
            parse_path("$.events.*.event_id"),
            Ok(Path(vec![name("events"), Step::Each, name("event_id")]))
        );
    }

    #[test]
    fn odd_names_are_quoted_and_print_the_same() {
        let path = parse_path(r#"$."a.b"."say \"hi\"""#);
        assert_eq!(path, Ok(Path(vec![name("a.b"), name("say \"hi\"")])));
        assert_eq!(
            path.map(|path| path.to_string()),
            Ok(r#"$."a.b"."say \"hi\"""#.to_owned())
        );
    }

    #[test]
    fn half_a_place_is_refused() {
        for text in [
            "",
            "a",
            "$a",
            "$.",
            "$..a",
            "$.a.",
            "$.\"a",
            "$.\"\"",
            "$.a b",
            "$.\"\\n\"",
        ] {
            assert!(parse_path(text).is_err(), "{text}");
        }
    }
}
