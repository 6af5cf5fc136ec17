//! Forms and multipart bodies.

use super::json::JsonCheck;
use super::{Problems, Subject, text};
use crate::arrival::{Part, essence};
use crate::place;
use tollgate_descriptor::model::{ArrayStyle, Field, FieldPresence, Record, Shape, Type};

fn record<'a>(subject: &Subject<'a>, ty: &'a Type) -> Option<&'a Record> {
    match text::resolve(subject.model, ty) {
        Type::Named(id) => match &subject.model.definition(*id).shape {
            Shape::Record(record) => Some(record),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn check_form(subject: &Subject<'_>, ty: &Type, problems: &mut Problems) {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&subject.arrival.body)
        .into_owned()
        .collect();
    let Some(record) = record(subject, ty) else {
        return;
    };
    for field in &record.fields {
        let name = form_name(subject, field);
        let values: Vec<_> = pairs
            .iter()
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
            .collect();
        let values: Vec<_> = match text::resolve(subject.model, &field.ty) {
            Type::List(_) if field.style == ArrayStyle::Comma => {
                values.iter().flat_map(|value| value.split(',')).collect()
            }
            _ => values,
        };
        // How a provider nests is not declared: `a[b]` and `a.b` both count as `a`.
        let nested = pairs.iter().any(|(key, _)| is_nested(key, &field.wire));
        check_texts(subject, field, &values, nested, problems);
    }
    if !subject.strict || record.open {
        return;
    }
    for (key, _) in &pairs {
        let is_field = |field: &Field| form_name(subject, field) == *key || is_nested(key, &field.wire);
        if !record.fields.iter().any(is_field) {
            problems.add(&format!("`{key}` in the form"), "unknown to the model");
        }
    }
}

fn is_nested(key: &str, field: &str) -> bool {
    key.strip_prefix(field)
        .is_some_and(|rest| rest.starts_with('.') || (rest.starts_with('[') && rest != "[]"))
}

fn form_name(subject: &Subject<'_>, field: &Field) -> String {
    let is_list = matches!(text::resolve(subject.model, &field.ty), Type::List(_));
    let brackets = if is_list && field.style == ArrayStyle::Brackets {
        "[]"
    } else {
        ""
    };
    format!("{}{brackets}", field.wire)
}

fn check_texts(subject: &Subject<'_>, field: &Field, values: &[&str], nested: bool, problems: &mut Problems) {
    let at = format!("`{}` in the form", field.wire);
    if let Some(constant) = &field.constant {
        if values != [place::text_of_json(constant)] {
            problems.add(&at, format!("must be {constant}"));
        }
        return;
    }
    if values.is_empty() && !nested && is_required(field) {
        problems.add(&at, "required, and missing");
    }
    if let Some(max) = field.max_items.filter(|max| values.len() > *max as usize) {
        problems.add(&at, format!("has {} elements, more than {max}", values.len()));
    }
    let of = match text::resolve(subject.model, &field.ty) {
        Type::List(of) => of,
        scalar => {
            if values.len() > 1 {
                problems.add(&at, "given more than once");
            }
            scalar
        }
    };
    for value in values {
        let cleared = value.is_empty() && matches!(field.presence, FieldPresence::Clearable | FieldPresence::Nullable);
        if let Err(problem) = text::check(subject.model, of, value, subject.strict)
            && !cleared
        {
            problems.add(&at, problem);
        }
    }
}

fn is_required(field: &Field) -> bool {
    matches!(field.presence, FieldPresence::Required | FieldPresence::Nullable)
}

pub(super) fn check_multipart(subject: &Subject<'_>, ty: &Type, problems: &mut Problems) {
    let parts = match &subject.arrival.parts {
        Ok(parts) => parts,
        Err(error) => {
            problems.add("the body", format!("is not multipart: {error}"));
            return;
        }
    };
    let Some(record) = record(subject, ty) else {
        return;
    };
    for field in &record.fields {
        let name = form_name(subject, field);
        let own: Vec<_> = parts.iter().filter(|part| part.name == name).collect();
        let at = format!("the part `{}`", field.wire);
        if own.is_empty() && (is_required(field) || field.constant.is_some()) {
            problems.add(&at, "required, and missing");
        }
        if let Some(max) = field.max_items.filter(|max| own.len() > *max as usize) {
            problems.add(&at, format!("is there {} times, more than {max}", own.len()));
        }
        for part in own {
            check_part(subject, field, part, problems);
        }
    }
    let is_field = |name: &str| record.fields.iter().any(|field| form_name(subject, field) == name);
    if subject.strict && !record.open {
        for part in parts.iter().filter(|part| !is_field(&part.name)) {
            problems.add(&format!("the part `{}`", part.name), "unknown to the model");
        }
    }
}

fn check_part(subject: &Subject<'_>, field: &Field, part: &Part, problems: &mut Problems) {
    let at = format!("the part `{}`", field.wire);
    if let Some(content) = &field.content
        && part.media.as_deref().map(essence) != Some(essence(content))
    {
        problems.add(&at, format!("its content type must be `{content}`"));
    }
    let of = match text::resolve(subject.model, &field.ty) {
        Type::List(of) => text::resolve(subject.model, of),
        scalar => scalar,
    };
    if *of == Type::Bytes {
        return;
    }
    let Ok(body) = std::str::from_utf8(&part.body) else {
        problems.add(&at, "is not UTF-8");
        return;
    };
    if let Some(constant) = &field.constant {
        if *body != place::text_of_json(constant) {
            problems.add(&at, format!("must be {constant}"));
        }
        return;
    }
    let is_json = match of {
        Type::Json | Type::Map(_) | Type::List(_) => true,
        Type::Named(id) => !matches!(subject.model.definition(*id).shape, Shape::Enum(_)),
        _ => false,
    };
    if !is_json {
        if let Err(problem) = text::check(subject.model, of, body, subject.strict) {
            problems.add(&at, problem);
        }
        return;
    }
    match serde_json::from_str(body) {
        Ok(json) => JsonCheck::new(subject.model, subject.strict, problems).check_at(&field.wire, &json, of, None),
        Err(error) => problems.add(&at, format!("is not JSON: {error}")),
    }
}
