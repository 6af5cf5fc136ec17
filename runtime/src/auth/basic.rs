//! HTTP basic authentication.

use crate::{HttpRequest, TokenValue};
use base64::{Engine, engine::general_purpose::STANDARD};

pub(super) fn apply(
    request: &mut HttpRequest,
    username: &str,
    password: &str,
    token: &TokenValue,
) -> Result<(), String> {
    let (Some(username), Some(password)) = (super::fill(username, token)?, super::fill(password, token)?) else {
        return Ok(());
    };
    if username.contains(':') {
        return Err("the user name of the token holds a colon, which would end it".to_owned());
    }
    let credentials = STANDARD.encode(format!("{username}:{password}"));
    super::put(request, "authorization", format!("Basic {credentials}"))
}
