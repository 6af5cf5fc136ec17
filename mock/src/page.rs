//! Lists that go on for many pages.

use crate::answer::mark_wrapped;
use crate::check::Subject;
use crate::draw::Draw;
use crate::place;
use crate::refusal::{Refusal, set};
use crate::reply::Reply;
use crate::sample::{Sampler, unique};
use serde_json::{Value, json};
use tollgate_descriptor::model::{Carrier, PageSize, Pager, PagerKind, ParamAt, Path, Scheme};

/// The query parameter of the links that the server makes.
pub(crate) const LINK_CURSOR: &str = "mock_cursor";
/// Where the descriptor gives no size.
const SIZE: u64 = 100;

/// The items of an operation, each made when it is asked for.
#[derive(Debug)]
pub(crate) struct Store<'a> {
    pub(crate) seed: u64,
    /// What tells stores apart; operations on one route share one.
    pub(crate) route: &'a str,
    pub(crate) count: u64,
    /// The path's values: each parent has children of its own.
    pub(crate) parent: String,
    /// The server's address with the path of the operation, for absolute links.
    pub(crate) url: &'a str,
}

impl Store<'_> {
    fn item(&self, subject: &Subject<'_>, pager: &Pager, ordinal: u64) -> Value {
        let mut draw = Draw::new(self.seed, &[self.route, &self.parent, &ordinal.to_string()]);
        let mut item = Sampler::new(subject.model).item(&pager.item, ordinal, &mut draw);
        if let PagerKind::Cursor { last: Some(path), .. } = &pager.kind {
            let like = place::first(&item, path).cloned().unwrap_or(json!(0));
            place::put(&mut item, path, &unique(&like, ordinal));
        }
        item
    }
}

/// Where a page begins and how long it is.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u64,
    size: u64,
}

/// The page that a request asks for.
pub(crate) fn reply(subject: &Subject<'_>, pager: &Pager, store: &Store<'_>) -> Result<Reply, Refusal> {
    let size = size(subject, pager.page_size.as_ref())?;
    let start = start(subject, pager, store, size)?.min(store.count);
    let span = Span { start, size };
    let end = start.saturating_add(size).min(store.count);
    let items: Vec<_> = (start..end)
        .map(|ordinal| store.item(subject, pager, ordinal))
        .collect();

    let mut body = Value::Null;
    let mut headers = Vec::new();
    let last = items.last().cloned();
    place::put_list(&mut body, &pager.items, items);
    // A body that is the list itself has no place beside it.
    let mut beside = if pager.items.0.is_empty() {
        json!({})
    } else {
        body.take()
    };
    if let Some(place) = &pager.total {
        set(place, &json!(store.count), &mut beside, &mut headers);
    }
    set_next(subject, pager, store, span, last.as_ref(), (&mut beside, &mut headers));
    if !pager.items.0.is_empty() {
        body = beside;
        mark_wrapped(subject.settings, &mut body);
    }
    let mut reply = Reply::json(200, &body);
    reply.headers.extend(headers);
    Ok(reply)
}

/// Whether a request asks for the beginning of a list.
pub(crate) fn is_first(subject: &Subject<'_>, pager: &Pager) -> bool {
    match &pager.kind {
        PagerKind::Page { page: at, first } => read(subject, at).is_none_or(|page| page == first.to_string()),
        PagerKind::Offset { offset: at } => read(subject, at).is_none_or(|offset| offset == "0"),
        PagerKind::Cursor { cursor: at, .. } => read(subject, at).is_none(),
        PagerKind::Link { .. } | PagerKind::NextUrl { .. } => subject.arrival.query_value(LINK_CURSOR).is_none(),
    }
}

/// Says how to go on, or that this is the end.
fn set_next(
    subject: &Subject<'_>,
    pager: &Pager,
    store: &Store<'_>,
    span: Span,
    last: Option<&Value>,
    (body, headers): (&mut Value, &mut Vec<(String, String)>),
) {
    let end = span.start.saturating_add(span.size);
    let goes_on = end < store.count && last.is_some();
    match &pager.kind {
        PagerKind::Page { .. } | PagerKind::Offset { .. } => {}
        PagerKind::Cursor { next, more, .. } => {
            if let Some(place) = next {
                match (goes_on, &place.source) {
                    (true, _) => set(place, &json!(cursor(end)), body, headers),
                    (false, tollgate_descriptor::model::Source::Body(_)) => set(place, &Value::Null, body, headers),
                    (false, tollgate_descriptor::model::Source::Header(_)) => {}
                }
            }
            if let Some(place) = more {
                set(place, &json!(goes_on), body, headers);
            }
        }
        PagerKind::Link { rel } => {
            let mut links = vec![format!("<{}>; rel=\"first\"", link(subject, store.url, 0))];
            if goes_on {
                links.push(format!("<{}>; rel=\"{rel}\"", link(subject, store.url, end)));
            }
            headers.push(("Link".to_owned(), links.join(", ")));
        }
        PagerKind::NextUrl { next } => {
            let url = if goes_on {
                json!(link(subject, store.url, end))
            } else {
                Value::Null
            };
            if goes_on || matches!(next.source, tollgate_descriptor::model::Source::Body(_)) {
                set(next, &url, body, headers);
            }
        }
    }
}

