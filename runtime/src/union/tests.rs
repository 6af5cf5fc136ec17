use super::*;
use crate::{Decimal, format, record};
use record::{Record, field, field_as, formatted, required, skip};
use serde::{Deserialize, Serialize, de::MapAccess};

#[derive(Clone, Debug, Default, PartialEq)]
struct Card {
    kind: Option<String>,
    limit: Decimal,
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        record::read(input, &["type", "limit"], required(&[1]))
    }
}

impl Record for Card {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
        match index {
            0 => field(&mut self.kind, input),
            1 => field_as::<format::DecimalString, _, _>(&mut self.limit, input),
            _ => skip(input),
        }
    }
}

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let limit = formatted::<format::DecimalString, _>(&self.limit);
        record::write(output, &[("limit", &limit), ("type", &self.kind)])
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Payment {
    Card(Card),
    Unknown(Json),
}

impl<'de> Deserialize<'de> for Payment {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let (tag, body) = read(input, "type")?;
        match tag.as_deref() {
            Some("card") => variant(body).map(Self::Card),
            tag => unknown::<Self, _>(tag, body).map(Self::Unknown),
        }
    }
}

impl Serialize for Payment {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Card(card) => write(output, "type", "card", card),
            Self::Unknown(json) => json.serialize(output),
        }
    }
}

fn payment(json: &str) -> Result<Payment, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn a_variant_keeps_every_digit() {
    let read = payment(r#"{"limit":123456789012345678.123456789,"type":"card"}"#).unwrap();
    let Payment::Card(card) = &read else { panic!("{read:?}") };
    assert_eq!(card.limit.to_string(), "123456789012345678.123456789");
    assert_eq!(
        serde_json::to_string(&read).unwrap(),
        r#"{"type":"card","limit":"123456789012345678.123456789"}"#
    );
}

#[test]
fn the_tag_is_written_once_also_where_the_model_lacks_it() {
    let card = Payment::Card(Card::default());
    assert_eq!(serde_json::to_string(&card).unwrap(), r#"{"type":"card","limit":"0"}"#);
    assert_eq!(
        serde_json::to_value(&card).unwrap(),
        serde_json::json!({"type": "card", "limit": "0"})
    );
}

#[test]
fn an_unknown_tag_or_none_is_kept() {
    for json in [
        r#"{"type":"iban","x":[1,null]}"#,
        r#"{"x":1}"#,
        r#"{"type":null}"#,
        "null",
        "[1]",
        "\"card\"",
    ] {
        let read = payment(json).unwrap();
        assert!(matches!(read, Payment::Unknown(_)), "{json}");
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

#[test]
fn a_tag_may_be_a_number() {
    let mut input = serde_json::Deserializer::from_str(r#"{"v": 2}"#);
    assert_eq!(read(&mut input, "v").unwrap().0.as_deref(), Some("2"));
}

#[test]
fn a_variant_that_does_not_fit_says_where_it_stands() {
    let error = serde_json::from_str::<Vec<Payment>>("[\n\n{\"type\":\"card\"}]").unwrap_err();
    assert_eq!(error.to_string(), "`limit` of `Card` is missing at line 3 column 16");
}

#[test]
fn unions_are_read_out_of_values_too() {
    let json = serde_json::json!({"type": "card", "limit": 1.5});
    let read: Payment = serde_json::from_value(json).unwrap();
    assert_eq!(
        read,
        Payment::Card(Card {
            kind: Some("card".to_owned()),
            limit: "1.5".parse().unwrap()
        })
    );
}

#[test]
fn a_variant_that_is_no_object_cannot_be_written() {
    let mut output = Vec::new();
    let error = write(&mut serde_json::Serializer::new(&mut output), "type", "card", &7).unwrap_err();
    assert_eq!(error.to_string(), "the variant `card` is not written as an object");
}

#[test]
fn the_kind_of_json_tells_variants_apart() {
    let kind = |json: &str| {
        let (kind, body) = read_kind(&mut serde_json::Deserializer::from_str(json)).unwrap();
        (kind, unknown::<(), serde_json::Error>(kind, body).unwrap().to_string())
    };
    for (json, expected) in [
        ("{}", Some("object")),
        ("[1]", Some("list")),
        (r#""a""#, Some("text")),
        ("-1", Some("number")),
        ("0.5", Some("number")),
        ("true", Some("bool")),
        ("false", Some("bool")),
        ("null", None),
    ] {
        assert_eq!(kind(json), (expected, json.to_owned()));
        let spaced = format!(" \n{json} ");
        assert_eq!(kind(&spaced).0, expected, "{spaced:?}");
    }
}

#[test]
fn a_variant_is_read_by_its_format() {
    let body = |json: &str| read_kind(&mut serde_json::Deserializer::from_str(json)).unwrap().1;
    let read: Result<Vec<i64>, serde_json::Error> = variant_as::<format::Int, _, _>(body(r#"["1",2]"#));
    assert_eq!(read.unwrap(), [1, 2]);
    let refused: Result<i64, serde_json::Error> = variant_as::<format::Int, _, _>(body("[]"));
    assert!(!refused.unwrap_err().to_string().contains("column"));
}
