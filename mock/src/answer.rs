//! Successes that are not lists of pages: examples, and bodies made up from the models.

use crate::check::{Subject, given, to_json};
use crate::draw::Draw;
use crate::place;
use crate::reply::Reply;
use crate::sample::Sampler;
use bytes::Bytes;
use serde_json::Value;
use tollgate_descriptor::model::{
    ClassifyRule, Example, Method, ParamPlace, PathPart, Payload, Returns, Settings, Shape, Source, StatusMatch,
    StatusPayload, Type,
};

/// The example of an operation that answers a request. One that says what it answers to must fit; one that does not
/// speaks for the whole operation, unless it is paged.
pub(crate) fn example<'a>(subject: &Subject<'a>) -> Option<&'a Example> {
    let examples = &subject.operation.examples;
    let is_specific = |example: &Example| !example.params.is_empty() || example.body.is_some();
    let general = |example: &&Example| !is_specific(example) && (200..300).contains(&example.status);
    let specific = examples
        .iter()
        .find(|example| is_specific(example) && answers(subject, example));
    specific.or_else(|| {
        examples
            .iter()
            .find(general)
            .filter(|_| subject.operation.pager.is_none())
    })
}

fn answers(subject: &Subject<'_>, example: &Example) -> bool {
    let params = example.params.iter().all(|(name, json)| {
        let param = subject
            .operation
            .params
            .iter()
            .find(|param| param.wire == *name || param.rust.as_str() == *name);
        let given = param
            .and_then(|param| given(subject, param))
            .and_then(|given| given.text());
        given.is_some_and(|given| given == list_text(json))
    });
    let body = example.body.as_ref().is_none_or(|body| {
        let expected: Option<Value> = serde_json::from_str(body).ok();
        expected
            .zip(subject.arrival.json.as_ref().ok())
            .is_some_and(|(expected, body)| holds(body, &expected))
    });
    params && body
}

/// A value of an example as a query has it, the elements of a list joined by commas.
fn list_text(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::Array(elements)) => elements.iter().filter_map(place::text).collect::<Vec<_>>().join(","),
        _ => place::text_of_json(json),
    }
}

/// Whether a body holds what an example shows. It may hold more, as keys and constants, and numbers may be texts.
fn holds(body: &Value, expected: &Value) -> bool {
    let number = |value: &Value| place::text(value).and_then(|text| text.parse::<f64>().ok());
    match (body, expected) {
        (Value::Object(body), Value::Object(expected)) => expected
            .iter()
            .all(|(name, expected)| body.get(name).is_some_and(|body| holds(body, expected))),
        (Value::Array(body), Value::Array(expected)) => {
            body.len() == expected.len() && body.iter().zip(expected).all(|(body, expected)| holds(body, expected))
        }
        (Value::Number(_) | Value::String(_), Value::Number(_) | Value::String(_)) if body != expected => number(body)
            .zip(number(expected))
            .is_some_and(|(body, expected)| (body - expected).abs() < f64::EPSILON),
        _ => body == expected,
    }
}

/// The answer that an example gives.
pub(crate) fn of_example(example: &Example) -> Reply {
    match &example.reply {
        None => Reply::empty(example.status),
        Some(json) => Reply::raw(example.status, "application/json", Bytes::from(json.clone())),
    }
}

/// A success. `done_before` is said for replays, which may have a status of their own.
pub(crate) fn success(subject: &Subject<'_>, done_before: bool, draw: &Draw) -> Reply {
    match &subject.operation.returns {
        Returns::Nothing => Reply::empty(204),
        Returns::One(payload) => payload_reply(subject, 200, payload, draw),
        Returns::PerStatus { statuses, .. } => {
            let Some(chosen) = choose_status(subject, statuses, done_before) else {
                return Reply::empty(204);
            };
            match &chosen.payload {
                None => Reply::empty(chosen.status),
                Some(payload) => payload_reply(subject, chosen.status, payload, draw),
            }
        }
    }
}

/// The status of a replay: 200 where the first answer was a 201 beside it.
pub(crate) fn replayed(subject: &Subject<'_>, mut reply: Reply) -> Reply {
    if let Returns::PerStatus { statuses, .. } = &subject.operation.returns
        && reply.status == 201
        && statuses.iter().any(|payload| payload.status == 200)
    {
        reply.status = 200;
    }
    reply
}

fn choose_status<'a>(
    subject: &Subject<'a>,
    statuses: &'a [StatusPayload],
    done_before: bool,
) -> Option<&'a StatusPayload> {
    let with = |status: u16| statuses.iter().find(|payload| payload.status == status);
    let creates = subject.operation.method == Method::Post && !done_before;
    let preferred = if creates { with(201) } else { with(200) };
    preferred.or(statuses.first())
}

