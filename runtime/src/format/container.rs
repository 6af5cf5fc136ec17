//! Formats of what holds values that have a format.

use super::{Base64, DecimalNumber, DecimalString, Float, Format, Formatted, Int, IntString, Seed, Unix, UnixMs};
use crate::Clearable;
use serde::{
    Deserializer, Serializer,
    de::{self, MapAccess, SeqAccess},
};
use std::{collections::BTreeMap, fmt, marker::PhantomData};

/// A list whose elements have the format `F`.
pub struct List<F>(PhantomData<F>);

/// A map whose values have the format `F`.
pub struct Map<F>(PhantomData<F>);

/// An optional value of the format `F`.
pub struct Opt<F>(PhantomData<F>);

macro_rules! optional {
    ($([$($F:ident)?] $Format:ty;)*) => {
        $(
            impl<$($F,)? T> Format<Option<T>> for $Format
            where
                $Format: Format<T>,
            {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Option<T>, D::Error> {
                    read_option::<Self, T, D>(input)
                }

                fn write<S: Serializer>(value: &Option<T>, output: S) -> Result<S::Ok, S::Error> {
                    write_option::<Self, T, S>(value.as_ref(), output)
                }
            }

            impl<$($F,)? T> Format<Clearable<T>> for $Format
            where
                $Format: Format<T>,
            {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Clearable<T>, D::Error> {
                    read_option::<Self, T, D>(input).map(Clearable::from)
                }

                fn write<S: Serializer>(value: &Clearable<T>, output: S) -> Result<S::Ok, S::Error> {
                    match value {
                        Clearable::Clear => output.serialize_unit(),
                        other => write_option::<Self, T, S>(other.value(), output),
                    }
                }
            }

            impl<$($F,)? T> Format<Box<T>> for $Format
            where
                $Format: Format<T>,
            {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Box<T>, D::Error> {
                    <Self as Format<T>>::read(input).map(Box::new)
                }

                fn write<S: Serializer>(value: &Box<T>, output: S) -> Result<S::Ok, S::Error> {
                    <Self as Format<T>>::write(value, output)
                }
            }
        )*
    };
}

macro_rules! repeated {
    ($($Format:ty)*) => {
        $(
            impl<T> Format<Vec<T>> for $Format
            where
                $Format: Format<T>,
            {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<T>, D::Error> {
                    input.deserialize_seq(ListVisitor::<Self, T>(PhantomData))
                }

                fn write<S: Serializer>(value: &Vec<T>, output: S) -> Result<S::Ok, S::Error> {
                    output.collect_seq(value.iter().map(Formatted::<Self, T>::new))
                }
            }

            impl<T> Format<BTreeMap<String, T>> for $Format
            where
                $Format: Format<T>,
            {
                fn read<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, T>, D::Error> {
                    input.deserialize_map(MapVisitor::<Self, T>(PhantomData))
                }

                fn write<S: Serializer>(value: &BTreeMap<String, T>, output: S) -> Result<S::Ok, S::Error> {
                    output.collect_map(value.iter().map(|(key, value)| (key, Formatted::<Self, T>::new(value))))
                }
            }
        )*
    };
}

optional! {
    [] Int;
    [] IntString;
    [] Float;
    [] DecimalNumber;
    [] DecimalString;
    [] Unix;
    [] UnixMs;
    [] Base64;
    [F] List<F>;
    [F] Map<F>;
}

repeated! { Int IntString Float DecimalNumber DecimalString Unix UnixMs Base64 }

impl<F: Format<T>, T> Format<Vec<T>> for List<F> {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<T>, D::Error> {
        input.deserialize_seq(ListVisitor::<F, T>(PhantomData))
    }

    fn write<S: Serializer>(value: &Vec<T>, output: S) -> Result<S::Ok, S::Error> {
        output.collect_seq(value.iter().map(Formatted::<F, T>::new))
    }
}

impl<F: Format<T>, T> Format<BTreeMap<String, T>> for Map<F> {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, T>, D::Error> {
        input.deserialize_map(MapVisitor::<F, T>(PhantomData))
    }

    fn write<S: Serializer>(value: &BTreeMap<String, T>, output: S) -> Result<S::Ok, S::Error> {
        output.collect_map(value.iter().map(|(key, value)| (key, Formatted::<F, T>::new(value))))
    }
}

impl<F: Format<T>, T> Format<Option<T>> for Opt<F> {
    fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Option<T>, D::Error> {
        read_option::<F, T, D>(input)
    }

    fn write<S: Serializer>(value: &Option<T>, output: S) -> Result<S::Ok, S::Error> {
        write_option::<F, T, S>(value.as_ref(), output)
    }
}

fn read_option<'de, F: Format<T>, T, D: Deserializer<'de>>(input: D) -> Result<Option<T>, D::Error> {
    input.deserialize_option(OptionVisitor::<F, T>(PhantomData))
}

fn write_option<F: Format<T>, T, S: Serializer>(value: Option<&T>, output: S) -> Result<S::Ok, S::Error> {
    match value {
        // Without `serialize_some`, so that a value that is itself absent stays so.
        Some(value) => F::write(value, output),
        None => output.serialize_none(),
    }
}

struct OptionVisitor<F, T>(PhantomData<fn() -> (F, T)>);

impl<'de, F: Format<T>, T> de::Visitor<'de> for OptionVisitor<F, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Option<T>, D::Error> {
        F::read(input).map(Some)
    }
}

struct ListVisitor<F, T>(PhantomData<fn() -> (F, T)>);

impl<'de, F: Format<T>, T> de::Visitor<'de> for ListVisitor<F, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Seed::<F, T>::new())? {
            list.push(element);
        }
        Ok(list)
    }
}

struct MapVisitor<F, T>(PhantomData<fn() -> (F, T)>);

impl<'de, F: Format<T>, T> de::Visitor<'de> for MapVisitor<F, T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<BTreeMap<String, T>, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(key, entries.next_value_seed(Seed::<F, T>::new())?);
        }
        Ok(map)
    }
}