fn start(subject: &Subject<'_>, pager: &Pager, store: &Store<'_>, size: u64) -> Result<u64, Refusal> {
    match &pager.kind {
        PagerKind::Page { page, first } => {
            let Some(asked) = read_number(subject, page)? else {
                return Ok(0);
            };
            let index = asked
                .checked_sub(*first)
                .ok_or_else(|| refuse(page, &format!("pages count from {first}")))?;
            Ok(index.saturating_mul(size))
        }
        PagerKind::Offset { offset } => Ok(read_number(subject, offset)?.unwrap_or_default()),
        PagerKind::Cursor { cursor, last, .. } => match (read(subject, cursor), last) {
            (None, _) => Ok(0),
            (Some(text), _) if text.is_empty() => Err(refuse(cursor, "the cursor is empty")),
            (Some(text), None) => read_cursor(&text).ok_or_else(|| refuse(cursor, "no cursor of this server")),
            (Some(text), Some(path)) => {
                after(subject, pager, store, path, &text).ok_or_else(|| refuse(cursor, "no item has this value"))
            }
        },
        PagerKind::Link { .. } | PagerKind::NextUrl { .. } => match subject.arrival.query_value(LINK_CURSOR) {
            None => Ok(0),
            Some(text) => {
                read_cursor(text).ok_or_else(|| Refusal::new(400, format!("`{LINK_CURSOR}`: no cursor of this server")))
            }
        },
    }
}

/// The position after the item with that value at a path.
fn after(subject: &Subject<'_>, pager: &Pager, store: &Store<'_>, path: &Path, text: &str) -> Option<u64> {
    let like = place::first(&store.item(subject, pager, 0), path).cloned()?;
    (0..store.count)
        .find(|ordinal| place::text(&unique(&like, *ordinal)).as_deref() == Some(text))
        .map(|at| at + 1)
}

fn size(subject: &Subject<'_>, size: Option<&PageSize>) -> Result<u64, Refusal> {
    let Some(size) = size else {
        return Ok(SIZE);
    };
    let asked = read_number(subject, &size.at)?;
    let chosen = asked.unwrap_or_else(|| size.default.map_or(SIZE, u64::from));
    if chosen == 0 {
        return Err(refuse(&size.at, "a page has at least one item"));
    }
    Ok(size.max.map_or(chosen, |max| chosen.min(u64::from(max))).min(10_000))
}

fn read_number(subject: &Subject<'_>, at: &ParamAt) -> Result<Option<u64>, Refusal> {
    let Some(text) = read(subject, at) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| refuse(at, "expected a whole number"))
}

fn read(subject: &Subject<'_>, at: &ParamAt) -> Option<String> {
    match at {
        ParamAt::Query(name) => subject.arrival.query_value(name).map(str::to_owned),
        ParamAt::Header(name) => subject.arrival.header(name),
        ParamAt::Body(path) => place::text(place::first(subject.arrival.json.as_ref().ok()?, path)?),
    }
}

fn refuse(at: &ParamAt, what: &str) -> Refusal {
    let at = match at {
        ParamAt::Query(name) => format!("`{name}` in the query"),
        ParamAt::Header(name) => format!("the header `{name}`"),
        ParamAt::Body(path) => format!("`{path}`"),
    };
    Refusal::new(400, format!("{at}: {what}"))
}

/// Opaque to clients, as cursors should be.
fn cursor(position: u64) -> String {
    format!("c{:x}", position ^ 0x5eed)
}

fn read_cursor(text: &str) -> Option<u64> {
    let position = u64::from_str_radix(text.strip_prefix('c')?, 16).ok()?;
    Some(position ^ 0x5eed)
}

/// An absolute URL of another page of the same request, without what carries a token.
fn link(subject: &Subject<'_>, url: &str, position: u64) -> String {
    let carries = |name: &str| {
        subject.model.tokens.iter().any(|token| match &token.scheme {
            Scheme::Placed(placements) => placements
                .iter()
                .any(|placed| placed.at == Carrier::Query && placed.name == name),
            Scheme::Signed(signed) => signed
                .placements
                .iter()
                .any(|placed| placed.at == Carrier::Query && placed.name == name),
            Scheme::Basic { .. } | Scheme::None => false,
        })
    };
    let kept = subject
        .arrival
        .query
        .iter()
        .filter(|(name, _)| name != LINK_CURSOR && !carries(name));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    query.append_pair(LINK_CURSOR, &cursor(position));
    format!("{url}?{}", query.finish())
}
