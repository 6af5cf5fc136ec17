//! Values that can be kept, cleared or set.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value of an update: absent keeps what is there, null clears it, a value sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clearable<T> {
    /// Not written: what is there stays.
    #[default]
    Keep,
    /// Written as null: what is there goes.
    Clear,
    /// Written: what is there is replaced.
    Set(T),
}

impl<T> Clearable<T> {
    /// Whether it is [`Keep`](Self::Keep).
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Whether it is [`Clear`](Self::Clear).
    #[must_use]
    pub const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// The value, if one is set.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The value, if one is set.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Clearable<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// `None` clears: whoever hands over an option has asked for a write. To keep, do not set the field.
impl<T> From<Option<T>> for Clearable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// As all other setters of texts take them.
impl From<&str> for Clearable<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Clearable<T> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => output.serialize_none(),
            // A unit, so that a record tells it from what it leaves out; JSON writes null for both.
            Self::Clear => output.serialize_unit(),
            Self::Set(value) => value.serialize(output),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Clearable<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Option::deserialize(input).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_clears_and_a_value_sets() {
        assert_eq!(Clearable::from(Some(7)), Clearable::Set(7));
        assert_eq!(Clearable::<i64>::from(None), Clearable::Clear);
        assert_eq!(Clearable::from("a"), Clearable::Set("a".to_owned()));
        assert!(Clearable::<i64>::default().is_keep());
    }

    #[test]
    fn null_reads_as_clear() {
        assert_eq!(
            serde_json::from_str::<Clearable<i64>>("null").unwrap(),
            Clearable::Clear
        );
        assert_eq!(serde_json::from_str::<Clearable<i64>>("7").unwrap(), Clearable::Set(7));
        assert_eq!(serde_json::to_string(&Clearable::<i64>::Clear).unwrap(), "null");
    }
}
