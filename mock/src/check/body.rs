//! Bodies: their media type, and what they hold.

use super::json::JsonCheck;
use super::{Misfit, Problems, Subject, form, param};
use crate::arrival::essence;
use crate::place;
use serde_json::Value;
use tollgate_descriptor::model::{Content, IdempotencyKey, ParamAt, ParamPlace, Path, Payload};

const JSON: &str = "application/json";

/// Refuses a body of another media type than the declared one.
pub(super) fn check_media(subject: &Subject<'_>) -> Result<(), Misfit> {
    let expected = match (&subject.operation.content, &subject.operation.body) {
        _ if subject.arrival.body.is_empty() => return Ok(()),
        (Content::Media(media), _) => essence(media),
        (_, None) if own_places(subject).is_empty() => return Ok(()),
        (Content::Form, _) => "application/x-www-form-urlencoded".to_owned(),
        (Content::Multipart, _) => "multipart/form-data".to_owned(),
        (_, Some(Payload::Text)) => "text/plain".to_owned(),
        (_, Some(Payload::Bytes)) | (Content::Binary, _) => "application/octet-stream".to_owned(),
        (Content::Json, _) => JSON.to_owned(),
    };
    let found = subject.arrival.media();
    if found.as_deref() == Some(expected.as_str()) {
        return Ok(());
    }
    let found = found.map_or_else(|| "none".to_owned(), |media| format!("`{media}`"));
    Err(Misfit {
        status: 415,
        message: format!("the header `Content-Type` must be `{expected}`, and is {found}"),
    })
}

/// Places of the body that parameters, pagers and keys use, whatever the model says.
fn own_places<'a>(subject: &Subject<'a>) -> Vec<&'a Path> {
    let params = subject.operation.params.iter().filter_map(|param| match &param.place {
        ParamPlace::Body(path) => Some(path),
        _ => None,
    });
    let paging = param::paging_places(subject.operation)
        .into_iter()
        .filter_map(|at| match at {
            ParamAt::Body(path) => Some(path),
            ParamAt::Query(_) | ParamAt::Header(_) => None,
        });
    let key = match &subject.operation.idempotency_key {
        Some(IdempotencyKey::Body(path)) => Some(path),
        _ => None,
    };
    params.chain(paging).chain(key).collect()
}

pub(super) fn check(subject: &Subject<'_>, problems: &mut Problems) {
    let (operation, arrival) = (subject.operation, subject.arrival);
    match (&operation.body, &operation.content) {
        (Some(Payload::Bytes), _) => {}
        (Some(Payload::Text), _) => {
            if std::str::from_utf8(&arrival.body).is_err() {
                problems.add("the body", "is not UTF-8");
            }
        }
        (Some(Payload::Typed(ty)), Content::Form) => form::check_form(subject, ty, problems),
        (Some(Payload::Typed(ty)), Content::Multipart) => form::check_multipart(subject, ty, problems),
        (body, _) => {
            let places = own_places(subject);
            if arrival.body.is_empty() {
                if body.is_some() {
                    problems.add("the body", "required, and missing");
                }
            } else if body.is_none() && places.is_empty() {
                problems.add("the body", "the operation has none");
            } else {
                check_json(subject, places, problems);
            }
        }
    }
    check_batch(subject, problems);
    check_key(subject, problems);
}

fn check_json<'a>(subject: &Subject<'a>, places: Vec<&'a Path>, problems: &mut Problems) {
    let json = match &subject.arrival.json {
        Ok(json) => json,
        Err(error) => {
            problems.add("the body", format!("is not JSON: {error}"));
            return;
        }
    };
    let mut check = JsonCheck::new(subject.model, subject.strict, problems).exempt(places);
    match &subject.operation.body {
        Some(Payload::Typed(ty)) => check.check(json, ty, None),
        _ => check.check_strangers(json),
    }
}

fn check_batch(subject: &Subject<'_>, problems: &mut Problems) {
    let (Some(batch), Ok(json)) = (&subject.operation.batch, &subject.arrival.json) else {
        return;
    };
    let count = elements(json, &batch.items);
    if count > batch.max_items as usize {
        problems.add(
            &format!("`{}`", batch.items),
            format!("has {count} elements, more than {}", batch.max_items),
        );
    }
}

/// How many elements the lists at a path have.
fn elements(json: &Value, path: &Path) -> usize {
    let lists = place::find(json, path)
        .into_iter()
        .filter_map(|found| found.value.and_then(Value::as_array));
    lists.map(Vec::len).sum()
}

fn check_key(subject: &Subject<'_>, problems: &mut Problems) {
    const MISSING: &str = "the idempotency key is missing";
    match &subject.operation.idempotency_key {
        Some(IdempotencyKey::Header(name)) if subject.arrival.header(name).is_none_or(|key| key.is_empty()) => {
            problems.add(&format!("the header `{name}`"), MISSING);
        }
        None | Some(IdempotencyKey::Header(_)) => {}
        Some(IdempotencyKey::Body(path)) => {
            let Ok(json) = &subject.arrival.json else {
                return;
            };
            for found in place::find(json, path) {
                if found.value.and_then(place::text).is_none_or(|key| key.is_empty()) {
                    problems.add(&format!("`{}`", found.at), MISSING);
                }
            }
        }
    }
}
