//! Unquoted scalars that some version of YAML reads as something else than a text.

/// What a version of YAML takes `text` for; nothing if all of them take it for a text.
pub(super) fn ambiguous(text: &str) -> Option<&'static str> {
    if matches!(text, "~" | "null" | "Null" | "NULL") {
        Some("null")
    } else if is_bool(text) {
        Some("a bool")
    } else if is_number(text) {
        Some("a number")
    } else if is_sexagesimal(text) {
        Some("a number in base 60")
    } else if is_date(text) {
        Some("a date")
    } else if matches!(text, "=" | "<<") {
        Some("a special key")
    } else {
        None
    }
}

/// Whether `text` is a number as JSON has it.
pub(super) fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole = unsigned.split(['.', 'e', 'E']).next().unwrap_or("");
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let digit_after_dot = unsigned
        .split_once('.')
        .is_none_or(|(_, rest)| rest.starts_with(|character: char| character.is_ascii_digit()));
    all_digits(whole) && !leading_zero && digit_after_dot && is_decimal(unsigned) && !text.contains('_')
}

/// Whether `text` is a number as some YAML has it: `0.5`, `010`, `1_000`, `00:30`.
pub(super) fn is_measure(text: &str) -> bool {
    matches!(ambiguous(text), Some("a number" | "a number in base 60"))
}

fn is_bool(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let based = |prefix: &str, is_digit: fn(char) -> bool| {
        unsigned
            .strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| is_digit(digit) || digit == '_'))
    };
    based("0x", |digit| digit.is_ascii_hexdigit())
        || based("0o", |digit| digit.is_digit(8))
        || based("0b", |digit| digit.is_digit(2))
        || is_decimal(unsigned)
}

fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let starts = mantissa.starts_with(|character: char| character.is_ascii_digit() || character == '.');
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let dots = mantissa.matches('.').count();
    let only = mantissa
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, '.' | '_'));
    let exponent = exponent.is_none_or(|exponent| all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    starts && only && digits > 0 && dots <= 1 && exponent
}

fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let first = parts.next().is_some_and(|part| !part.is_empty() && is_decimal(part));
    let mut rest = parts.peekable();
    first
        && rest.peek().is_some()
        && rest.all(|part| {
            let whole = part.split('.').next().unwrap_or("");
            whole.len() <= 2 && is_decimal(part)
        })
}

/// Whether `text` begins with `2026-11-21`, which a reader of YAML 1.1 takes for a point in time.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().is_some_and(|year| year.len() == 4 && all_digits(year));
    let month = parts
        .next()
        .is_some_and(|month| (1..=2).contains(&month.len()) && all_digits(month));
    let day = parts.next().is_some_and(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let after = rest.chars().nth(digits);
        (1..=2).contains(&digits) && after.is_none_or(|after| matches!(after, 'T' | 't' | ' ' | '\t'))
    });
    year && month && day
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_yaml_reads_as_something_else_is_ambiguous() {
        for text in [
            "no",
            "On",
            "y",
            "NULL",
            "~",
            "1.10",
            "010",
            "12:30",
            "0x1F",
            "1_000",
            "1e3",
            ".5",
            "+1",
            "-7",
            ".nan",
            "2026-11-21",
            "2026-11-21T10:00:00Z",
            "190:20:30.15",
            "=",
        ] {
            assert!(ambiguous(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_text_that_all_read_as_a_text_is_not() {
        for text in [
            "24h", "500ms", "32MiB", "int!", "v1", "a:b", "1.2.3", "/x/1", "e3", ".", "2xx", "10:xx", "nope", "-",
        ] {
            assert_eq!(ambiguous(text), None, "{text}");
        }
    }

    #[test]
    fn json_numbers_are_told_from_the_others() {
        for text in ["0", "-1", "1.10", "1e3", "12.5E-3"] {
            assert!(is_json_number(text), "{text}");
        }
        for text in ["", "01", "+1", ".5", "1.", "1_0", "0x1", "1.e3", "-"] {
            assert!(!is_json_number(text), "{text}");
        }
    }
}
