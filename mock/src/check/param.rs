//! Parameters: path, query, headers and places of the body.

use super::json::JsonCheck;
use super::{Problems, Subject, text};
use crate::place;
use serde_json::Value;
use tollgate_descriptor::model::{
    ArrayStyle, Carrier, Model, Operation, PagerKind, Param, ParamAt, ParamPlace, PathPart, Presence, Scheme, Template,
    TemplatePart, Type,
};

/// What a request gives for a parameter.
#[derive(Debug)]
pub(crate) enum Given<'a> {
    /// Text, one per element of a list.
    Texts(Vec<String>),
    /// A map: key and texts.
    Pairs(Vec<(String, Vec<String>)>),
    /// Places of the body, all of them present.
    Json(Vec<(String, &'a Value)>),
}

impl Given<'_> {
    /// The value of a scalar, as a query would hold it.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Texts(texts) => Some(texts.join(",")),
            Self::Json(values) => values.first().and_then(|(_, value)| place::text(value)),
            Self::Pairs(_) => None,
        }
    }
}

/// What a request gives for a parameter, if anything.
pub(crate) fn given<'a>(subject: &Subject<'a>, param: &Param) -> Option<Given<'a>> {
    let is_list = matches!(text::resolve(subject.model, &param.ty), Type::List(_));
    let split = |texts: Vec<String>, commas: bool| -> Vec<String> {
        if is_list && commas {
            texts
                .iter()
                .flat_map(|text| text.split(','))
                .map(|text| text.trim().to_owned())
                .collect()
        } else {
            texts
        }
    };
    let texts = match &param.place {
        ParamPlace::Path { .. } => {
            let hole = PathPart::Param(param.wire.clone());
            let values = subject.captures.iter().filter(|(part, _)| *part == hole);
            split(values.map(|(_, value)| value.clone()).collect(), true)
        }
        ParamPlace::Header => split(subject.arrival.header_values(&param.wire), true),
        ParamPlace::Query if param.wire.contains("{key}") => return given_pairs(subject, param),
        ParamPlace::Query => {
            let name = query_name(subject.model, param);
            let values = subject.arrival.query.iter().filter(|(key, _)| *key == name);
            split(
                values.map(|(_, value)| value.clone()).collect(),
                param.style == ArrayStyle::Comma,
            )
        }
        ParamPlace::Body(path) => {
            let found = place::find(subject.arrival.json.as_ref().ok()?, path);
            let values = found
                .into_iter()
                .filter_map(|found| found.value.map(|value| (found.at, value)));
            let values: Vec<_> = values.collect();
            return (!values.is_empty()).then_some(Given::Json(values));
        }
    };
    (!texts.is_empty()).then_some(Given::Texts(texts))
}

fn given_pairs(subject: &Subject<'_>, param: &Param) -> Option<Given<'static>> {
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in &subject.arrival.query {
        let Some(key) = map_key(subject.model, param, name) else {
            continue;
        };
        match pairs.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value.clone()),
            None => pairs.push((key, vec![value.clone()])),
        }
    }
    (!pairs.is_empty()).then_some(Given::Pairs(pairs))
}

/// The key of a map parameter that a query name holds.
fn map_key(model: &Model, param: &Param, name: &str) -> Option<String> {
    let (before, after) = param.wire.split_once("{key}")?;
    let is_bracketed = matches!(element(model, &param.ty), Some(Type::List(_))) && param.style == ArrayStyle::Brackets;
    let name = if is_bracketed { name.strip_suffix("[]")? } else { name };
    let key = name.strip_prefix(before)?.strip_suffix(after)?;
    (!key.is_empty()).then(|| key.to_owned())
}

fn element<'m>(model: &'m Model, ty: &'m Type) -> Option<&'m Type> {
    match text::resolve(model, ty) {
        Type::List(of) | Type::Map(of) => Some(text::resolve(model, of)),
        _ => None,
    }
}

fn query_name(model: &Model, param: &Param) -> String {
    let is_list = matches!(text::resolve(model, &param.ty), Type::List(_));
    let brackets = if is_list && param.style == ArrayStyle::Brackets {
        "[]"
    } else {
        ""
    };
    format!("{}{brackets}", param.wire)
}

