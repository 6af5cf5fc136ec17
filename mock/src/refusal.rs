//! Failures in the shape that the descriptor gives them.

use crate::draw::Draw;
use crate::place;
use crate::reply::Reply;
use crate::sample::Sampler;
use regex_lite::Regex;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tollgate_descriptor::model::{DefinitionId, Model, Place, Settings, Shape, Source, StatusMatch, TimeFormat, Type};

/// A request that gets no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// How long to wait before another try.
    pub(crate) wait: Option<Duration>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            wait: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn wait(mut self, wait: Option<Duration>) -> Self {
        self.wait = wait;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The answer, by the settings of the operation where one was found.
    pub(crate) fn reply(&self, model: &Model, settings: Option<&Settings>, seed: u64) -> Reply {
        let mut body = Value::Null;
        let mut headers = self.headers.clone();
        match settings {
            None => body = json!({ "message": self.message, "code": self.code() }),
            Some(settings) => {
                self.fill(model, settings, seed, &mut body, &mut headers);
            }
        }
        if let Some(wait) = self.wait {
            let place = settings.and_then(|settings| settings.retry.as_ref()?.wait_from.first());
            match place {
                Some(place) => set(place, &wait_value(place, wait), &mut body, &mut headers),
                None => headers.push(("Retry-After".to_owned(), whole_seconds(wait).to_string())),
            }
        }
        let mut reply = Reply::json(self.status, &body);
        reply.headers.extend(headers);
        reply
    }

    fn fill(
        &self,
        model: &Model,
        settings: &Settings,
        seed: u64,
        body: &mut Value,
        headers: &mut Vec<(String, String)>,
    ) {
        let errors = &settings.errors;
        let definition = error_model(settings, self.status);
        if let Some(id) = definition {
            *body = Sampler::required_only(model).body(&Type::Named(id), &mut Draw::new(seed, &["error"]));
        }
        match errors.message.first() {
            Some(place) => set(place, &json!(self.message), body, headers),
            None if definition.is_none() => *body = json!({ "message": self.message }),
            None => {}
        }
        if let Some(place) = errors.code.first() {
            set(place, &self.code_value(model, definition, place), body, headers);
        }
    }

    fn code(&self) -> &'static str {
        match self.status {
            400 | 413 | 414 | 415 => "invalid",
            401 => "unauthorized",
            402 => "quota_exceeded",
            403 => "out_of_scope",
            404 => "not_found",
            405 => "method_not_allowed",
            409 => "conflict",
            429 => "rate_limited",
            408 | 502..=504 => "unavailable",
            status if status >= 500 => "server",
            _ => "rejected",
        }
    }

    /// The code, a number where the model wants one.
    fn code_value(&self, model: &Model, definition: Option<DefinitionId>, place: &Place) -> Value {
        let ty = match (&place.source, definition) {
            (Source::Body(path), Some(id)) => type_at(model, id, &path.0),
            _ => None,
        };
        match ty {
            Some(Type::Int(_)) => json!(self.status),
            _ => json!(self.code()),
        }
    }
}

/// The model of a failure with that status and no other mark.
fn error_model(settings: &Settings, status: u16) -> Option<DefinitionId> {
    let applies = |found: &StatusMatch| match found {
        StatusMatch::Exact(exact) => *exact == status,
        StatusMatch::Class(class) => u16::from(*class) == status / 100,
    };
    let rule = settings.classify.iter().find(|rule| {
        let only_status =
            rule.code.is_empty() && rule.headers.is_empty() && rule.body.is_empty() && rule.present.is_none();
        only_status && (rule.status.is_empty() || rule.status.iter().any(applies))
    });
    rule.and_then(|rule| rule.model).or(settings.errors.body)
}

fn type_at<'m>(model: &'m Model, id: DefinitionId, steps: &[tollgate_descriptor::model::Step]) -> Option<&'m Type> {
    use tollgate_descriptor::model::Step;
    let (Step::Name(name), rest) = steps.split_first()? else {
        return None;
    };
    let Shape::Record(record) = &model.definition(id).shape else {
        return None;
    };
    let ty = &record.fields.iter().find(|field| field.wire == *name)?.ty;
    match (rest, ty) {
        ([], ty) => Some(ty),
        (rest, Type::Named(id)) => type_at(model, *id, rest),
        _ => None,
    }
}

/// Puts a value where a place says.
pub(crate) fn set(place: &Place, value: &Value, body: &mut Value, headers: &mut Vec<(String, String)>) {
    match &place.source {
        Source::Body(path) => place::put(body, path, value),
        Source::Header(name) => headers.push((name.clone(), place::text(value).unwrap_or_default())),
    }
}

/// A wait as the first of a place's formats has it, so that its pattern finds it again.
pub(crate) fn wait_value(place: &Place, wait: Duration) -> Value {
    let value = wait_written(place, wait);
    match &place.pattern {
        None => value,
        Some(pattern) => json!(text_for_pattern(pattern, &place::text(&value).unwrap_or_default())),
    }
}

/// A wait as the first of a place's formats has it.
pub(crate) fn wait_written(place: &Place, wait: Duration) -> Value {
    let at = SystemTime::now() + wait;
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = |time: Duration| u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    match place.formats.first() {
        None | Some(TimeFormat::Seconds) => json!(whole_seconds(wait)),
        Some(TimeFormat::Milliseconds) => json!(millis(wait)),
        // Whole seconds, the next one: an earlier date would send the caller back too soon.
        Some(TimeFormat::HttpDate) => json!(httpdate::fmt_http_date(at + Duration::from_secs(1))),
        Some(TimeFormat::Rfc3339) => {
            let at = jiff::Timestamp::from_millisecond(i64::try_from(millis(since)).unwrap_or(i64::MAX));
            json!(at.unwrap_or(jiff::Timestamp::MAX).to_string())
        }
        Some(TimeFormat::Unix) => json!(whole_seconds(since)),
        Some(TimeFormat::UnixMs) => json!(millis(since)),
        Some(TimeFormat::Duration) => json!(format!("{}ms", millis(wait))),
    }
}

/// A text in which the first group of a pattern finds a value. Tried: the value alone, and the pattern's own letters
/// around it.
pub(crate) fn text_for_pattern(pattern: &str, value: &str) -> String {
    let Ok(regex) = Regex::new(pattern) else {
        return value.to_owned();
    };
    let around = match (pattern.find('('), pattern.rfind(')')) {
        (Some(open), Some(close)) if open < close => {
            let literal = |text: &str| text.replace(['\\', '^', '$', '?', '*', '+'], "");
            format!("{}{value}{}", literal(&pattern[..open]), literal(&pattern[close + 1..]))
        }
        _ => value.to_owned(),
    };
    let finds = |text: &str| {
        regex
            .captures(text)
            .and_then(|found| found.get(1))
            .is_some_and(|group| group.as_str() == value)
    };
    if !finds(value) && finds(&around) {
        around
    } else {
        value.to_owned()
    }
}

/// Rounded up, and never 0, which would be no hint.
fn whole_seconds(wait: Duration) -> u64 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    seconds.max(1)
}
