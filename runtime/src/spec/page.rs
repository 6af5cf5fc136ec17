//! How answers page.

use super::{Path, Place};

/// How answers page.
#[derive(Debug)]
pub struct Pager {
    /// How the next page is asked for.
    pub kind: PagerKind,
    /// Where the array is.
    pub items: Path,
    /// How many items a page holds.
    pub page_size: Option<PageSize>,
    /// Where the count of all items is.
    pub total: Option<Place>,
    /// A page that is not full is the last.
    pub stop_short: bool,
}

/// How the next page is asked for.
#[derive(Debug)]
pub enum PagerKind {
    /// By a page number.
    Page {
        /// Where it goes.
        page: ParamAt,
        /// The number of the first page.
        first: u64,
    },
    /// By the number of items received so far.
    Offset {
        /// Where it goes.
        offset: ParamAt,
    },
    /// By a value of the page before.
    Cursor {
        /// Where it goes.
        cursor: ParamAt,
        /// Where it comes from.
        next: Option<Place>,
        /// Where it is in the last item, if not at `next`.
        last: Option<Path>,
        /// Where a bool says whether there is more.
        more: Option<Place>,
    },
    /// By a `Link` header.
    Link {
        /// The relation.
        rel: &'static str,
    },
    /// By a URL in the answer.
    NextUrl {
        /// Where it is.
        next: Place,
    },
}

/// Where a paging parameter goes.
#[derive(Clone, Copy, Debug)]
pub enum ParamAt {
    /// A query parameter.
    Query(&'static str),
    /// A place in the JSON body.
    Body(Path),
    /// A header.
    Header(&'static str),
}

/// The size of a page.
#[derive(Debug)]
pub struct PageSize {
    /// Where it goes.
    pub at: ParamAt,
    /// Sent where the caller asks for none.
    pub default: Option<u32>,
    /// The most that may be asked for.
    pub max: Option<u32>,
}
