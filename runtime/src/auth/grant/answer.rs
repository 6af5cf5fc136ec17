//! What an answer with a token holds.

use crate::{
    Grant, HttpReply, Place, Secret, StoredToken, TimeFormat,
    auth::fault::{GrantFailure, TokenFault},
    place::Look,
    retry,
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Reads the token. `asked` is when the request left, by the clock on the wall: the token is no younger than that.
pub(super) fn read(grant: &Grant, reply: &HttpReply, asked: Timestamp) -> Result<StoredToken, GrantFailure> {
    let look = Look::at(reply);
    let places = &grant.response;
    let token = look.text(&places.token).filter(|token| !token.is_empty());
    let Some(token) = token else {
        let mut failure = GrantFailure::new(
            TokenFault::Unexpected,
            "the answer holds no token where one is expected",
        );
        failure.status = Some(reply.status);
        failure.code = look.text(&CODE);
        return Err(failure.advise("the descriptor may have to follow the provider: see `grant.response`"));
    };
    let lifetime = lifetime(grant, &look, asked);
    let refresh_token = places.refresh_token.as_ref().and_then(|place| look.text(place));
    let lifetime = lifetime.and_then(|lifetime| SignedDuration::try_from(lifetime).ok());
    Ok(StoredToken {
        token: Secret::new(token),
        obtained_at: asked,
        expires_at: lifetime.and_then(|lifetime| asked.checked_add(lifetime).ok()),
        refresh_token: refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
    })
}

/// Where OAuth says what is wrong.
pub(super) const CODE: Place = Place::body(&[crate::Step::Name("error")]);
/// Where OAuth explains it.
pub(super) const DESCRIPTION: Place = Place::body(&[crate::Step::Name("error_description")]);
const DATE: Place = Place::header("date");

/// How long the token lasts. Zero, and a time that is over by the provider's own clock, say nothing.
fn lifetime(grant: &Grant, look: &Look<'_>, asked: Timestamp) -> Option<Duration> {
    let date = || {
        let text = look.text(&DATE)?;
        let date = httpdate::parse_http_date(&text).ok()?;
        Timestamp::try_from(date).ok()
    };
    let places = [&grant.response.expires_in, &grant.response.expires_at];
    let told = places.into_iter().flatten().find_map(|place| {
        // The provider's clock may be ahead of or behind this one's: what counts is how far apart its own times are.
        let is_time = place.formats.iter().any(|format| is_point_in_time(*format));
        let wall = if is_time { date().unwrap_or(asked) } else { asked };
        retry::hint(look, std::slice::from_ref(place), wall)
    });
    told.or(grant.lifetime)
}

fn is_point_in_time(format: TimeFormat) -> bool {
    match format {
        TimeFormat::HttpDate | TimeFormat::Rfc3339 | TimeFormat::Unix | TimeFormat::UnixMs => true,
        TimeFormat::Seconds | TimeFormat::Milliseconds | TimeFormat::Duration => false,
    }
}
