//! Headers of requests and answers.

#[cfg(any(feature = "hyper", feature = "tower"))]
use bytes::Bytes;
use std::fmt;

/// Headers, in the order in which they came. Names are compared without regard to case.
///
/// All of them stand in one text: an answer has a dozen, and every call reads them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    text: String,
    /// Where each name and its value end; a value begins at the end of its name.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
        }
    }

    /// With room for this many headers of this length, names and values together.
    #[must_use]
    pub fn with_capacity(count: usize, length: usize) -> Self {
        Self {
            text: String::with_capacity(length),
            ends: Vec::with_capacity(count),
        }
    }

    /// Adds one, also where there is one of that name.
    pub fn push(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        self.text.reserve(name.len() + value.len());
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.ends.push((middle, self.text.len()));
    }

    /// Takes out all of that name.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.get(name).is_some() {
            let others = self.iter().filter(|(other, _)| !other.eq_ignore_ascii_case(name));
            *self = others.collect();
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The first of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// All of that name.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All of them, with each value as a part of one buffer.
    #[cfg(any(feature = "hyper", feature = "tower"))]
    pub(crate) fn for_each_shared<E>(self, mut each: impl FnMut(&[u8], Bytes) -> Result<(), E>) -> Result<(), E> {
        let text = Bytes::from(self.text);
        let mut start = 0;
        for (middle, end) in self.ends {
            let name = text.get(start..middle).unwrap_or_default();
            each(name, text.slice(middle..end))?;
            start = end;
        }
        Ok(())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(middle, end)| {
            let part = |from, to| self.text.get(from..to).unwrap_or_default();
            let pair = (part(start, middle), part(middle, end));
            start = end;
            pair
        })
    }
}

impl<Name: AsRef<str>, Value: AsRef<str>> FromIterator<(Name, Value)> for Headers {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.push(name, value);
        }
        headers
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_regard_to_case() {
        let headers: Headers = [("Link", "a"), ("retry-after", "7"), ("link", "b")]
            .into_iter()
            .collect();
        assert_eq!(headers.get("Retry-After"), Some("7"));
        assert_eq!(headers.get_all("LINK").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(headers.get("Location"), None);
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn names_and_values_may_be_empty_and_stay_apart() {
        let mut headers = Headers::with_capacity(2, 8);
        headers.push("a", "");
        headers.push("", "b");
        headers.push("größe", "ü");
        let pairs: Vec<_> = headers.iter().collect();
        assert_eq!(pairs, [("a", ""), ("", "b"), ("größe", "ü")]);
        assert_ne!(headers, [("a", "b"), ("", ""), ("größe", "ü")].into_iter().collect());
    }
}
