//! Links to the next page, and where they may lead.

use crate::Headers;
use url::Url;

/// The target of the first link of a `Link` header (RFC 8288) with this relation.
pub(super) fn by_rel(headers: &Headers, rel: &str) -> Option<String> {
    headers.get_all("link").find_map(|header| {
        let mut rest = header;
        while let Some((_, link)) = rest.split_once('<') {
            let (target, after) = link.split_once('>')?;
            let (params, others) = until_comma(after);
            if has_rel(params, rel) {
                return Some(target.trim().to_owned());
            }
            rest = others;
        }
        None
    })
}

/// Up to the comma that ends a link, which is none inside quotes.
fn until_comma(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => return (&text[..index], &text[index + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn has_rel(params: &str, rel: &str) -> bool {
    params.split(';').any(|param| {
        let Some((name, value)) = param.split_once('=') else {
            return false;
        };
        let mut rels = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel") && rels.any(|one| one.eq_ignore_ascii_case(rel))
    })
}

/// A link as a URL, absolute or relative to what was asked. It may lead to the host that was asked and to no other, since
/// the token goes along.
pub(super) fn follow(asked: &Url, link: &str) -> Result<Url, String> {
    let mut url = asked
        .join(link)
        .map_err(|error| format!("the link to it is no URL: {error}"))?;
    url.set_fragment(None);
    // Providers behind a proxy often believe that they are asked over plain http.
    if url.scheme() == "http" && asked.scheme() == "https" && url.port().is_none() {
        let _ = url.set_scheme("https");
    }
    if url.origin() != asked.origin() || !url.username().is_empty() || url.password().is_some() {
        let (there, here) = (url.origin().ascii_serialization(), asked.origin().ascii_serialization());
        return Err(format!(
            "the link to it leads to `{there}`, and the token is for `{here}` only"
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(header: &str) -> Option<String> {
        by_rel(&[("Link", header)].into_iter().collect(), "next")
    }

    #[test]
    fn the_link_with_the_relation_is_found() {
        let header =
            r#"<https://a/?page=1>; rel="prev", <https://a/?page=3,4>; title="x, y"; rel="last next", <b>; rel=first"#;
        assert_eq!(next(header).as_deref(), Some("https://a/?page=3,4"));
        assert_eq!(next(r"</items?after=7>; rel=next").as_deref(), Some("/items?after=7"));
        assert_eq!(next(r#"<https://a/>; rel="prev""#), None);
        assert_eq!(next("nonsense <"), None);
    }

    #[test]
    fn a_link_stays_at_its_host() {
        let asked = Url::parse("https://api.example.com/v1/items?page=1").unwrap();
        let follow = |link| follow(&asked, link).map(|url| url.to_string());
        assert_eq!(follow("?page=2").unwrap(), "https://api.example.com/v1/items?page=2");
        assert_eq!(
            follow("/v1/items?page=2").unwrap(),
            "https://api.example.com/v1/items?page=2"
        );
        assert_eq!(
            follow("http://api.example.com/x#y").unwrap(),
            "https://api.example.com/x"
        );
        let elsewhere = [
            "https://evil.example.com/",
            "//evil.com/x",
            "https://api.example.com:8443/",
            "http://api.example.com:80a/",
            "https://me:pw@api.example.com/",
            "ftp://api.example.com/",
            "file:///etc/passwd",
        ];
        for link in elsewhere {
            assert!(follow(link).is_err(), "{link}");
        }
    }
}
