//! Pagers.

use super::{Check, place::Meaning};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{PageSize, Pager, PagerKind, ParamAt, Path, Place, Type};
use crate::span::{Span, Spanned};
use crate::syntax::{self, PagerType, PagerUse};

/// A pager that no operation has taken yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    name: String,
    kind: PagerKind,
    items: Path,
    page_size: Option<PageSize>,
    total: Option<Place>,
    stop_short: bool,
}

/// What `pager` says at one level.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Chosen {
    /// Nothing is said.
    Nothing,
    /// Taken back, with a reason.
    None,
    /// This one. Nothing where it is wrong.
    Pager(Option<Box<Draft>>, Span),
}

impl Draft {
    /// The pager of an operation whose items are of this type.
    pub(super) fn taken(self, item: Type) -> Pager {
        Pager {
            name: self.name,
            kind: self.kind,
            items: self.items,
            item,
            page_size: self.page_size,
            total: self.total,
            stop_short: self.stop_short,
        }
    }
}

/// Every place of the request that a pager writes.
pub(super) fn written_places(pager: &Pager) -> Vec<&ParamAt> {
    let mut places: Vec<&ParamAt> = pager.page_size.iter().map(|size| &size.at).collect();
    match &pager.kind {
        PagerKind::Page { page: at, .. } | PagerKind::Offset { offset: at } | PagerKind::Cursor { cursor: at, .. } => {
            places.push(at);
        }
        PagerKind::Link { .. } | PagerKind::NextUrl { .. } => {}
    }
    places
}

/// The places that a pager writes into every request, the first one too.
pub(super) fn always_written(pager: &Pager) -> Vec<&ParamAt> {
    let size = pager
        .page_size
        .iter()
        .filter(|size| size.default.is_some())
        .map(|size| &size.at);
    let mut places: Vec<&ParamAt> = size.collect();
    match &pager.kind {
        PagerKind::Page { page: at, .. } | PagerKind::Offset { offset: at } => places.push(at),
        PagerKind::Cursor { .. } | PagerKind::Link { .. } | PagerKind::NextUrl { .. } => {}
    }
    places
}

