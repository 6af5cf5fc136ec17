//! Answers with more, or less, than the descriptor knows.

mod support;

use serde_json::json;
use support::*;
use tollgate::{
    Client, Connection, DecodeError, Drift, DriftKind, ErrorKind, HttpReply, Operation, PermittedBy, Reply, Request,
    ScriptedTransport, Settings, Spec, Ticked,
    record::{self, Record},
    serde::{Deserialize, Deserializer, de::MapAccess},
    union,
};

#[derive(Clone, Debug, Default)]
struct Order {
    id: i64,
    status: Status,
    lines: Vec<String>,
    note: Option<String>,
    payment: Option<Payment>,
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let required = record::required(&[0]).expected(&[2, 3]);
        record::read(input, &["id", "status", "lines", "note", "payment"], required)
    }
}

impl Record for Order {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
        match index {
            0 => record::field(&mut self.id, input),
            1 => record::field(&mut self.status, input),
            2 => record::field(&mut self.lines, input),
            3 => record::field(&mut self.note, input),
            4 => record::field(&mut self.payment, input),
            _ => record::skip(input),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Status {
    Open,
    Other(String),
}

impl Status {
    fn as_str(&self) -> &str {
        match self {
            Self::Open => "open",
            Self::Other(text) => text,
        }
    }
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        if text == "open" { Self::Open } else { Self::Other(text) }
    }
}

tollgate::open_enum!(Status, Other, read);

#[derive(Clone, Debug)]
enum Payment {
    Cash(tollgate::Json),
    Unknown(tollgate::Json),
}

impl<'de> Deserialize<'de> for Payment {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let (tag, body) = union::read(input, "type")?;
        match tag.as_deref() {
            Some("cash") => union::variant(body).map(Self::Cash),
            tag => union::unknown::<Self, _>(tag, body).map(Self::Unknown),
        }
    }
}

#[derive(Clone, Debug)]
struct GetOrder;

impl PermittedBy<Source> for GetOrder {
    const USE_MACRO: Ticked = Ticked::YES;
}

impl Operation for GetOrder {
    type Output = Order;
    type Failure = Mistake;
    const SPEC: &'static Spec = &Spec {
        id: "orders.get",
        path: "/orders/1",
        settings: &Settings { retry: None, ..PLAIN },
        ..GET
    };
    fn encode(&self, _: &mut Request) {}
    fn decode(reply: &Reply) -> Result<Order, DecodeError> {
        match reply.status() {
            200 => reply.json(),
            _ => Err(reply.unexpected()),
        }
    }
}

#[derive(Debug, Default)]
struct Mistake {
    error: String,
}

impl<'de> Deserialize<'de> for Mistake {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        record::read(input, &["error"], record::required(&[0]))
    }
}

impl Record for Mistake {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, _: usize, input: &mut A) -> Result<(), A::Error> {
        record::field(&mut self.error, input)
    }
}

impl tollgate::ErrorBody for Mistake {
    fn read(_: usize, body: &[u8]) -> Option<Self> {
        record::parse(body)
    }
}

fn connect(mode: Drift, replies: impl IntoIterator<Item = HttpReply>) -> (Connection<Toy>, Client<Source>) {
    let script = replies
        .into_iter()
        .fold(ScriptedTransport::new(), ScriptedTransport::then);
    let connection = Connection::<Toy>::builder()
        .transport(script)
        .drift(mode)
        .build()
        .unwrap();
    let client = Client::new(&connection, Source::new(SECRET));
    (connection, client)
}

fn json(status: u16, body: &tollgate::Json) -> HttpReply {
    HttpReply::new(status).json(body)
}

fn drifted() -> HttpReply {
    json(
        200,
        &json!({
            "id": 7, "status": "late", "color": "red", "tint": "dark", "4111111111111111": true, SECRET: 1,
            "payment": {"type": "card", "number": "4242"},
        }),
    )
}

/// What a report says, without the time.
fn lines(connection: &Connection<Toy>) -> Vec<String> {
    let report = connection.drift().to_string();
    let lines = report
        .lines()
        .map(|line| line.split(", first at").next().unwrap().to_owned());
    lines.collect()
}

