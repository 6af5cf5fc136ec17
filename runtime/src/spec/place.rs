//! Places in answers.

/// A path into a JSON body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path(pub &'static [Step]);

impl Path {
    /// The whole body, `$`.
    pub const ROOT: Self = Self(&[]);
}

/// A step of a [`Path`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of this key.
    Name(&'static str),
    /// Each element of an array.
    Each,
}

/// A place in an answer.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Body or header.
    pub source: Source,
    /// How a time is written there, the first that fits.
    pub formats: &'static [TimeFormat],
    /// A regular expression whose first group is the value.
    pub pattern: Option<&'static str>,
}

impl Place {
    /// A place in the JSON body.
    #[must_use]
    pub const fn body(steps: &'static [Step]) -> Self {
        Self {
            source: Source::Body(Path(steps)),
            formats: &[],
            pattern: None,
        }
    }

    /// A header.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self {
            source: Source::Header(name),
            formats: &[],
            pattern: None,
        }
    }
}

/// Which part of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// In the JSON body.
    Body(Path),
    /// A header.
    Header(&'static str),
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// Seconds from now, fractions allowed.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    HttpDate,
    /// `1994-11-06T08:49:37Z`
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `1h30m`
    Duration,
}
