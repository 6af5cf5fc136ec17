//! Sizes: `32MiB`.

use super::Check;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Spanned;

const UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads a size in bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(*factor)
        .filter(|size| *size > 0)
}

impl Check<'_> {
    /// A size in bytes.
    pub(super) fn check_size(&mut self, text: &Spanned<String>) -> Option<u64> {
        let size = parse_size(text);
        if size.is_none() {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            self.push(if plain {
                Diagnostic::new(
                    Code::BadSize,
                    text.span,
                    format!("the size `{}` has no unit", text.value),
                )
                .label("bytes, or what?")
                .help(format!(
                    "write `{}B` for bytes; others are `KiB`, `MiB`, `kB` and `MB`",
                    text.value
                ))
            } else {
                Diagnostic::new(Code::BadSize, text.span, format!("`{}` is not a size", text.value))
                    .help("a number and a unit: `512KiB`, `32MiB`, `5MB`")
            });
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_and_of_ten_differ() {
        assert_eq!(parse_size("32MiB"), Some(33_554_432));
        assert_eq!(parse_size("1kB"), Some(1_000));
        assert_eq!(parse_size("7B"), Some(7));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "32", "MiB", "1.5MiB", "0B", "1 MiB", "1mib", "99999999999GiB"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }
}
