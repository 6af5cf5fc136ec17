//! Pagers.

use crate::syntax::keys;
use crate::syntax::read::Reader;
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{PageSize, Pager, PagerUse};

impl Reader<'_> {
    pub(super) fn pager(&mut self, node: &Node) -> Option<Pager> {
        let fields = self.block(node, &keys::PAGER)?;
        Some(Pager {
            span: fields.span,
            type_: self.field(&fields, "type", Self::word),
            items: self.field(&fields, "items", Self::place),
            page_size: self.field(&fields, "page_size", Self::page_size),
            total: self.field(&fields, "total", Self::place),
            page: self.field(&fields, "page", Self::place),
            first: self.field(&fields, "first", Self::integer),
            offset: self.field(&fields, "offset", Self::place),
            cursor: self.field(&fields, "cursor", Self::place),
            next: self.field(&fields, "next", Self::place),
            last: self.field(&fields, "last", Self::place),
            more: self.field(&fields, "more", Self::place),
            rel: self.field(&fields, "rel", Self::text),
            stop: self.field(&fields, "stop", Self::word),
        })
    }

    fn page_size(&mut self, node: &Node) -> Option<PageSize> {
        // `{ header: NAME }` is a place, and so the short form.
        if !matches!(node.kind, Kind::Map(_)) || node.holds("header") {
            return Some(PageSize {
                span: node.span,
                name: Some(self.place(node)?),
                default: None,
                max: None,
            });
        }
        let fields = self.block(node, &keys::PAGE_SIZE)?;
        Some(PageSize {
            span: fields.span,
            name: self.field(&fields, "name", Self::place),
            default: self.field(&fields, "default", Self::integer),
            max: self.field(&fields, "max", Self::integer),
        })
    }

    pub(super) fn pager_use(&mut self, node: &Node) -> Option<PagerUse> {
        if node.holds("none") {
            return self.none(node).map(PagerUse::None);
        }
        match node.kind {
            Kind::Map(_) => self.pager(node).map(|pager| PagerUse::Inline(Box::new(pager))),
            _ => self
                .text_as(node, "the name of a pager, or `{ none: \"reason\" }`")
                .map(PagerUse::Name),
        }
    }
}
