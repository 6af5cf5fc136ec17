//! Texts that somebody else wrote, on one line.

use std::fmt::{self, Write};

/// Shows a text on one line: whatever would begin another one, steer a terminal or turn the direction of writing is
/// shown as Rust writes it in a literal, `\n` or `\u{1b}`. What providers say is in it, and ends up in logs.
pub(crate) struct OneLine<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while let Some((at, steering)) = text.char_indices().find(|(_, character)| is_steering(*character)) {
            let (plain, rest) = text.split_at(at);
            self.0.write_str(plain)?;
            write!(self.0, "{}", steering.escape_default())?;
            text = rest.get(steering.len_utf8()..).unwrap_or_default();
        }
        self.0.write_str(text)
    }
}

/// Whether a character does something instead of being seen: controls, separators of lines and paragraphs, marks of the
/// direction of writing, and what is never seen. Joiners stay: words of some languages are written with them.
fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown_and_all_else_stays() {
        let shown = [
            ("", ""),
            ("plain", "plain"),
            ("größer, 大きい, 🚢 \\n \"q\"", "größer, 大きい, 🚢 \\n \"q\""),
            ("a\nb\r\n\tc", "a\\nb\\r\\n\\tc"),
            ("\u{1b}[31mred\u{7}\0\u{7f}", "\\u{1b}[31mred\\u{7}\\u{0}\\u{7f}"),
            ("\u{9b}2J\u{85}", "\\u{9b}2J\\u{85}"),
            ("a\u{2028}b\u{2029}c", "a\\u{2028}b\\u{2029}c"),
            (
                "\u{202e}txt\u{2066}\u{2069}\u{200f}\u{61c}",
                "\\u{202e}txt\\u{2066}\\u{2069}\\u{200f}\\u{61c}",
            ),
            ("ze\u{200b}ro\u{feff}\u{e0041}", "ze\\u{200b}ro\\u{feff}\\u{e0041}"),
        ];
        for (text, expected) in shown {
            assert_eq!(OneLine(text).to_string(), expected);
        }
    }
}
