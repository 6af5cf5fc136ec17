//! Documentation: the author's words as Markdown that neither rustdoc nor clippy complains about.

use proc_macro2::TokenStream;
use quote::quote;

/// The widest line of documentation, without indentation and slashes.
const WIDTH: usize = 108;

/// `/// …` for each line.
pub(crate) fn outer<L: AsRef<str>>(lines: &[L]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| wrap(line.as_ref())).map(spaced);
    quote! { #(#[doc = #lines])* }
}

/// `//! …` for each line.
pub(crate) fn inner<L: AsRef<str>>(lines: &[L]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| wrap(line.as_ref())).map(spaced);
    quote! { #(#![doc = #lines])* }
}

/// `/// …` for one line.
pub(crate) fn line(text: &str) -> TokenStream {
    outer(&[text])
}

// `#[doc = "x"]` prints as `///x`.
fn spaced(line: String) -> String {
    if line.is_empty() { line } else { format!(" {line}") }
}

/// Breaks a long line at spaces. Tables and code stay as they are.
fn wrap(text: &str) -> Vec<String> {
    if text.chars().count() <= WIDTH || text.starts_with('|') || text.starts_with("    ") {
        return vec![text.to_owned()];
    }
    // What belongs to an item of a list stands below its text.
    let indent = if text.starts_with("- ") || text.starts_with("* ") {
        "  "
    } else {
        ""
    };
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut in_code = false;
    for (at, word) in text.split(' ').enumerate() {
        let fits = line.chars().count() + 1 + word.chars().count() <= WIDTH;
        if at > 0 && !fits && !in_code && !begins_a_block(word) {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        } else if at > 0 {
            line.push(' ');
        }
        line.push_str(word);
        in_code ^= word.matches('`').count() % 2 == 1;
    }
    lines.push(line);
    lines
}

/// Whether Markdown would take a line that begins with this word for a list, a heading or a quote.
fn begins_a_block(word: &str) -> bool {
    let digits = word.trim_end_matches(['.', ')']);
    word.is_empty()
        || word.starts_with(['-', '*', '+', '#', '>', '=', '|', '~'])
        || (digits.len() < word.len() && digits.chars().all(|c| c.is_ascii_digit()))
}

/// The author's text, a line each, as Markdown: what looks like code gets backticks, brackets and angles are escaped.
pub(crate) fn prose(text: &str) -> Vec<String> {
    text.trim().lines().map(|line| prose_line(line.trim_end())).collect()
}

/// A name of the author's inside a sentence.
pub(crate) fn title(text: &str) -> String {
    prose_line(text.trim())
}

/// The author's text in one line.
pub(crate) fn sentence(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ended(prose_line(&joined))
}

fn ended(line: String) -> String {
    if line.ends_with(['.', '!', '?', ':']) || line.is_empty() {
        line
    } else {
        format!("{line}.")
    }
}

fn prose_line(line: &str) -> String {
    let mut marked = String::new();
    for (at, part) in line.split('`').enumerate() {
        // Inside backticks everything stands as written.
        if at > 0 {
            marked.push('`');
        }
        marked.push_str(&if at % 2 == 1 { part.to_owned() } else { words(part) });
    }
    if line.matches('`').count() % 2 == 1 {
        marked.push('`');
    }
    marked
}

fn words(text: &str) -> String {
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    let start = word.find(|c: char| !"([{\"'".contains(c)).unwrap_or(word.len());
    let end = word.rfind(|c: char| !")]}\"'.,;:!?".contains(c)).map_or(start, |at| {
        at + word
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8)
    });
    let (before, rest) = word.split_at(start);
    let (core, after) = rest.split_at(end.saturating_sub(start).min(rest.len()));
    let core = if core.starts_with("https://") || core.starts_with("http://") {
        format!("<{core}>")
    } else if is_code(core) {
        format!("`{core}`")
    } else {
        escape(core)
    };
    format!("{}{core}{}", escape(before), escape(after))
}

/// Whether a word is rather code than prose: `sourceId`, `a_b`, `FlexPrice`, `X-API-TOKEN`, `{id}`, `a::b`, `<T>`.
fn is_code(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let camel = letters
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let plain_link = word.contains("](");
    !plain_link
        && letters.iter().any(char::is_ascii_alphanumeric)
        && (camel || word.contains(['_', '<', '>', '{', '}', '$', '[', ']', '*', '=', '\\']) || word.contains("::"))
}

fn escape(text: &str) -> String {
    if text.contains("](") {
        return text.to_owned();
    }
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '[' | ']' | '<' | '>' | '*' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A name in backticks.
pub(crate) fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// A cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn list(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {word} {last}", head.join(", ")),
    }
}

/// `a` or `an` before a name.
pub(crate) fn article(name: &str) -> &'static str {
    if name
        .trim_start_matches('`')
        .starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o'])
    {
        "an"
    } else {
        "a"
    }
}

/// Text for `on_unimplemented`, in which braces have a meaning.
pub(crate) fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// JSON as a block, broken into lines where one would be too long.
pub(crate) fn json_block(json: &str) -> Vec<String> {
    let mut lines = vec!["```json".to_owned()];
    if json.chars().count() <= 100 {
        lines.push(json.to_owned());
    } else {
        lines.extend(pretty(json));
    }
    lines.push("```".to_owned());
    lines
}

fn pretty(json: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for c in json.chars() {
        if in_text {
            line.push(c);
            in_text = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                line.push(c);
                lines.push(std::mem::take(&mut line));
                depth += 1;
                line = "  ".repeat(depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                lines.push(std::mem::replace(&mut line, "  ".repeat(depth)));
                line.push(c);
            }
            ',' => {
                line.push(c);
                lines.push(std::mem::replace(&mut line, "  ".repeat(depth)));
            }
            ':' => line.push_str(": "),
            c if c.is_whitespace() => {}
            c => {
                in_text = c == '"';
                line.push(c);
            }
        }
    }
    lines.push(line);
    lines.retain(|line| !line.trim().is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_code_get_backticks() {
        for (text, expected) in [
            ("Use sourceId, not FlexPrice.", "Use `sourceId`, not `FlexPrice`."),
            ("Already `{id}` there", "Already `{id}` there"),
            ("A [note] and <T>", "A \\[note\\] and `<T>`"),
            ("See https://a.example/b.", "See <https://a.example/b>."),
            ("parcels[0].weight", "`parcels[0].weight`"),
            ("one ` alone", "one ` alone`"),
            ("a * b", "a \\* b"),
            ("the API answers (sometimes)", "the API answers (sometimes)"),
        ] {
            assert_eq!(prose_line(text), expected);
        }
    }

    #[test]
    fn long_lines_break_where_markdown_does_not_mind() {
        let text = format!(
            "{} - not a list `and no {} break` here",
            "word ".repeat(20).trim(),
            "x ".repeat(30).trim()
        );
        let lines = wrap(&text);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| !line.starts_with('-')));
        assert!(lines.iter().all(|line| line.matches('`').count() % 2 == 0));
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn json_is_broken_into_lines() {
        let json = format!("{{\"a\":[1,2],\"b\":\"{}\"}}", "x,{".repeat(40));
        let lines = json_block(&json);
        assert_eq!(lines.get(1).map(String::as_str), Some("{"));
        assert_eq!(lines.get(2).map(String::as_str), Some("  \"a\": ["));
        assert_eq!(lines.last().map(String::as_str), Some("```"));
    }
}
