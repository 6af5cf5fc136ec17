//! Places in messages, and templates.

/// Where a value stands in an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Body or header.
    pub source: Source,
    /// How a time, or a number of time units, is written there; several are tried in order. Empty where no time is meant.
    pub formats: Vec<TimeFormat>,
    /// A regular expression whose first group is the value.
    pub pattern: Option<String>,
}

/// Which part of the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// In the JSON body.
    Body(Path),
    /// A header.
    Header(String),
}

/// A path into a JSON body; `$` is the empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

/// A step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// `.name`
    Name(String),
    /// `.*`: each element.
    Each,
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Each => f.write_str(".*")?,
                Step::Name(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') => {
                    write!(f, ".{name}")?;
                }
                Step::Name(name) => write!(f, ".{name:?}")?,
            }
        }
        Ok(())
    }
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeFormat {
    /// A number of seconds from now, fractions allowed.
    Seconds,
    /// A number of milliseconds from now.
    Milliseconds,
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    HttpDate,
    /// `1994-11-06T08:49:37Z`
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `1h30m`, `250ms`
    Duration,
}

/// Text with `{holes}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Template(pub Vec<TemplatePart>);

/// A part of a [`Template`]. What a hole names depends on where the template stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// `{name}`
    Hole(String),
}

impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in &self.0 {
            match part {
                TemplatePart::Text(text) => f.write_str(text)?,
                TemplatePart::Hole(name) => write!(f, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}
