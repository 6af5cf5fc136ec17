//! Which page is next, and whether there is one.

use super::link;
use crate::{
    HttpReply, HttpRequest, Json, Pager, PagerKind, Path, Place, Request, Source, Start,
    place::{Look, find, scalar},
    prepare::CallersKey,
};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};
use url::Url;

/// One page of a walk through a list: where it is, and what was seen on the way.
#[derive(Clone, Default)]
pub(crate) struct Turn {
    pager: Option<&'static Pager>,
    at: At,
    /// How many pages there were before.
    count: usize,
    /// How many items there were before, if it is known.
    before: Option<u64>,
    /// How many items a page holds, if it is known.
    size: Option<u32>,
    /// What led to the pages so far.
    seen: BTreeSet<String>,
    /// The page before this one.
    last: Option<u64>,
    asked: Option<Url>,
}

#[derive(Clone, Default)]
enum At {
    /// Where the provider begins.
    #[default]
    Beginning,
    Number(u64),
    Cursor(Json),
    Url(Url),
}

impl Turn {
    /// Writes into a request which page it asks for, and how long pages are.
    pub(crate) fn apply(&mut self, pager: &'static Pager, request: &mut Request) -> Result<(), String> {
        if self.pager.is_none() {
            self.size = page_size(pager, request)?;
            self.begin(pager, request.wanted_start())?;
            self.pager = Some(pager);
        }
        if let (Some(size), Some(spec)) = (self.size, &pager.page_size) {
            request.put(spec.at, &Json::from(size));
        }
        match (&pager.kind, &self.at) {
            (PagerKind::Page { page: at, .. } | PagerKind::Offset { offset: at }, At::Number(number)) => {
                request.put(*at, &Json::from(*number));
            }
            (PagerKind::Cursor { cursor: at, .. }, At::Cursor(cursor)) => request.put(*at, cursor),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, pager: &Pager, start: Option<&Start>) -> Result<(), String> {
        self.before = start.is_none().then_some(0);
        self.at = match (&pager.kind, start) {
            (PagerKind::Page { first, .. }, None) => At::Number(*first),
            (PagerKind::Page { first, .. }, Some(Start::Number(page))) => {
                let skipped = page.checked_sub(*first);
                self.before = skipped.zip(self.size).map(|(skipped, size)| skipped * u64::from(size));
                At::Number(*page)
            }
            (PagerKind::Offset { .. }, None) => At::Number(0),
            (PagerKind::Offset { .. }, Some(Start::Number(offset))) => {
                self.before = Some(*offset);
                At::Number(*offset)
            }
            (PagerKind::Cursor { .. }, Some(Start::Cursor(cursor))) => {
                self.seen.insert(cursor.clone());
                At::Cursor(Json::from(cursor.as_str()))
            }
            (PagerKind::Cursor { .. } | PagerKind::Link { .. } | PagerKind::NextUrl { .. }, None) => At::Beginning,
            (_, Some(_)) => return Err("this list cannot begin there".to_owned()),
        };
        Ok(())
    }

    /// The URL to ask instead of the operation's own.
    pub(crate) fn next_url(&self) -> Option<Url> {
        match &self.at {
            At::Url(url) => Some(url.clone()),
            At::Beginning | At::Number(_) | At::Cursor(_) => None,
        }
    }

    pub(crate) fn asked(&mut self, request: &HttpRequest) {
        self.asked = Some(request.url.clone());
    }

    /// The caller's idempotency key, for this page.
    pub(crate) fn key(&self, text: String) -> CallersKey {
        let from = (self.count > 0).then_some(self.count);
        CallersKey { text, from }
    }

    /// Where this page begins, as a caller would say it.
    pub(crate) fn start(&self) -> Option<Start> {
        match &self.at {
            At::Number(number) => Some(Start::Number(*number)),
            At::Cursor(cursor) => scalar(cursor).map(Start::Cursor),
            At::Beginning | At::Url(_) => None,
        }
    }

    /// The count of all items, by the answer.
    pub(crate) fn total(&self, reply: &HttpReply) -> Option<u64> {
        let place = self.pager?.total.as_ref()?;
        Look::at(reply).text(place)?.parse().ok()
    }

    /// The page after this one, which had `count` items. The error says why it cannot be asked for.
    pub(crate) fn next(mut self, reply: &HttpReply, count: usize) -> Result<Option<Self>, String> {
        let Some(pager) = self.pager.filter(|_| count > 0) else {
            return Ok(None);
        };
        let count = count as u64;
        self.count += 1;
        self.before = self.before.map(|before| before + count);
        let all_seen = self
            .before
            .zip(self.total(reply))
            .is_some_and(|(seen, total)| seen >= total);
        let is_short = pager.stop_short && self.size.is_some_and(|size| count < u64::from(size));
        if all_seen || is_short {
            return Ok(None);
        }
        let next = match &pager.kind {
            PagerKind::Page { .. } => self.number_after(reply, 1)?,
            PagerKind::Offset { .. } => self.number_after(reply, count)?,
            PagerKind::Cursor { next, last, more, .. } => {
                let look = Look::at(reply);
                let cursor = if is_over(&look, more.as_ref()) {
                    None
                } else {
                    cursor(&look, pager, next.as_ref(), last.as_ref())
                };
                cursor.map(At::Cursor)
            }
            PagerKind::Link { rel } => self.followed(link::by_rel(&reply.headers, rel))?,
            PagerKind::NextUrl { next } => self.followed(Look::at(reply).text(next))?,
        };
        let Some(next) = next else {
            return Ok(None);
        };
        self.at = next;
        self.remember().map(Some)
    }

    fn number_after(&mut self, reply: &HttpReply, step: u64) -> Result<Option<At>, String> {
        let At::Number(number) = self.at else {
            return Ok(None);
        };
        let mut hasher = DefaultHasher::new();
        reply.body.hash(&mut hasher);
        let this = Some(hasher.finish());
        if this == self.last {
            return Err(format!("the provider sent the same page again for {number}"));
        }
        self.last = this;
        Ok(number.checked_add(step).map(At::Number))
    }

    fn followed(&self, link: Option<String>) -> Result<Option<At>, String> {
        let (Some(link), Some(asked)) = (link.filter(|link| !link.is_empty()), &self.asked) else {
            return Ok(None);
        };
        link::follow(asked, &link).map(|url| Some(At::Url(url)))
    }

    fn remember(mut self) -> Result<Self, String> {
        let (what, seen) = match &self.at {
            At::Cursor(cursor) => ("cursor", scalar(cursor)),
            At::Url(url) => ("link", Some(url.to_string())),
            At::Beginning | At::Number(_) => ("", None),
        };
        if seen.is_some_and(|seen| !self.seen.insert(seen)) {
            return Err(format!(
                "the provider sent the same {what} a second time, which would never end"
            ));
        }
        Ok(self)
    }
}

fn page_size(pager: &Pager, request: &Request) -> Result<Option<u32>, String> {
    let Some(spec) = &pager.page_size else {
        return Ok(None);
    };
    let size = request.wanted_page_size().or(spec.default);
    match (size, spec.max) {
        (Some(0), _) => Err("a page of no items would never end".to_owned()),
        (Some(size), Some(max)) if size > max => {
            Err(format!("a page of {size} items: the provider gives at most {max}"))
        }
        _ => Ok(size),
    }
}

fn is_over(look: &Look<'_>, more: Option<&Place>) -> bool {
    let more = more.and_then(|place| look.text(place));
    more.is_some_and(|more| matches!(more.as_str(), "false" | "0"))
}

fn cursor(look: &Look<'_>, pager: &Pager, next: Option<&Place>, last: Option<&Path>) -> Option<Json> {
    let cursor = match (next, last) {
        (Some(place), _) => match place.source {
            // As it is, so that a number goes into a body as a number.
            Source::Body(path) if place.pattern.is_none() => look.value(path).cloned(),
            Source::Body(_) | Source::Header(_) => look.text(place).map(Json::from),
        },
        (None, Some(last)) => {
            let items = look.value(pager.items)?.as_array()?;
            let mut found = Vec::new();
            find(items.last()?, last.0, &mut found);
            found.first().map(|cursor| (*cursor).clone())
        }
        (None, None) => None,
    };
    cursor.filter(|cursor| scalar(cursor).is_some_and(|text| !text.is_empty()))
}
