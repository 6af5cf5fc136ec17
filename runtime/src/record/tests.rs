use super::*;
use crate::{Clearable, Date, Decimal, Json, Secret, Timestamp, Url, Uuid, format, open, secret::exposing};
use proptest::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::MapAccess};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
struct Order {
    id: i64,
    name: Option<String>,
    cost: Clearable<Decimal>,
    status: Option<Status>,
    lines: Option<Vec<Line>>,
    counts: Option<BTreeMap<String, i64>>,
    parent: Option<Box<Order>>,
    other: BTreeMap<String, Json>,
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        read(
            input,
            &["id", "name", "cost", "status", "lines", "counts", "parent", "kind"],
            required(&[0]),
        )
    }
}

impl Record for Order {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
        match index {
            0 => field_as::<format::Int, _, _>(&mut self.id, input),
            1 => field(&mut self.name, input),
            2 => field_as::<format::DecimalNumber, _, _>(&mut self.cost, input),
            3 => field(&mut self.status, input),
            4 => field(&mut self.lines, input),
            5 => field_as::<format::Int, _, _>(&mut self.counts, input),
            6 => field(&mut self.parent, input),
            _ => skip(input),
        }
    }
    fn unknown(&mut self) -> Option<&mut BTreeMap<String, Json>> {
        Some(&mut self.other)
    }
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        write_open(
            output,
            &[
                ("id", &self.id),
                ("name", &self.name),
                ("cost", &formatted::<format::DecimalNumber, _>(&self.cost)),
                ("status", &self.status),
                ("lines", &self.lines),
                ("counts", &self.counts),
                ("parent", &self.parent),
                ("kind", &Constant("\"order\"")),
            ],
            &self.other,
        )
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    sku: String,
    quantity: Option<i64>,
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        read(input, &["sku", "quantity"], required(&[0]))
    }
}

impl Record for Line {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
        match index {
            0 => field(&mut self.sku, input),
            1 => field_as::<format::Int, _, _>(&mut self.quantity, input),
            _ => skip(input),
        }
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        write(
            output,
            &[("sku", &self.sku), ("quantity", &nullable(self.quantity.as_ref()))],
        )
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Status {
    Open,
    Other(String),
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        if text == "open" { Self::Open } else { Self::Other(text) }
    }
}

