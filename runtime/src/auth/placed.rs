//! Tokens in headers, query parameters and cookies.

use crate::{Carrier, HttpRequest, Placement, TokenValue, address};

pub(super) fn apply(request: &mut HttpRequest, placements: &[Placement], token: &TokenValue) -> Result<(), String> {
    let mut cookies = Vec::new();
    for placement in placements {
        let name = placement.name;
        let Some(value) = super::fill(placement.value, token)? else {
            continue;
        };
        match placement.at {
            Carrier::Header => super::put(request, name, value)?,
            Carrier::Query => address::set_query(&mut request.url, name, &value),
            Carrier::Cookie if value.contains([';', ',', ' ', '"', '\\']) => {
                return Err(format!(
                    "the token cannot stand in the cookie `{name}`: it holds a separator"
                ));
            }
            Carrier::Body => return Err(format!("`{name}` stands in the body of token requests only")),
            Carrier::Cookie => cookies.push(format!("{name}={value}")),
        }
    }
    if cookies.is_empty() {
        return Ok(());
    }
    super::put(request, "cookie", cookies.join("; "))
}