impl Check<'_> {
    pub(super) fn check_pagers(&mut self) {
        for (name, pager) in &self.descriptor.pagers {
            let draft = self.check_pager(&name.value, pager);
            self.pagers.push(draft);
        }
    }

    /// What `pager` says.
    pub(super) fn check_pager_use(&mut self, written: Option<&PagerUse>) -> Chosen {
        match written {
            None => Chosen::Nothing,
            Some(PagerUse::None(_)) => Chosen::None,
            Some(PagerUse::Inline(pager)) => Chosen::Pager(self.check_pager("inline", pager).map(Box::new), pager.span),
            Some(PagerUse::Name(name)) => {
                let entries = &self.descriptor.pagers;
                let found = self.resolve("pager", name, entries);
                Chosen::Pager(
                    found
                        .and_then(|at| self.pagers.get(at).cloned().flatten())
                        .map(Box::new),
                    name.span,
                )
            }
        }
    }

    fn check_pager(&mut self, name: &str, pager: &syntax::Pager) -> Option<Draft> {
        let kind = pager.type_.as_ref()?;
        self.refuse_foreign_keys(pager, kind);
        let items = pager.items.as_ref().map(|items| self.check_body_place(items));
        let total = pager
            .total
            .as_ref()
            .and_then(|total| self.check_place(total, Meaning::Value));
        let page_size = pager.page_size.as_ref().and_then(|size| self.check_page_size(size));
        let kind = self.check_kind(pager, kind)?;
        Some(Draft {
            name: name.to_owned(),
            kind,
            items: items.unwrap_or(Some(Path::default()))?,
            page_size,
            total,
            stop_short: pager.stop.is_some(),
        })
    }

    fn check_kind(&mut self, pager: &syntax::Pager, kind: &Spanned<PagerType>) -> Option<PagerKind> {
        Some(match kind.value {
            PagerType::Page => PagerKind::Page {
                page: self.check_needed(pager.page.as_ref(), kind, "page")?,
                first: pager.first.as_ref().map_or(1, |first| first.value),
            },
            PagerType::Offset => PagerKind::Offset {
                offset: self.check_needed(pager.offset.as_ref(), kind, "offset")?,
            },
            PagerType::Cursor => self.check_cursor(pager, kind)?,
            PagerType::Link => PagerKind::Link {
                rel: pager
                    .rel
                    .as_ref()
                    .map_or_else(|| "next".to_owned(), |rel| rel.value.clone()),
            },
            PagerType::NextUrl => {
                if pager.next.is_none() {
                    self.lacks(kind, "next", "next: $.next");
                }
                PagerKind::NextUrl {
                    next: self.check_place(pager.next.as_ref()?, Meaning::Value)?,
                }
            }
        })
    }

    fn check_needed(&mut self, place: Option<&syntax::Place>, kind: &Spanned<PagerType>, key: &str) -> Option<ParamAt> {
        if place.is_none() {
            self.lacks(kind, key, &format!("{key}: {key}"));
        }
        self.check_param_at(place?)
    }

    fn check_cursor(&mut self, pager: &syntax::Pager, kind: &Spanned<PagerType>) -> Option<PagerKind> {
        let cursor = self.check_needed(pager.cursor.as_ref(), kind, "cursor");
        let next = pager.next.as_ref().map(|next| self.check_place(next, Meaning::Value));
        let last = pager.last.as_ref().map(|last| self.check_body_place(last));
        let more = pager
            .more
            .as_ref()
            .and_then(|more| self.check_place(more, Meaning::Value));
        match (&pager.next, &pager.last) {
            (None, None) => {
                self.lacks(kind, "next", "next: $.next_cursor` or `last: $.id");
                return None;
            }
            (Some(next), Some(last)) => self.push(
                Diagnostic::new(Code::ConflictingKeys, last.span, "`last` beside `next`")
                    .label("the cursor comes from one of them")
                    .secondary(next.span, "the other one"),
            ),
            _ => {}
        }
        Some(PagerKind::Cursor {
            cursor: cursor?,
            next: next.flatten(),
            last: last.flatten(),
            more,
        })
    }

    fn lacks(&mut self, kind: &Spanned<PagerType>, key: &str, example: &str) {
        self.push(
            Diagnostic::new(
                Code::MissingKey,
                kind.span,
                format!("a pager by `{}` has no `{key}`", kind.value.as_str()),
            )
            .help(format!("add `{example}`")),
        );
    }

    /// Keys of another type of pager.
    fn refuse_foreign_keys(&mut self, pager: &syntax::Pager, kind: &Spanned<PagerType>) {
        use PagerType::{Cursor, Link, NextUrl, Offset, Page};
        let span = |place: &Option<syntax::Place>| place.as_ref().map(|place| place.span);
        let keys: [(&str, Option<Span>, &[PagerType]); 8] = [
            ("page", span(&pager.page), &[Page]),
            ("first", pager.first.as_ref().map(|first| first.span), &[Page]),
            ("offset", span(&pager.offset), &[Offset]),
            ("cursor", span(&pager.cursor), &[Cursor]),
            ("next", span(&pager.next), &[Cursor, NextUrl]),
            ("last", span(&pager.last), &[Cursor]),
            ("more", span(&pager.more), &[Cursor]),
            ("rel", pager.rel.as_ref().map(|rel| rel.span), &[Link]),
        ];
        for (key, span, kinds) in keys {
            if let Some(span) = span
                && !kinds.contains(&kind.value)
            {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        span,
                        format!("`{key}` in a pager by `{}`", kind.value.as_str()),
                    )
                    .label(format!(
                        "belongs to a pager by `{}`",
                        kinds.first().map_or("", |kind| kind.as_str())
                    ))
                    .secondary(kind.span, "the type"),
                );
            }
        }
    }

    fn check_page_size(&mut self, size: &syntax::PageSize) -> Option<PageSize> {
        let default = size
            .default
            .as_ref()
            .map(|default| self.check_count(default, "the size of a page"));
        let max = size.max.as_ref().map(|max| self.check_count(max, "the size of a page"));
        if let (Some(default), Some(most), Some(written)) = (default, max, &size.default)
            && default > most
        {
            self.push(
                Diagnostic::new(
                    Code::BadNumber,
                    written.span,
                    format!("the default `{default}` is above the maximum `{most}`"),
                )
                .label("never possible"),
            );
        }
        Some(PageSize {
            at: self.check_param_at(size.name.as_ref()?)?,
            default,
            max,
        })
    }
}
