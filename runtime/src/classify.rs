//! What an answer means.

use crate::{Kind, Rule, Settings, StatusMatch, place::Look};

/// What kind of failure it is, and what is known of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) kind: Kind,
    pub(crate) hint: Option<&'static str>,
    pub(crate) model: Option<usize>,
    /// Whether neither a rule nor HTTP says what its status means.
    pub(crate) is_unknown: bool,
}

/// `None` is a success. The first rule that matches decides, else the status.
pub(crate) fn classify(settings: &'static Settings, look: &Look<'_>) -> Option<Verdict> {
    let rule = settings.classify.iter().find(|rule| matches(rule, settings, look));
    if let Some(rule) = rule {
        return Some(Verdict {
            kind: rule.kind,
            hint: rule.hint,
            model: rule.model.or(settings.errors.body),
            is_unknown: false,
        });
    }
    let status = look.reply().status;
    let kind = by_status(status)?;
    Some(Verdict {
        kind,
        hint: None,
        model: settings.errors.body,
        is_unknown: kind == Kind::Rejected || status > 599,
    })
}

fn matches(rule: &Rule, settings: &Settings, look: &Look<'_>) -> bool {
    let status = look.reply().status;
    let has_status = match rule.status {
        [] => !(200..300).contains(&status),
        statuses => statuses.iter().any(|wanted| match wanted {
            StatusMatch::Exact(exact) => *exact == status,
            StatusMatch::Class(class) => u16::from(*class) == status / 100,
        }),
    };
    has_status
        && (rule.code.is_empty() || has_code(rule, settings, look))
        && rule.headers.iter().all(|(name, allowed)| {
            let mut values = look.reply().headers.get_all(name);
            values.any(|value| allowed.contains(&value.trim()))
        })
        && rule.body.iter().all(|(path, allowed)| {
            let found = look.values(*path);
            let mut texts = found.into_iter().map(ToString::to_string);
            texts.any(|text| allowed.contains(&text.as_str()))
        })
        && rule.present.as_ref().is_none_or(|place| look.is_present(place))
}

fn has_code(rule: &Rule, settings: &Settings, look: &Look<'_>) -> bool {
    let found = look.first_text(settings.errors.code);
    found.is_some_and(|code| rule.code.contains(&code.as_str()))
}

fn by_status(status: u16) -> Option<Kind> {
    Some(match status {
        200..300 => return None,
        400 | 405 | 422 => Kind::Invalid,
        401 => Kind::Unauthorized,
        402 => Kind::QuotaExceeded,
        403 => Kind::OutOfScope,
        404 | 410 => Kind::NotFound,
        409 | 412 => Kind::Conflict,
        408 | 502..=504 => Kind::Unavailable,
        429 => Kind::RateLimited,
        500.. => Kind::Server,
        _ => Kind::Rejected,
    })
}

#[cfg(test)]
mod tests;
