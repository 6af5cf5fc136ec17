//! Pagers.

use super::{PagerType, Place, Stop};
use crate::span::{Span, Spanned};

/// One of `pagers`. In the places that say where a parameter goes, a bare word is a query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager {
    /// All of it.
    pub span: Span,
    /// How it pages.
    pub type_: Option<Spanned<PagerType>>,
    /// The array in the answer.
    pub items: Option<Place>,
    /// How many items to ask for.
    pub page_size: Option<PageSize>,
    /// The count of all items in the answer.
    pub total: Option<Place>,
    /// `page`: where the number of the page goes.
    pub page: Option<Place>,
    /// `page`: the number of the first page.
    pub first: Option<Spanned<u64>>,
    /// `offset`: where the offset goes.
    pub offset: Option<Place>,
    /// `cursor`: where the cursor goes.
    pub cursor: Option<Place>,
    /// `cursor`, `next_url`: the next cursor or URL in the answer.
    pub next: Option<Place>,
    /// `cursor`: the next cursor in the last item.
    pub last: Option<Place>,
    /// `cursor`: whether more follows.
    pub more: Option<Place>,
    /// `link`: the relation, `next` where absent.
    pub rel: Option<Spanned<String>>,
    /// An additional sign of the last page.
    pub stop: Option<Spanned<Stop>>,
}

/// `page_size`. The short form gives only the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// All of it.
    pub span: Span,
    /// Where it goes.
    pub name: Option<Place>,
    /// What is sent where nothing else is asked for.
    pub default: Option<Spanned<u64>>,
    /// The most that the provider takes.
    pub max: Option<Spanned<u64>>,
}

/// `pager`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagerUse {
    /// One of `pagers`.
    Name(Spanned<String>),
    /// One that only stands here.
    Inline(Box<Pager>),
    /// `{ none: "reason" }`.
    None(Spanned<String>),
}
