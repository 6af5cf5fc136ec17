//! What is constant about an operation.

use super::{Pager, Path, Settings};

/// What is constant about an operation.
#[derive(Debug)]
pub struct Spec {
    /// `orders.list`
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Under the base URL, with `{holes}` for parameters, variables and token fields.
    pub path: &'static str,
    /// The scopes it asks for, as the provider names them; `any_token` for that.
    pub scopes: &'static [&'static str],
    /// The token types that may call it; empty for a public operation, to which no token is shown.
    pub holders: &'static [&'static str],
    /// Whether a repeat is safe.
    pub idempotent: bool,
    /// Limits, retry, errors and the rest.
    pub settings: &'static Settings,
    /// How answers page.
    pub pager: Option<&'static Pager>,
    /// How many elements a request may hold.
    pub batch: Option<BatchSpec>,
    /// The longest body in bytes.
    pub max_body: Option<u64>,
    /// Where an idempotency key goes.
    pub idempotency_key: Option<KeyPlace>,
    /// What a call counts as, where a limit counts costs.
    pub cost: u32,
    /// What the request says that it accepts, where neither it nor the settings say so themselves.
    pub accept: Option<&'static str>,
}

impl Spec {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        id: "",
        method: Method::Get,
        path: "/",
        scopes: &[],
        holders: &[],
        idempotent: false,
        settings: &Settings::DEFAULT,
        pager: None,
        batch: None,
        max_body: None,
        idempotency_key: None,
        cost: 1,
        accept: Some("application/json"),
    };
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// HEAD
    Head,
}

impl Method {
    /// In capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }
}

/// How many elements one request may hold.
#[derive(Clone, Copy, Debug)]
pub struct BatchSpec {
    /// The most.
    pub max_items: u32,
}

/// Where an idempotency key goes.
#[derive(Clone, Copy, Debug)]
pub enum KeyPlace {
    /// A header.
    Header(&'static str),
    /// A place in the JSON body; one key per element where it has [`Step::Each`](super::Step::Each).
    Body(Path),
}
