//! Values of paths, queries, headers and form parts, as text.

use crate::{Absent, Clearable, Date, Decimal, Given, Json, Secret, Timestamp, Url, Uuid};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A value that can be written as text: none, one, a list, or one per key.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be sent as a parameter")]
pub trait Param {
    /// Adds what it consists of.
    fn collect(&self, values: &mut Values);
}

/// What a [`Param`] consists of.
#[derive(Debug, Default)]
pub struct Values {
    /// Most parameters are one text.
    pub(crate) list: SmallVec<[Value; 1]>,
    /// Whether they came as a list, also where it holds one or none.
    pub(crate) is_list: bool,
    /// What cannot be sent.
    pub(crate) mistake: Option<&'static str>,
    times: Times,
    key: Option<String>,
}

/// One text, with its key where it came out of a map.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, Default)]
enum Times {
    #[default]
    Rfc3339,
    Unix,
    UnixMs,
}

impl Values {
    pub(crate) fn of(param: &dyn Param) -> Self {
        let mut values = Self::default();
        param.collect(&mut values);
        values
    }

    /// Adds a text.
    pub fn push(&mut self, text: impl Into<String>) {
        let (key, text) = (self.key.clone(), text.into());
        self.list.push(Value { key, text });
    }

    /// Adds the texts of a map's entry.
    pub fn entry(&mut self, key: &str, value: &dyn Param) {
        let outer = self.key.replace(key.to_owned());
        value.collect(self);
        self.key = outer;
    }

    /// Says that it cannot be sent, and why.
    pub fn refuse(&mut self, mistake: &'static str) {
        self.mistake.get_or_insert(mistake);
    }

    /// All texts, with a comma between.
    pub(crate) fn joined(&self) -> String {
        let texts: Vec<_> = self.list.iter().map(|value| value.text.as_str()).collect();
        texts.join(",")
    }

    fn time(&mut self, time: Timestamp) {
        match self.times {
            Times::Rfc3339 => self.push(time.to_string()),
            Times::Unix => self.push(time.as_second().to_string()),
            Times::UnixMs => self.push(time.as_millisecond().to_string()),
        }
    }

    fn times(&mut self, times: Times, value: &dyn Param) {
        let outer = std::mem::replace(&mut self.times, times);
        value.collect(self);
        self.times = outer;
    }
}

/// Times in whole seconds since 1970, where RFC 3339 is not wanted.
#[derive(Clone, Copy, Debug)]
pub struct Unix<'a, T>(pub &'a T);

/// Times in whole milliseconds since 1970, where RFC 3339 is not wanted.
#[derive(Clone, Copy, Debug)]
pub struct UnixMs<'a, T>(pub &'a T);

impl<T: Param> Param for Unix<'_, T> {
    fn collect(&self, values: &mut Values) {
        values.times(Times::Unix, self.0);
    }
}

impl<T: Param> Param for UnixMs<'_, T> {
    fn collect(&self, values: &mut Values) {
        values.times(Times::UnixMs, self.0);
    }
}

macro_rules! by_display {
    ($($Type:ty)*) => {
        $(
            impl Param for $Type {
                fn collect(&self, values: &mut Values) {
                    values.push(self.to_string());
                }
            }
        )*
    };
}

by_display! { i64 i32 u64 u32 u16 bool str String Decimal Date Uuid Url }

impl Param for f64 {
    fn collect(&self, values: &mut Values) {
        if self.is_finite() {
            values.push(self.to_string());
        } else {
            values.refuse("it is not a finite number");
        }
    }
}

impl Param for Timestamp {
    fn collect(&self, values: &mut Values) {
        values.time(*self);
    }
}

impl Param for Secret {
    fn collect(&self, values: &mut Values) {
        values.push(self.expose());
    }
}

/// As Base64.
impl Param for Bytes {
    fn collect(&self, values: &mut Values) {
        values.push(STANDARD.encode(self));
    }
}

/// Null is absent, a text goes as it is, and everything else as JSON.
impl Param for Json {
    fn collect(&self, values: &mut Values) {
        match self {
            Self::Null => {}
            Self::String(text) => values.push(text),
            other => values.push(other.to_string()),
        }
    }
}

impl Param for Absent {
    fn collect(&self, _: &mut Values) {}
}

impl<T: Param> Param for Given<T> {
    fn collect(&self, values: &mut Values) {
        self.0.collect(values);
    }
}

impl<T: Param> Param for Option<T> {
    fn collect(&self, values: &mut Values) {
        if let Some(value) = self {
            value.collect(values);
        }
    }
}

/// What is cleared is an empty text.
impl<T: Param> Param for Clearable<T> {
    fn collect(&self, values: &mut Values) {
        match self {
            Self::Keep => {}
            Self::Clear => values.push(""),
            Self::Set(value) => value.collect(values),
        }
    }
}

impl<T: Param> Param for [T] {
    fn collect(&self, values: &mut Values) {
        values.is_list = true;
        for value in self {
            value.collect(values);
        }
    }
}

impl<T: Param> Param for Vec<T> {
    fn collect(&self, values: &mut Values) {
        self.as_slice().collect(values);
    }
}

impl<T: Param> Param for BTreeMap<String, T> {
    fn collect(&self, values: &mut Values) {
        for (key, value) in self {
            values.entry(key, value);
        }
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn collect(&self, values: &mut Values) {
        (**self).collect(values);
    }
}

impl<T: Param + ?Sized> Param for Box<T> {
    fn collect(&self, values: &mut Values) {
        (**self).collect(values);
    }
}