#[tokio::test]
async fn an_answer_with_drift_is_read_and_what_was_found_is_counted() {
    let (connection, client) = connect(Drift::Report, [drifted(), drifted()]);
    for _ in 0..2 {
        let order = client.call(GetOrder).send().await.unwrap();
        assert_eq!((order.id, order.status), (7, Status::Other("late".to_owned())));
        assert!(order.lines.is_empty() && order.note.is_none());
        assert!(matches!(order.payment, Some(Payment::Unknown(json)) if json["number"] == "4242"));
    }
    assert_eq!(
        lines(&connection),
        [
            "orders.get: unknown field `Order.color`, 2 times",
            "orders.get: unknown field `Order.tint`, 2 times",
            "orders.get: unknown field `Order.…`, 4 times",
            "orders.get: missing field `Order.lines`, 2 times",
            "orders.get: missing field `Order.note`, 2 times",
            "orders.get: unknown variant `Payment.card`, 2 times",
            "orders.get: unknown value `Status.late`, 2 times",
        ]
    );
    let text = format!("{:?}", connection.drift());
    assert!(
        !text.contains("4242") && !text.contains("red") && !text.contains(SECRET),
        "{text}"
    );
}

#[tokio::test]
async fn nothing_is_counted_where_the_answer_is_what_the_descriptor_says() {
    let fits = json!({"id": 7, "status": "open", "lines": [], "note": null, "payment": {"type": "cash"}});
    let (connection, client) = connect(Drift::Refuse, [json(200, &fits)]);
    let order = client.call(GetOrder).send().await.unwrap();
    assert!(matches!(order.payment, Some(Payment::Cash(json)) if json["type"] == "cash"));
    assert!(connection.drift().is_empty(), "{}", connection.drift());
}

#[tokio::test]
async fn a_strict_connection_refuses_drift_and_says_what_it_is() {
    let (connection, client) = connect(Drift::Refuse, [drifted()]);
    let error = client.call(GetOrder).send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Drift, Some(200)));
    let text = error.to_string();
    assert!(text.contains("unknown field `Order.color`"), "{text}");
    assert!(text.contains("unknown value `Status.late`"), "{text}");
    assert!(!text.contains(SECRET) && !text.contains("4242"), "{text}");
    assert!(!error.raw().is_empty());
    assert_eq!(connection.drift().entries().len(), 7);
}

#[tokio::test]
async fn a_strict_connection_says_first_what_cannot_be_read() {
    let (_, client) = connect(Drift::Refuse, [json(200, &json!({"lines": [], "color": "red"}))]);
    let error = client.call(GetOrder).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn whoever_ignores_drift_has_an_empty_report() {
    let (connection, client) = connect(Drift::Ignore, [drifted()]);
    client.call(GetOrder).send().await.unwrap();
    assert!(connection.drift().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_without_a_field_is_an_error_and_counted() {
    let (connection, client) = connect(Drift::Report, [json(200, &json!({"lines": [], "note": null}))]);
    let error = client.call(GetOrder).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("`id` of `Order` is missing"), "{error}");
    assert_eq!(lines(&connection), ["orders.get: missing field `Order.id`, once"]);
    let report = connection.drift();
    let entry = &report.entries()[0];
    assert_eq!(
        (entry.kind, entry.model, entry.count),
        (DriftKind::MissingField, "Order", 1)
    );
}

#[tokio::test]
async fn statuses_that_nobody_knows_are_counted_and_others_are_not() {
    let replies = [
        json(202, &json!({})),
        HttpReply::new(302),
        HttpReply::new(404),
        HttpReply::new(503),
    ];
    let (connection, client) = connect(Drift::Report, replies);
    let mut kinds = Vec::new();
    for _ in 0..4 {
        kinds.push(client.call(GetOrder).send().await.unwrap_err().kind().as_str());
    }
    assert_eq!(kinds, ["decode", "rejected", "not_found", "unavailable"]);
    assert_eq!(
        lines(&connection),
        [
            "orders.get: unknown status `202`, once",
            "orders.get: unknown status `302`, once"
        ]
    );
}

#[tokio::test]
async fn bodies_of_failures_drift_too() {
    let (connection, client) = connect(Drift::Report, [json(400, &json!({"error": "no", "trace": "abc"}))]);
    let error = client.call(GetOrder).send().await.unwrap_err();
    assert_eq!(error.body().unwrap().error, "no");
    assert_eq!(lines(&connection), ["orders.get: unknown field `Mistake.trace`, once"]);
}
