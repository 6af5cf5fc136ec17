//! Showing the token: applied to each attempt, after the wait.
//!
//! Requests are addressed to hosts of the connection only (see [`address`](crate::address)) and redirects are not
//! followed, so that whatever is put in here goes to the provider and nowhere else.

mod basic;
pub(crate) mod fault;
pub(crate) mod grant;
mod key;
mod placed;
pub(crate) mod redact;
pub(crate) mod sign;
pub(crate) mod signer;
pub(crate) mod slot;
pub(crate) mod store;

use crate::{HttpRequest, Scheme, TokenValue, address, client::Link};

/// Puts the token into a request. Whatever depends on an optional field that is not set is left out.
///
/// The error says what is wrong with the value, and not the value.
pub(crate) async fn apply(
    request: &mut HttpRequest,
    scheme: &Scheme,
    token: &TokenValue,
    link: &Link,
) -> Result<(), String> {
    match scheme {
        Scheme::None => Ok(()),
        Scheme::Basic { username, password } => basic::apply(request, username, password, token),
        Scheme::Placed(placements) => placed::apply(request, placements, token),
        Scheme::Signed(signed) => sign::sign(request, None, signed, token, link).await,
    }
}

/// A template filled with the token's fields; `None` if one of them is optional and not set.
fn fill(template: &str, token: &TokenValue) -> Result<Option<String>, String> {
    let filled = address::fill(template, |name| match token.field(name) {
        Some(secret) => Ok(secret.expose()),
        None if is_optional(token, name) => Err(None),
        None => Err(Some(format!("the field `{name}` of the token has no value"))),
    });
    match filled {
        Ok(text) => Ok(Some(text)),
        Err(None) => Ok(None),
        Err(Some(missing)) => Err(missing),
    }
}

pub(crate) fn is_optional(token: &TokenValue, name: &str) -> bool {
    token
        .spec()
        .fields
        .iter()
        .any(|field| field.name == name && field.optional)
}

/// A secret header, if the value can stand in one.
pub(crate) fn put(request: &mut HttpRequest, name: &str, value: String) -> Result<(), String> {
    if !value.bytes().all(may_stand_in_header) {
        return Err(format!(
            "the token cannot stand in the header `{name}`: it holds a line break, or a character that is not ASCII"
        ));
    }
    request.secret_headers.push(name, value);
    Ok(())
}

fn may_stand_in_header(byte: u8) -> bool {
    (0x20..0x7F).contains(&byte)
}
