//! How short-lived tokens are got, and how requests are signed.

use super::{Limit, Place, Placement, Scheme, Spec, TokenSpec};
use std::time::Duration;

/// How a short-lived token is got. What it yields stands in templates of the scheme as the field `token`.
#[derive(Debug)]
pub struct Grant {
    /// What sort of grant.
    pub kind: GrantKind,
    /// Who is asked.
    pub from: GrantFrom,
    /// Where the answer holds what.
    pub response: GrantResponse,
    /// How long it lasts where the answer does not say.
    pub lifetime: Option<Duration>,
    /// The limits of token requests.
    pub limits: &'static [&'static Limit],
    /// Whether it is worth keeping beyond the process.
    pub persist: bool,
}

/// What sort of grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// `grant_type=client_credentials` with the fields `client_id` and `client_secret`.
    ClientCredentials,
    /// `grant_type=refresh_token` with the field `refresh_token`, which an answer may replace.
    RefreshToken,
    /// A request of the provider's own whose answer holds the token.
    Exchange,
}

/// Who is asked for a short-lived token.
#[derive(Debug)]
pub enum GrantFrom {
    /// A token endpoint.
    Url {
        /// Absolute, or a path below the base URL; may hold `{variable}` holes.
        url: &'static str,
        /// How the client shows who it is.
        client_auth: ClientAuth,
        /// How the body is written.
        body: GrantBody,
        /// Further parameters: templates over the fields of the token and variables.
        params: &'static [(&'static str, &'static str)],
    },
    /// An operation of the provider, called with another token.
    Call {
        /// Its constants.
        operation: &'static Spec,
        /// The token types that may make the call.
        with: &'static [&'static TokenSpec],
        /// Its required parameters and its constants, each with where it goes.
        params: &'static [(GrantValue, GrantParam)],
    },
}

/// How a client shows who it is to a token endpoint.
#[derive(Clone, Copy, Debug)]
pub enum ClientAuth {
    /// Not at all.
    None,
    /// HTTP basic authentication with `client_id` and `client_secret`.
    Basic,
    /// In the body, as `client_id` and `client_secret`.
    Body,
    /// As a scheme says.
    Scheme(Scheme),
}

/// How the body of a token request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantBody {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`
    Json,
}

/// A parameter of an operation that gets a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantValue {
    /// The field of this name.
    Field(&'static str),
    /// The same for all tokens.
    Constant(&'static str),
}

/// Where a parameter of an operation goes that gets a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantParam {
    /// A hole of the path.
    Path(&'static str),
    /// A hole of the path, whose value keeps its slashes.
    Segments(&'static str),
    /// A query parameter.
    Query(&'static str),
    /// A header.
    Header(&'static str),
}

/// Where the answer of a grant holds what.
#[derive(Debug)]
pub struct GrantResponse {
    /// The token.
    pub token: Place,
    /// How long it lasts.
    pub expires_in: Option<Place>,
    /// When it ends.
    pub expires_at: Option<Place>,
    /// What replaces the refresh token.
    pub refresh_token: Option<Place>,
}

/// A scheme that signs.
#[derive(Debug)]
pub struct Signed {
    /// `jwt`, `hmac`, `aws_sigv4`, or the name of a `Signer` that the connection is given.
    pub signer: &'static str,
    /// What it is told, over the token's fields and variables. The names in a map follow its own, `claims.iss`.
    pub options: &'static [(&'static str, SignerOption)],
    /// Where the signature goes: templates over `{signature}` and the token's fields.
    pub placements: &'static [Placement],
}

/// What a signer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerOption {
    /// A template. Of `jwt` and `hmac`, it may hold parts of the request as well.
    Text(&'static str),
    /// Any other JSON value; the texts in it are templates. Durations are whole seconds.
    Json(&'static str),
}
