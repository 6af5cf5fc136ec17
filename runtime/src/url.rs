//! URLs as models hold them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A URL, kept as the text that was sent.
///
/// It is parsed on demand only, so that one odd link does not cost the answer that holds it, and so that what was read
/// is written back letter by letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Url(String);

impl Url {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses it.
    ///
    /// # Errors
    /// When it is not an absolute URL.
    pub fn parse(&self) -> Result<::url::Url, ::url::ParseError> {
        ::url::Url::parse(&self.0)
    }
}

impl From<&str> for Url {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Url {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<::url::Url> for Url {
    fn from(url: ::url::Url) -> Self {
        Self(url.into())
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.0
    }
}

impl AsRef<str> for Url {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_url_is_kept_and_refused_only_when_parsed() {
        let url: Url = serde_json::from_str("\"www.example.com/a b\"").unwrap();
        assert_eq!(serde_json::to_string(&url).unwrap(), "\"www.example.com/a b\"");
        assert!(url.parse().is_err());
        assert_eq!(
            Url::from("https://example.com").parse().unwrap().host_str(),
            Some("example.com")
        );
    }
}
