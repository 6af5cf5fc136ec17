//! Names of headers.

/// Whether `name` may stand as a header's name (a token of RFC 9110).
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// Whether two names are the same header.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Headers that the client writes itself.
pub(super) const OWN: [&str; 6] = [
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Content-Type",
    "Cookie",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_no_blanks_and_no_colon() {
        assert!(is_name("X-API-TOKEN"));
        assert!(!is_name("X Api"));
        assert!(!is_name("X-Api:"));
        assert!(!is_name(""));
    }

    #[test]
    fn case_does_not_tell_headers_apart() {
        assert!(same("X-Api", "x-api"));
    }
}