impl open::Open for Status {
    fn unlisted(&self) -> Option<&str> {
        match self {
            Self::Other(text) => Some(text),
            Self::Open => None,
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        open::read(input)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let text = match self {
            Self::Open => "open",
            Self::Other(text) => text,
        };
        open::write(output, text)
    }
}

fn order(json: &str) -> Result<Order, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn null_is_absent_and_clears_what_can_be_cleared() {
    let read = order(r#"{"id":"7","name":null,"cost":null,"lines":null}"#).unwrap();
    let expected = Order {
        id: 7,
        cost: Clearable::Clear,
        ..Order::default()
    };
    assert_eq!(read, expected);
    assert_eq!(
        serde_json::to_string(&read).unwrap(),
        r#"{"id":7,"cost":null,"kind":"order"}"#
    );
}

#[test]
fn a_missing_field_is_named_with_its_record() {
    assert_eq!(
        order("{}").unwrap_err(),
        "`id` of `Order` is missing at line 1 column 2"
    );
    assert_eq!(
        order(r#"{"id":7,"lines":[{"sku":"a"},{}]}"#).unwrap_err(),
        "`lines` of `Order`: `sku` of `Line` is missing at line 1 column 31"
    );
    let error = order(r#"{"id":null}"#).unwrap_err();
    assert!(
        error.starts_with("`id` of `Order`: invalid type: null, expected an integer"),
        "{error}"
    );
}

#[derive(Debug, Default, PartialEq)]
struct Payer {
    key: String,
    contact_or_customer: String,
}

impl<'de> Deserialize<'de> for Payer {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        read(
            input,
            &["key", "contact", "customer"],
            required(&[0]).one_of(&[&[1, 2]]),
        )
    }
}

impl Record for Payer {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
        match index {
            0 => field(&mut self.key, input),
            _ => skip(input),
        }
    }

    fn read_choice<'de, A: MapAccess<'de>>(&mut self, _: usize, input: &mut A) -> Result<bool, A::Error> {
        let mut value: Option<String> = None;
        field(&mut value, input)?;
        let chosen = value.map(|value| self.contact_or_customer = value);
        Ok(chosen.is_some())
    }
}

#[test]
fn one_of_several_fields_must_come() {
    let read = |json| serde_json::from_str::<Payer>(json).map_err(|error| error.to_string());
    for json in [
        r#"{"key": "k", "contact": "c"}"#,
        r#"{"key": "k", "customer": "c"}"#,
        r#"{"key": "k", "contact": "c", "customer": null}"#,
    ] {
        assert_eq!(read(json).unwrap().contact_or_customer, "c", "{json}");
    }
    for json in [r#"{"key": "k"}"#, r#"{"key": "k", "contact": null}"#] {
        let error = read(json).unwrap_err();
        assert!(
            error.starts_with("`contact` or `customer` of `Payer` is missing"),
            "{error}"
        );
    }
    let error = read("{}").unwrap_err();
    assert!(
        error.starts_with("`key`, `contact` or `customer` of `Payer` is missing"),
        "{error}"
    );
}

#[test]
fn a_value_that_does_not_fit_is_named_with_its_field() {
    let error = order("{\"id\":7,\n\"cost\":\"cheap\"}").unwrap_err();
    assert_eq!(
        error,
        "`cost` of `Order`: not a decimal, expected a decimal at line 2 column 15"
    );
    let error = order("[]").unwrap_err();
    assert!(error.contains("expected an object (`Order`)"), "{error}");
}

#[test]
fn unknown_fields_are_kept_or_skipped() {
    let json = r#"{"id":7,"kind":"order","new":{"a":[1]},"newer":null}"#;
    let read = order(json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert_eq!(
        serde_json::from_str::<Line>(r#"{"x":{"sku":1},"sku":"a","y":[]}"#)
            .unwrap()
            .sku,
        "a"
    );
}

#[test]
fn a_kept_field_cannot_stand_in_for_a_declared_one() {
    let mut order = Order::default();
    order.other.insert("name".to_owned(), Json::from("x"));
    assert_eq!(serde_json::to_string(&order).unwrap(), r#"{"id":0,"kind":"order"}"#);
}

#[test]
fn of_a_field_that_comes_twice_the_last_counts() {
    assert_eq!(
        order(r#"{"id":1,"name":"a","id":2,"name":null}"#).unwrap(),
        Order {
            id: 2,
            ..Order::default()
        }
    );
}

#[test]
fn a_nullable_value_is_always_written() {
    assert_eq!(
        serde_json::to_string(&Line::default()).unwrap(),
        r#"{"sku":"","quantity":null}"#
    );
}

#[test]
fn records_nest_and_order_does_not_matter() {
    let read =
        order(r#"{"parent":{"name":"p","id":1},"counts":{"a":"1"},"lines":[{"quantity":"2","sku":"s"}],"id":2}"#);
    assert_eq!(
        serde_json::to_string(&read.unwrap()).unwrap(),
        r#"{"id":2,"lines":[{"sku":"s","quantity":2}],"counts":{"a":1},"parent":{"id":1,"kind":"order"},"kind":"order"}"#
            .replace(r#"{"id":1,"kind""#, r#"{"id":1,"name":"p","kind""#)
    );
}

#[test]
fn a_wide_record_knows_which_fields_came() {
    const NAMES: [&str; 200] = {
        const ALL: &str = "000102030405060708091011121314151617181920212223242526272829303132333435363738394041424344454647484950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798990a0b0c0d0e0f0g0h0i0j0k0l0m0n0o0p0q0r0s0t0u0v0w0x0y0z1a1b1c1d1e1f1g1h1i1j1k1l1m1n1o1p1q1r1s1t1u1v1w1x1y1z2a2b2c2d2e2f2g2h2i2j2k2l2m2n2o2p2q2r2s2t2u2v2w2x2y2z3a3b3c3d3e3f3g3h3i3j3k3l3m3n3o3p3q3r3s3t3u3v";
        let mut names = [""; 200];
        let mut index = 0;
        let mut rest = ALL;
        while index < 200 {
            let (name, after) = rest.split_at(2);
            names[index] = name;
            rest = after;
            index += 1;
        }
        names
    };
    #[derive(Default)]
    struct Wide(BTreeMap<usize, u8>);
    impl<'de> Deserialize<'de> for Wide {
        fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            read(input, &NAMES, required(&[0, 63, 64, 127, 128, 199]))
        }
    }
    impl Record for Wide {
        fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
            self.0.insert(index, input.next_value()?);
            Ok(())
        }
    }
    let json = |skipped: &[usize]| {
        let fields = NAMES
            .iter()
            .enumerate()
            .rev()
            .filter(|(index, _)| !skipped.contains(index));
        let fields: Vec<_> = fields.map(|(index, name)| format!("\"{name}\":{index}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let wide: Wide = serde_json::from_str(&json(&[])).unwrap();
    assert!(wide.0.iter().all(|(index, value)| *index == usize::from(*value)) && wide.0.len() == 200);
    assert!(serde_json::from_str::<Wide>(&json(&[1, 62, 65, 129])).is_ok());
    for index in [0, 63, 64, 127, 128, 199] {
        let error = serde_json::from_str::<Wide>(&json(&[index])).err().unwrap().to_string();
        assert!(
            error.starts_with(&format!("`{}` of `Wide` is missing", NAMES[index])),
            "{error}"
        );
    }
}

#[test]
fn a_secret_in_a_record_is_told_to_requests_only() {
    #[derive(Default)]
    struct Login(Option<Secret>);
    impl Serialize for Login {
        fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
            write(output, &[("password", &self.0)])
        }
    }
    let login = Login(Some("hunter2".into()));
    assert_eq!(serde_json::to_string(&login).unwrap(), "{\"password\":\"…\"}");
    assert_eq!(
        exposing(|| serde_json::to_string(&login)).unwrap(),
        "{\"password\":\"hunter2\"}"
    );
    assert_eq!(serde_json::to_string(&Login::default()).unwrap(), "{}");
}

#[test]
fn a_value_that_cannot_be_written_is_an_error_of_the_whole() {
    let order = Order {
        cost: Clearable::Set("12345678901234567.89".parse().unwrap()),
        ..Order::default()
    };
    let error = serde_json::to_string(&order).unwrap_err().to_string();
    assert!(error.contains("12345678901234567.89"), "{error}");
}

#[test]
fn bodies_that_do_not_fit_are_none() {
    assert_eq!(parse::<Line>(b"{\"sku\":\"a\"}").unwrap().sku, "a");
    assert!(parse::<Line>(b"{}").is_none());
    assert!(parse::<Line>(b"<html>").is_none());
    assert!(parse::<Line>(b"\xff").is_none());
}

#[test]
fn plain_types_have_defaults_and_read_back() {
    fn round_trip<T: Default + Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>() {
        let json = serde_json::to_string(&T::default()).unwrap();
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), T::default());
    }
    round_trip::<Date>();
    round_trip::<Timestamp>();
    round_trip::<Uuid>();
    round_trip::<Url>();
}

fn any_line() -> impl Strategy<Value = Line> {
    (".{0,8}", any::<Option<i64>>()).prop_map(|(sku, quantity)| Line { sku, quantity })
}

fn any_order() -> impl Strategy<Value = Order> {
    let cost = prop_oneof![
        Just(Clearable::Keep),
        Just(Clearable::Clear),
        (-1_000_000_000_i64..1_000_000_000, 0_u32..6)
            .prop_map(|(digits, scale)| Clearable::Set(Decimal::new(digits, scale))),
    ];
    let status = prop_oneof![Just(Status::Open), "[a-np-z].{0,8}".prop_map(Status::Other)];
    let plain = (
        any::<i64>(),
        any::<Option<String>>(),
        cost,
        prop::option::of(status),
        prop::option::of(prop::collection::vec(any_line(), 0..3)),
        prop::option::of(prop::collection::btree_map(".{0,4}", any::<i64>(), 0..3)),
        prop::collection::btree_map("x.{0,4}", any::<bool>().prop_map(Json::from), 0..3),
    );
    let plain = plain.prop_map(|(id, name, cost, status, lines, counts, other)| Order {
        id,
        name,
        cost,
        status,
        lines,
        counts,
        parent: None,
        other,
    });
    let plain = plain.boxed();
    (plain.clone(), prop::option::of(plain)).prop_map(|(order, parent)| Order {
        parent: parent.map(Box::new),
        ..order
    })
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(order in any_order()) {
        let text = serde_json::to_string(&order).unwrap();
        prop_assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order.clone());
        let pretty = serde_json::to_string_pretty(&order).unwrap();
        prop_assert_eq!(serde_json::from_str::<Order>(&pretty).unwrap(), order.clone());
        let value = serde_json::to_value(&order).unwrap();
        prop_assert_eq!(serde_json::from_value::<Order>(value).unwrap(), order);
    }
}