fn label(param: &Param) -> String {
    match &param.place {
        ParamPlace::Path { .. } => format!("`{}` in the path", param.wire),
        ParamPlace::Query => format!("`{}` in the query", param.wire),
        ParamPlace::Header => format!("the header `{}`", param.wire),
        ParamPlace::Body(path) => format!("`{path}`"),
    }
}

pub(super) fn check_all(subject: &Subject<'_>, problems: &mut Problems) {
    let given: Vec<_> = subject
        .operation
        .params
        .iter()
        .map(|param| given(subject, param))
        .collect();
    for (param, given) in subject.operation.params.iter().zip(&given) {
        check_presence(subject, param, given.as_ref(), problems);
        if let Some(given) = given {
            check_value(subject, param, given, problems);
        }
    }
    for choice in &subject.operation.choices {
        let members: Vec<_> = choice
            .members
            .iter()
            .filter_map(|at| subject.operation.params.get(*at))
            .collect();
        let present = choice
            .members
            .iter()
            .filter(|at| given.get(**at).is_some_and(Option::is_some))
            .count();
        if present > 1 || (choice.required && present == 0) {
            let names: Vec<_> = members.iter().map(|param| format!("`{}`", param.wire)).collect();
            let amount = if choice.required { "exactly one" } else { "at most one" };
            problems.add(
                &names.join(", "),
                format!("{amount} of them is allowed, {present} are there"),
            );
        }
    }
    check_headers(subject, problems);
    if subject.strict {
        check_strangers(subject, problems);
    }
}

fn check_presence(subject: &Subject<'_>, param: &Param, given: Option<&Given<'_>>, problems: &mut Problems) {
    let at = label(param);
    match &param.presence {
        Presence::Optional => {}
        Presence::Required if given.is_none() => problems.add(&at, "required, and missing"),
        Presence::Required => check_everywhere(subject, param, problems),
        Presence::Const(json) => {
            if given.is_none_or(|given| !is_constant(given, json)) {
                problems.add(&at, format!("must be {json}"));
            }
        }
        Presence::ByToken(id) => {
            let rule = subject.model.rule(*id);
            let Some(identity) = subject.identity else {
                return;
            };
            if rule.required.contains(&identity.token) {
                match given {
                    None => problems.add(&at, format!("required with a token like `{identity}`, and missing")),
                    Some(_) => check_everywhere(subject, param, problems),
                }
            }
            if rule.absent.contains(&identity.token) && given.is_some() {
                problems.add(&at, format!("must be absent with a token like `{identity}`"));
            }
        }
    }
}

/// A required place under `.*` must be there in each element.
fn check_everywhere(subject: &Subject<'_>, param: &Param, problems: &mut Problems) {
    let (ParamPlace::Body(path), Ok(json)) = (&param.place, &subject.arrival.json) else {
        return;
    };
    for found in place::find(json, path)
        .into_iter()
        .filter(|found| found.value.is_none())
    {
        problems.add(&found.at, "required, and missing");
    }
}

fn is_constant(given: &Given<'_>, json: &str) -> bool {
    match given {
        Given::Json(values) => {
            let constant = serde_json::from_str::<Value>(json).ok();
            values.iter().all(|(_, value)| Some(*value) == constant.as_ref())
        }
        Given::Texts(texts) => matches!(&texts[..], [text] if *text == place::text_of_json(json)),
        Given::Pairs(_) => false,
    }
}

fn check_value(subject: &Subject<'_>, param: &Param, given: &Given<'_>, problems: &mut Problems) {
    let at = label(param);
    match given {
        Given::Texts(texts) => check_texts(subject, param, &param.ty, &at, texts, problems),
        Given::Pairs(pairs) => {
            let Some(of) = element(subject.model, &param.ty) else {
                return;
            };
            for (key, texts) in pairs {
                let texts = match (of, param.style) {
                    (Type::List(_), ArrayStyle::Comma) => texts
                        .iter()
                        .flat_map(|text| text.split(','))
                        .map(str::to_owned)
                        .collect(),
                    _ => texts.clone(),
                };
                let at = format!("`{}` in the query", param.wire.replace("{key}", key));
                check_texts(subject, param, of, &at, &texts, problems);
            }
        }
        Given::Json(values) => {
            let mut check = JsonCheck::new(subject.model, subject.strict, problems);
            for (at, value) in values {
                check.check_at(at, value, &param.ty, param.max_items);
            }
        }
    }
}

