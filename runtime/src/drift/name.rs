//! What may be shown of a name that the provider sent.
//!
//! A field that is not declared may be the key of a map, and a value that is not listed may be anything: an address, an id,
//! a secret. What does not look like a name that a programmer chose is counted and not shown.

use super::DriftKind;

const LONGEST: usize = 64;
/// Ids and numbers have more.
const MOST_DIGITS: usize = 8;
/// Random texts that are shorter are rarely secrets.
const SECRET: usize = 20;

/// What stands for all names that are not shown.
pub(super) const HIDDEN: &str = "…";

/// The name, or what stands for it.
pub(super) fn shown(kind: DriftKind, name: &str, is_secret: impl FnOnce(&str) -> bool) -> &str {
    match name {
        "" => "(empty)",
        name if is_telling(kind, name) && !is_secret(name) => name,
        _ => HIDDEN,
    }
}

fn is_telling(kind: DriftKind, name: &str) -> bool {
    let is_field = matches!(kind, DriftKind::UnknownField | DriftKind::MissingField);
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) || (is_field && b"$@:".contains(&byte));
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let has = |class: fn(&u8) -> bool| name.bytes().any(|byte| class(&byte));
    let is_random = name.len() >= SECRET && digits > 0 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    name.len() <= LONGEST && name.bytes().all(fits) && digits <= MOST_DIGITS && !is_random
}
