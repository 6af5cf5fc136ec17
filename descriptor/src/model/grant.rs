//! How short-lived tokens are got, and how requests are signed.

use super::{LimitId, Place, Placement, Scheme, Template, TokenId};
use std::time::Duration;

/// How a short-lived token is got. What it yields stands in templates of the scheme as `{token}`.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub rate_limits: Vec<LimitId>,
    /// Whether it is worth keeping beyond the process.
    pub persist: bool,
}

/// What sort of grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantKind {
    /// With the fields `client_id` and `client_secret`.
    ClientCredentials,
    /// With the field `refresh_token`.
    RefreshToken,
    /// By a request of the provider's own whose answer holds the token.
    Exchange,
}

/// Who is asked for a short-lived token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantFrom {
    /// A token endpoint.
    Url {
        /// Absolute, or a path below the base URL. Holes are variables.
        url: Template,
        /// How the client shows who it is.
        client_auth: ClientAuth,
        /// How the body is written.
        body: GrantBody,
        /// Further parameters. Holes are fields of the token and variables.
        params: Vec<(String, Template)>,
    },
    /// An operation of the provider, called with another token.
    Call {
        /// The resource's position in [`Model::resources`](super::Model::resources).
        resource: usize,
        /// The operation's position in the resource.
        operation: usize,
        /// The token types that may make the call. Never empty.
        with: Vec<TokenId>,
        /// The operation's required parameters by their position in its `params`, each with the name of the field of this
        /// token that holds its value.
        params: Vec<(String, usize)>,
    },
}

/// How a client shows who it is to a token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantBody {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`
    Json,
}

/// Where the answer of a grant holds what.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `jwt`, `hmac`, `aws_sigv4`, or a name that the client is given code for.
    pub signer: String,
    /// What it is told, over the token's fields and variables. The names in a map follow its own, `claims.iss`.
    pub options: Vec<(String, SignerOption)>,
    /// Where the signature goes: templates over `{signature}` and the token's fields.
    pub placements: Vec<Placement>,
}

/// What a signer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerOption {
    /// A template. Of `jwt` and `hmac`, it may hold parts of the request as well.
    Text(Template),
    /// Any other JSON value; the texts in it are templates. Durations are whole seconds.
    Json(String),
}