fn check_texts(subject: &Subject<'_>, param: &Param, ty: &Type, at: &str, texts: &[String], problems: &mut Problems) {
    let of = match text::resolve(subject.model, ty) {
        Type::List(of) => of,
        scalar => {
            if texts.len() > 1 {
                problems.add(at, "given more than once");
            }
            scalar
        }
    };
    if let Some(max) = param.max_items.filter(|max| texts.len() > *max as usize) {
        problems.add(at, format!("has {} elements, more than {max}", texts.len()));
    }
    for text in texts {
        if let Err(problem) = text::check(subject.model, of, text, subject.strict) {
            problems.add(at, problem);
        }
    }
}

/// The constant headers of the descriptor.
fn check_headers(subject: &Subject<'_>, problems: &mut Problems) {
    for (name, template) in &subject.settings.headers {
        let value = subject.arrival.header(name);
        if !value.is_some_and(|value| fits_template(template, &value)) {
            problems.add(&format!("the header `{name}`"), format!("must be `{template}`"));
        }
    }
}

/// Whether a text could come from a template, whatever its variables are.
fn fits_template(template: &Template, text: &str) -> bool {
    let mut rest = text;
    let mut free = false;
    for part in &template.0 {
        match part {
            TemplatePart::Hole(_) => free = true,
            TemplatePart::Text(literal) => match rest.find(literal.as_str()) {
                Some(at) if at == 0 || free => {
                    rest = &rest[at + literal.len()..];
                    free = false;
                }
                _ => return false,
            },
        }
    }
    free || rest.is_empty()
}

fn check_strangers(subject: &Subject<'_>, problems: &mut Problems) {
    let mut strangers: Vec<_> = subject
        .arrival
        .query
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !is_known(subject, name))
        .collect();
    strangers.dedup();
    for name in strangers {
        problems.add(&format!("`{name}` in the query"), "unknown to the operation");
    }
}

fn is_known(subject: &Subject<'_>, name: &str) -> bool {
    let is_param = |param: &Param| {
        param.place == ParamPlace::Query
            && (query_name(subject.model, param) == name || map_key(subject.model, param, name).is_some())
    };
    let of_scheme = |scheme: &Scheme| match scheme {
        Scheme::Placed(placements) => placements
            .iter()
            .any(|placed| placed.at == Carrier::Query && placed.name == name),
        Scheme::Signed(signed) => signed
            .placements
            .iter()
            .any(|placed| placed.at == Carrier::Query && placed.name == name),
        Scheme::Basic { .. } | Scheme::None => false,
    };
    subject.operation.params.iter().any(is_param)
        || paging_places(subject.operation)
            .iter()
            .any(|at| matches!(at, ParamAt::Query(known) if known == name))
        || subject.model.tokens.iter().any(|token| of_scheme(&token.scheme))
        || (name == crate::page::LINK_CURSOR && subject.operation.pager.is_some())
}

/// Where paging parameters go.
pub(super) fn paging_places(operation: &Operation) -> Vec<&ParamAt> {
    let Some(pager) = &operation.pager else {
        return Vec::new();
    };
    let of_kind = match &pager.kind {
        PagerKind::Page { page: at, .. } | PagerKind::Offset { offset: at } | PagerKind::Cursor { cursor: at, .. } => {
            Some(at)
        }
        PagerKind::Link { .. } | PagerKind::NextUrl { .. } => None,
    };
    of_kind
        .into_iter()
        .chain(pager.page_size.as_ref().map(|size| &size.at))
        .collect()
}

pub(super) fn fitness(subject: &Subject<'_>) -> Option<(usize, usize)> {
    let mut recognised = 0;
    for param in &subject.operation.params {
        let given = given(subject, param);
        match (&param.presence, &given) {
            (Presence::Const(json), given) if !given.as_ref().is_some_and(|given| is_constant(given, json)) => {
                return None;
            }
            (Presence::Required, None) => return None,
            _ => recognised += usize::from(given.is_some()),
        }
    }
    for (name, template) in &subject.settings.headers {
        if !subject
            .arrival
            .header(name)
            .is_some_and(|value| fits_template(template, &value))
        {
            return None;
        }
        recognised += 1;
    }
    let strangers = subject
        .arrival
        .query
        .iter()
        .filter(|(name, _)| !is_known(subject, name))
        .count();
    Some((strangers, usize::MAX - recognised))
}
