//! What came back, and how it is read.

use crate::{DriftKind, Headers, Path, Spec, drift, format::Format, json, line::OneLine, record::without_position};
use bytes::Bytes;
use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_json::value::RawValue;
use std::fmt;

/// How much of a problem is told. What does not fit may quote a value, and a value may be the whole body.
const LONGEST: usize = 240;

/// An answer.
#[derive(Clone)]
pub struct Reply {
    spec: &'static Spec,
    status: u16,
    headers: Headers,
    body: Bytes,
}

impl Reply {
    pub(crate) fn new(spec: &'static Spec, status: u16, headers: Headers, body: Bytes) -> Self {
        Self {
            spec,
            status,
            headers,
            body,
        }
    }

    pub(crate) fn into_headers(self) -> Headers {
        self.headers
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The body as it travelled.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the JSON body, without what wraps it by the descriptor.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.unwrapped(PlainSeed::new)
    }

    /// Reads the JSON body by a format, without what wraps it by the descriptor.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn json_as<F: Format<T>, T>(&self) -> Result<T, DecodeError> {
        self.unwrapped(crate::format::Seed::<F, T>::new)
    }

    /// Reads the items of a page.
    ///
    /// # Errors
    /// When they are not where the descriptor says, or one does not fit.
    pub fn items<T: DeserializeOwned>(&self) -> Result<Vec<T>, DecodeError> {
        self.listed(PlainSeed::new)
    }

    /// Reads the items of a page by a format.
    ///
    /// # Errors
    /// When they are not where the descriptor says, or one does not fit.
    pub fn items_as<F: Format<T>, T>(&self) -> Result<Vec<T>, DecodeError> {
        self.listed(crate::format::Seed::<crate::format::List<F>, Vec<T>>::new)
    }

    /// The body as bytes.
    ///
    /// # Errors
    /// Never, so far.
    pub fn bytes(&self) -> Result<Bytes, DecodeError> {
        Ok(self.body.clone())
    }

    /// The body as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<String, DecodeError> {
        utf8(&self.body).map(str::to_owned)
    }

    /// That no variant of the answer has this status.
    #[must_use]
    pub fn unexpected(&self) -> DecodeError {
        drift::note(DriftKind::UnknownStatus, "", &self.status.to_string());
        DecodeError::new(format!(
            "the status {} is not one that the descriptor gives an answer for",
            self.status
        ))
    }

    fn unwrapped<T, S: for<'de> DeserializeSeed<'de, Value = T>>(&self, seed: fn() -> S) -> Result<T, DecodeError> {
        let body = self.json_text()?;
        match self.spec.settings.unwrap {
            Path::ROOT => parse(body, body, seed()),
            _ if self.is_bare(whole(body)?) => parse(body, body, seed()),
            path => match json::find(whole(body)?, path.0).as_slice() {
                [value, ..] => parse(body, value.get(), seed()),
                [] => Err(DecodeError::new(format!(
                    "there is no `{}`",
                    crate::request::shown(path)
                ))),
            },
        }
    }

    /// Whether a body lacks what the descriptor says tells that something wraps it.
    fn is_bare(&self, body: &RawValue) -> bool {
        let conditions = self.spec.settings.unwrap_when;
        conditions.iter().any(|(path, allowed)| {
            let found = json::find(body, path.0);
            !found.iter().any(|value| allowed.contains(&value.get()))
        })
    }

    fn listed<T, S>(&self, seed: fn() -> S) -> Result<Vec<T>, DecodeError>
    where
        S: for<'de> DeserializeSeed<'de, Value = Vec<T>>,
    {
        let body = self.json_text()?;
        let path = self.spec.pager.map_or(Path::ROOT, |pager| pager.items);
        if path == Path::ROOT {
            return parse(body, body, seed());
        }
        let lists = json::find(whole(body)?, path.0);
        let mut items = Vec::new();
        for list in &lists {
            // Providers that have nothing to list say so with null, too.
            if list.get() != "null" {
                items.extend(parse(body, list.get(), seed())?);
            }
        }
        if lists.is_empty() {
            return Err(DecodeError::new(format!(
                "there is no list at `{}`",
                crate::request::shown(path)
            )));
        }
        Ok(items)
    }

    fn json_text(&self) -> Result<&str, DecodeError> {
        let text = utf8(&self.body)?;
        if text.trim().is_empty() {
            return Err(DecodeError::new("the body is empty".to_owned()));
        }
        Ok(text)
    }
}

/// Without headers and body: they may hold secrets.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("operation", &self.spec.id)
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Reads a type by its own `Deserialize`.
pub(crate) struct PlainSeed<T>(std::marker::PhantomData<fn() -> T>);

impl<T> PlainSeed<T> {
    pub(crate) fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for PlainSeed<T> {
    type Value = T;

    fn deserialize<D: serde::Deserializer<'de>>(self, input: D) -> Result<T, D::Error> {
        T::deserialize(input)
    }
}

pub(crate) fn utf8(body: &[u8]) -> Result<&str, DecodeError> {
    match std::str::from_utf8(body) {
        // Some servers send a byte order mark, which JSON does not allow.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => Err(DecodeError::new(format!(
            "the body is not UTF-8 after byte {}",
            error.valid_up_to()
        ))),
    }
}

pub(crate) fn whole(body: &str) -> Result<&RawValue, DecodeError> {
    serde_json::from_str(body).map_err(|error| DecodeError::at(body, 0, &error))
}

/// Reads a part of a body. The position of a problem is one in the whole.
pub(crate) fn parse<T, S: for<'de> DeserializeSeed<'de, Value = T>>(
    body: &str,
    part: &str,
    seed: S,
) -> Result<T, DecodeError> {
    let mut input = serde_json::Deserializer::from_str(part);
    let value = seed.deserialize(&mut input);
    let value = value.and_then(|value| input.end().map(|()| value));
    value.map_err(|error| DecodeError::at(body, json::offset(body, part), &error))
}

/// Why an answer could not be read. It tells what and where, never the whole body.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError {
    problem: String,
    place: Option<(usize, usize)>,
}

impl DecodeError {
    pub(crate) fn new(problem: String) -> Self {
        Self { problem, place: None }
    }

    fn at(body: &str, offset: usize, error: &serde_json::Error) -> Self {
        let before = &body[..offset];
        let lines = before.matches('\n').count();
        let column = match error.line() {
            1 => error.column() + before.len() - before.rfind('\n').map_or(0, |newline| newline + 1),
            _ => error.column(),
        };
        Self {
            problem: shortened(without_position(error)),
            place: (error.line() > 0).then_some((error.line() + lines, column)),
        }
    }

    /// The line of the body at which reading stopped, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.map(|(line, _)| line)
    }

    /// The byte of that line, from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.place.map(|(_, column)| column)
    }
}

/// The problem without the text it quotes, which may be a secret, and not longer than anybody reads.
fn shortened(mut problem: String) -> String {
    const QUOTE: &str = "string \"";
    if let Some(start) = problem.find(QUOTE)
        && let Some(end) = problem.rfind("\", expected ")
    {
        problem.replace_range(start + QUOTE.len() - 2..=end, "");
    }
    match problem.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &problem[..end]),
        None => problem,
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&self.problem).fmt(f)?;
        match self.place {
            Some((line, column)) => write!(f, " (line {line}, column {column} of the body)"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests;
