use super::*;
use crate::{Clearable, Json};
use proptest::prelude::*;
use serde_json::Error;
use std::collections::BTreeMap;

fn read<F: Format<T>, T>(json: &str) -> Result<T, Error> {
    let mut input = serde_json::Deserializer::from_str(json);
    let value = F::read(&mut input)?;
    input.end()?;
    Ok(value)
}

fn write<F: Format<T>, T>(value: &T) -> Result<String, Error> {
    serde_json::to_string(&Formatted::<F, T>::new(value))
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn integers_are_read_from_numbers_and_texts() {
    for json in ["7", "7.0", "\"7\"", "\" 7 \"", "\"7.00\"", "70e-1"] {
        assert_eq!(read::<Int, i64>(json).unwrap(), 7, "{json}");
        assert_eq!(read::<IntString, i64>(json).unwrap(), 7, "{json}");
    }
    assert_eq!(read::<Int, i64>("9223372036854775807").unwrap(), i64::MAX);
    assert_eq!(read::<Int, i64>("\"-9223372036854775808\"").unwrap(), i64::MIN);
    assert_eq!(read::<Int, u64>("18446744073709551615").unwrap(), u64::MAX);
    assert_eq!(write::<IntString, i64>(&7).unwrap(), "\"7\"");
    assert_eq!(write::<Int, i64>(&7).unwrap(), "7");
}

#[test]
fn what_is_no_integer_is_refused_rather_than_rounded() {
    for json in [
        "7.5",
        "\"7.5\"",
        "\"\"",
        "\"seven\"",
        "true",
        "null",
        "1e300",
        "9223372036854775808",
        "[7]",
        "{}",
    ] {
        assert!(read::<Int, i64>(json).is_err(), "{json}");
    }
}

#[test]
fn decimals_are_read_to_the_last_digit() {
    let long = "1234567890.123456789012345678";
    assert_eq!(read::<DecimalNumber, Decimal>(long).unwrap(), decimal(long));
    assert_eq!(
        read::<DecimalString, Decimal>(&format!("\"{long}\"")).unwrap(),
        decimal(long)
    );
    assert_eq!(read::<DecimalNumber, Decimal>("1.10").unwrap().to_string(), "1.10");
    assert_eq!(read::<DecimalNumber, Decimal>("1.5e3").unwrap(), decimal("1500"));
    assert_eq!(read::<DecimalNumber, Decimal>("15E-4").unwrap(), decimal("0.0015"));
    assert_eq!(read::<DecimalNumber, Decimal>("0e99").unwrap(), Decimal::ZERO);
    assert_eq!(read::<DecimalNumber, Decimal>("-0.0").unwrap(), Decimal::ZERO);
    let zeros = format!("1.5{}", "0".repeat(40));
    assert_eq!(read::<DecimalNumber, Decimal>(&zeros).unwrap(), decimal("1.5"));
}

#[test]
fn a_decimal_that_does_not_fit_is_refused_rather_than_rounded() {
    let long = format!("0.{}", "1".repeat(29));
    for json in [long.as_str(), "1e29", "1e-29", "1e99999999999999999999", "1e400"] {
        assert!(read::<DecimalNumber, Decimal>(json).is_err(), "{json}");
        assert!(
            read::<DecimalString, Decimal>(&format!("\"{json}\"")).is_err(),
            "{json}"
        );
    }
    for json in [
        "\"\"",
        "\"-\"",
        "\".\"",
        "\"1_000\"",
        "\"1,5\"",
        "\"NaN\"",
        "true",
        "null",
        "[1]",
        "{\"a\":1}",
        "\"1e\"",
    ] {
        assert!(read::<DecimalNumber, Decimal>(json).is_err(), "{json}");
    }
}

#[test]
fn a_decimal_is_a_number_only_where_the_number_is_exact() {
    assert_eq!(write::<DecimalNumber, _>(&decimal("1.10")).unwrap(), "1.1");
    assert_eq!(write::<DecimalNumber, _>(&decimal("7.00")).unwrap(), "7");
    assert_eq!(write::<DecimalNumber, _>(&decimal("0.1")).unwrap(), "0.1");
    assert_eq!(
        write::<DecimalNumber, _>(&decimal("9007199254740993")).unwrap(),
        "9007199254740993"
    );
    let error = write::<DecimalNumber, _>(&decimal("12345678901234567.89")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a JSON number cannot carry the decimal 12345678901234567.89 exactly"
    );
    assert_eq!(
        write::<DecimalString, _>(&decimal("12345678901234567.89")).unwrap(),
        "\"12345678901234567.89\""
    );
    assert_eq!(write::<DecimalString, _>(&decimal("1.10")).unwrap(), "\"1.10\"");
}

#[test]
fn decimals_come_out_of_other_formats_too() {
    let json = Json::from(7.25);
    assert_eq!(
        <DecimalNumber as Format<Decimal>>::read(&json).unwrap(),
        decimal("7.25")
    );
    assert_eq!(
        <DecimalNumber as Format<Decimal>>::read(Json::from("7.25")).unwrap(),
        decimal("7.25")
    );
    let plain = serde::de::value::StrDeserializer::<serde::de::value::Error>::new("7.25");
    assert_eq!(
        <DecimalNumber as Format<Decimal>>::read(plain).unwrap(),
        decimal("7.25")
    );
    let plain = serde::de::value::I64Deserializer::<serde::de::value::Error>::new(7);
    assert_eq!(<DecimalNumber as Format<Decimal>>::read(plain).unwrap(), decimal("7"));
}

#[test]
fn floats_are_finite() {
    assert!((read::<Float, f64>("\"1.5\"").unwrap() - 1.5).abs() < f64::EPSILON);
    assert!((read::<Float, f64>("2").unwrap() - 2.0).abs() < f64::EPSILON);
    assert!(read::<Float, f64>("\"inf\"").is_err());
    assert!(write::<Float, _>(&f64::NAN).is_err());
    assert_eq!(write::<Float, _>(&1.5).unwrap(), "1.5");
}

#[test]
fn times_are_seconds_or_milliseconds() {
    let time: Timestamp = "2024-05-06T07:08:09.25Z".parse().unwrap();
    assert_eq!(read::<Unix, Timestamp>("1714979289.25").unwrap(), time);
    assert_eq!(read::<Unix, Timestamp>("\"1714979289.25\"").unwrap(), time);
    assert_eq!(read::<UnixMs, Timestamp>("1714979289250").unwrap(), time);
    assert_eq!(write::<Unix, _>(&time).unwrap(), "1714979289");
    assert_eq!(write::<UnixMs, _>(&time).unwrap(), "1714979289250");
    assert!(read::<Unix, Timestamp>("1e20").is_err());
    assert!(read::<UnixMs, Timestamp>("79228162514264337593543950335").is_err());
}

#[test]
fn base64_is_read_in_every_spelling() {
    for json in ["\"+/8=\"", "\"-_8\"", "\"+/8\""] {
        assert_eq!(read::<Base64, Bytes>(json).unwrap().as_ref(), [0xfb, 0xff], "{json}");
    }
    assert_eq!(
        write::<Base64, _>(&Bytes::from_static(&[0xfb, 0xff])).unwrap(),
        "\"+/8=\""
    );
    assert!(read::<Base64, Bytes>("\"!\"").is_err());
}

#[test]
fn a_format_reaches_through_what_holds_its_values() {
    assert_eq!(read::<Int, Option<Vec<i64>>>("[\"1\",2]").unwrap(), Some(vec![1, 2]));
    assert_eq!(read::<Int, Option<Vec<i64>>>("null").unwrap(), None);
    assert_eq!(read::<Int, Clearable<i64>>("null").unwrap(), Clearable::Clear);
    assert_eq!(read::<Int, Clearable<i64>>("\"1\"").unwrap(), Clearable::Set(1));
    assert_eq!(read::<Int, Box<i64>>("\"1\"").unwrap(), Box::new(1));
    assert_eq!(
        read::<List<Map<Int>>, Vec<BTreeMap<String, i64>>>("[{\"a\":\"1\"}]").unwrap(),
        [BTreeMap::from([("a".to_owned(), 1_i64)])]
    );
    assert_eq!(
        read::<List<Opt<Int>>, Vec<Option<i64>>>("[null,\"1\"]").unwrap(),
        [None, Some(1)]
    );
    assert_eq!(write::<IntString, _>(&Some(vec![1_i64, 2])).unwrap(), "[\"1\",\"2\"]");
    assert_eq!(write::<IntString, _>(&Clearable::<i64>::Clear).unwrap(), "null");
    assert_eq!(
        write::<Map<IntString>, _>(&BTreeMap::from([("a".to_owned(), 1_i64)])).unwrap(),
        "{\"a\":\"1\"}"
    );
    assert_eq!(write::<Plain, _>(&vec![1, 2]).unwrap(), "[1,2]");
}

#[test]
fn a_decimal_between_two_shortest_texts_of_a_double_is_refused_rather_than_changed() {
    let value = Decimal::new(-17_781_085_205_605_183, 1);
    let json = write::<DecimalNumber, _>(&value);
    assert!(json.is_err(), "{json:?}");
}

proptest! {
    #[test]
    fn what_is_written_reads_back(mantissa: i64, scale in 0_u32..19, seconds in -9_999_999_999_i64..99_999_999_999, bytes: Vec<u8>) {
        let value = Decimal::new(mantissa, scale);
        prop_assert_eq!(read::<DecimalString, Decimal>(&write::<DecimalString, _>(&value).unwrap()).unwrap(), value);
        if let Ok(json) = write::<DecimalNumber, _>(&value) {
            prop_assert_eq!(read::<DecimalNumber, Decimal>(&json).unwrap(), value);
        }
        prop_assert_eq!(read::<Int, i64>(&write::<IntString, _>(&mantissa).unwrap()).unwrap(), mantissa);
        prop_assert_eq!(read::<Int, i64>(&write::<Int, _>(&mantissa).unwrap()).unwrap(), mantissa);
        let time = Timestamp::from_second(seconds).unwrap();
        prop_assert_eq!(read::<Unix, Timestamp>(&write::<Unix, _>(&time).unwrap()).unwrap(), time);
        prop_assert_eq!(read::<UnixMs, Timestamp>(&write::<UnixMs, _>(&time).unwrap()).unwrap(), time);
        let bytes = Bytes::from(bytes);
        prop_assert_eq!(read::<Base64, Bytes>(&write::<Base64, _>(&bytes).unwrap()).unwrap(), bytes);
    }

    #[test]
    fn decimals_of_up_to_fifteen_digits_fit_a_number(mantissa in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..16) {
        let value = Decimal::new(mantissa, scale);
        let json = write::<DecimalNumber, _>(&value).unwrap();
        prop_assert_eq!(read::<DecimalNumber, Decimal>(&json).unwrap(), value);
    }

    #[test]
    fn no_text_makes_a_format_panic(text in "[-+0-9.eE_ ]{0,40}") {
        let json = serde_json::to_string(&text).unwrap();
        let _ = read::<DecimalNumber, Decimal>(&json);
        let _ = read::<Int, i64>(&json);
        let _ = read::<Unix, Timestamp>(&json);
        let _ = read::<Base64, Bytes>(&json);
    }
}
