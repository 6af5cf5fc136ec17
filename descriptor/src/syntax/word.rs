//! Closed sets of words.

/// A closed set of words that may stand as a value.
pub trait Word: Copy + Sized + 'static {
    /// Each word with what it means.
    const ALL: &'static [(&'static str, Self)];

    /// The meaning of `text`, if it is one of the words.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, meaning)| *meaning)
    }
}

macro_rules! words {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* })*) => {
        $(
            $(#[doc = $about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $name {
                $($(#[doc = $doc])* $variant,)*
            }

            impl Word for $name {
                const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];
            }

            impl $name {
                /// The word as it is written.
                #[must_use]
                pub fn as_str(self) -> &'static str {
                    match self { $(Self::$variant => $word,)* }
                }
            }
        )*
    };
}

words! {
    /// The method of an operation.
    Method {
        /// `GET`.
        Get = "get",
        /// `POST`.
        Post = "post",
        /// `PUT`.
        Put = "put",
        /// `PATCH`.
        Patch = "patch",
        /// `DELETE`.
        Delete = "delete",
        /// `HEAD`.
        Head = "head",
    }
    /// Where a param travels.
    Location {
        /// In a hole of the path.
        Path = "path",
        /// In the query.
        Query = "query",
        /// In a header.
        Header = "header",
        /// At a place in the body.
        Body = "body",
    }
    /// What a token means for a param.
    Presence {
        /// It must be given.
        Required = "required",
        /// It may be given.
        Optional = "optional",
        /// It must not be given.
        Absent = "absent",
    }
    /// What becomes of a slash in a path value.
    Slashes {
        /// It is percent-encoded.
        Encode = "encode",
        /// It stays, and separates segments.
        Keep = "keep",
    }
    /// How a list is written into a query or a form.
    ArrayStyle {
        /// `a=1&a=2`.
        Repeat = "repeat",
        /// `a=1,2`.
        Comma = "comma",
        /// `a[]=1&a[]=2`.
        Brackets = "brackets",
    }
    /// How a number is written into JSON.
    NumberFormat {
        /// As a number.
        Number = "number",
        /// As a text.
        String = "string",
    }
    /// How a point in time is written.
    DateTimeFormat {
        /// `2026-11-21T10:00:00Z`.
        Rfc3339 = "rfc3339",
        /// Seconds since 1970.
        Unix = "unix",
        /// Milliseconds since 1970.
        UnixMs = "unix_ms",
    }
    /// How a rate limit counts.
    Algorithm {
        /// Never more than `limit` in any window.
        Sliding = "sliding",
        /// Windows that begin at fixed times.
        Fixed = "fixed",
        /// A bucket that refills.
        Bucket = "bucket",
        /// Calls at the same time.
        Concurrency = "concurrency",
    }
    /// What a rate limit counts.
    Counts {
        /// Each call is one.
        Calls = "calls",
        /// Each call is its `cost`.
        Cost = "cost",
    }
    /// How a list is paged.
    PagerType {
        /// By the number of the page.
        Page = "page",
        /// By the number of items to leave out.
        Offset = "offset",
        /// By a cursor that the answer or its last item holds.
        Cursor = "cursor",
        /// By a `Link` header.
        Link = "link",
        /// By a URL in the answer.
        NextUrl = "next_url",
    }
    /// An additional sign of the last page.
    Stop {
        /// A page with fewer items than asked for is the last.
        ShortPage = "short_page",
    }
    /// The framing of a stream of answers.
    StreamKind {
        /// Server-sent events.
        Sse = "sse",
        /// One JSON value per line.
        Lines = "lines",
    }
    /// What kind of failure an answer is.
    ErrorKind {
        /// The request is wrong as it stands.
        Invalid = "invalid",
        /// The token is missing, malformed, expired or of the wrong type.
        Unauthorized = "unauthorized",
        /// A quota or credit is used up.
        QuotaExceeded = "quota_exceeded",
        /// The token is sound and may not do this.
        OutOfScope = "out_of_scope",
        /// There is no such thing.
        NotFound = "not_found",
        /// The state of the thing forbids it.
        Conflict = "conflict",
        /// The provider is away for a while.
        Unavailable = "unavailable",
        /// Too many requests.
        RateLimited = "rate_limited",
        /// Understood and refused for another reason.
        Rejected = "rejected",
        /// The provider failed.
        Server = "server",
    }
}