fn payload_reply(subject: &Subject<'_>, status: u16, payload: &Payload, draw: &Draw) -> Reply {
    let mut draw = draw.clone();
    match payload {
        Payload::Bytes => Reply::raw(status, "application/octet-stream", Bytes::from(draw.bytes().to_vec())),
        Payload::Text => Reply::raw(
            status,
            "text/plain; charset=utf-8",
            Bytes::from(format!("sample-{}", draw.within(1000..10_000))),
        ),
        Payload::Typed(ty) => Reply::json(status, &harmless(subject, status, ty, &draw)),
    }
}

/// A body that no `classify` rule takes for a failure.
fn harmless(subject: &Subject<'_>, status: u16, ty: &Type, draw: &Draw) -> Value {
    const TRIES: u64 = 16;
    let settings = subject.settings;
    let make = |ordinal: u64| {
        let mut payload = Sampler::new(subject.model)
            .starting_at(ordinal)
            .body(ty, &mut draw.clone());
        echo_id(subject, ty, &mut payload);
        let mut body = Value::Null;
        place::put(&mut body, &settings.unwrap, &payload);
        mark_wrapped(settings, &mut body);
        body
    };
    let mut body = make(0);
    for rule in settings.classify.iter().filter(|rule| takes_success(rule, status)) {
        let mut tries = (1..TRIES).map(make);
        // Going round the enums first: a body that lacks something is a poorer sample.
        while rule.present.is_none() && matches(settings, rule, &body) {
            match tries.next() {
                Some(other) => body = other,
                None => break,
            }
        }
        if matches(settings, rule, &body) {
            remove_cause(settings, rule, &mut body);
        }
    }
    body
}

/// Puts beside the payload what tells that it is wrapped.
pub(crate) fn mark_wrapped(settings: &Settings, body: &mut Value) {
    for (path, allowed) in &settings.unwrap_when {
        let value = allowed.first().and_then(|json| serde_json::from_str(json).ok());
        if let Some(value) = value {
            place::put(body, path, &value);
        }
    }
}

fn takes_success(rule: &ClassifyRule, status: u16) -> bool {
    rule.headers.is_empty()
        && rule.status.iter().any(|found| match found {
            StatusMatch::Exact(exact) => *exact == status,
            StatusMatch::Class(class) => u16::from(*class) == status / 100,
        })
}

fn matches(settings: &Settings, rule: &ClassifyRule, body: &Value) -> bool {
    let is_one_of = |value: &Value, allowed: &[String]| {
        allowed
            .iter()
            .any(|json| serde_json::from_str::<Value>(json).is_ok_and(|allowed| allowed == *value))
    };
    let code = || {
        let code = settings.errors.code.iter().find_map(|place| match &place.source {
            Source::Body(path) => place::first(body, path).and_then(place::text),
            Source::Header(_) => None,
        });
        code.is_some_and(|code| rule.code.contains(&code))
    };
    let present = rule.present.as_ref().is_none_or(|place| match &place.source {
        Source::Body(path) => place::first(body, path).is_some(),
        Source::Header(_) => false,
    });
    let body_holds = rule
        .body
        .iter()
        .all(|(path, allowed)| place::first(body, path).is_some_and(|value| is_one_of(value, allowed)));
    present && body_holds && (rule.code.is_empty() || code())
}

fn remove_cause(settings: &Settings, rule: &ClassifyRule, body: &mut Value) {
    let present = rule.present.iter().filter_map(|place| match &place.source {
        Source::Body(path) => Some(path),
        Source::Header(_) => None,
    });
    let values = rule.body.iter().map(|(path, _)| path);
    let codes = settings
        .errors
        .code
        .iter()
        .filter(|_| !rule.code.is_empty())
        .filter_map(|place| match &place.source {
            Source::Body(path) => Some(path),
            Source::Header(_) => None,
        });
    for path in present.chain(values).chain(codes) {
        if !path.0.is_empty() && matches(settings, rule, body) {
            place::remove(body, path);
        }
    }
}

/// What is asked for by its id has that id.
fn echo_id(subject: &Subject<'_>, ty: &Type, payload: &mut Value) {
    let Type::Named(definition) = ty else {
        return;
    };
    let Shape::Record(record) = &subject.model.definition(*definition).shape else {
        return;
    };
    let is_path = |place: &ParamPlace| matches!(place, ParamPlace::Path { .. });
    let mut params = subject.operation.params.iter().filter(|param| is_path(&param.place));
    let (Some(param), None) = (params.next(), params.next()) else {
        return;
    };
    let named = |name: &str| record.fields.iter().find(|field| field.wire == name);
    let Some(field) = named(&param.wire).or_else(|| named("id")) else {
        return;
    };
    let hole = PathPart::Param(param.wire.clone());
    let Some((_, value)) = subject.captures.iter().find(|(part, _)| *part == hole) else {
        return;
    };
    if let (Value::Object(fields), Some(value)) = (payload, to_json(subject.model, &field.ty, value)) {
        fields.insert(field.wire.clone(), value);
    }
}
