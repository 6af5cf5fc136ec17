//! What the reader of YAML refuses, said so that the author knows what to write.

use std::ops::Range;

use serde_yaml::Error;

use super::tree;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};

/// The diagnostic for a file that could not be read as YAML.
pub(super) fn diagnose(error: &Error, file: FileId, text: &str) -> Diagnostic {
    let error = error.without_snippet();
    let offset = offset(error, text);
    let span = character(file, text, offset);
    match error {
        Error::MultipleDocuments { .. } => several_documents(span),
        Error::Budget { breach, .. } => match breach {
            serde_yaml::budget::BudgetBreach::Documents { .. } => several_documents(span),
            serde_yaml::budget::BudgetBreach::Depth { .. } => too_deep(span),
            _ => over_budget(span, "the file is too large"),
        },
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => over_budget(span, "aliases repeat too much"),
        Error::AliasError { error, .. } => diagnose(error, file, text),
        Error::UnknownAnchor { .. } => Diagnostic::new(Code::YamlSyntax, span, "this alias names no anchor")
            .help("an anchor, `&name`, stands before its aliases; a text that begins with `*` is quoted"),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            over_budget(span, "this alias stands inside of what it repeats")
        }
        _ => syntax(&plain_message(error), span, file, text, offset),
    }
}

fn several_documents(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SeveralDocuments, span, "a descriptor is one document")
        .label("another one begins here")
        .help("make it a file of its own, and name it under `include` if it belongs to this provider")
}

fn too_deep(span: Span) -> Diagnostic {
    over_budget(span, tree::TOO_DEEP)
}

fn over_budget(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::OverBudget, span, message)
        .help("no descriptor needs this; it protects against files that are made to exhaust the reader")
}

fn syntax(message: &str, span: Span, file: FileId, text: &str, offset: usize) -> Diagnostic {
    if message.starts_with("recursion limit") || message.contains(tree::TOO_DEEP) {
        return too_deep(span);
    }
    if let Some(tag) = tag_before(text, offset) {
        return Diagnostic::new(Code::Tag, Span::new(file, tag), "tags are not part of the language")
            .help("leave it out; a text that YAML reads as something else is quoted");
    }
    if let Some(unquoted) = unquoted(text, offset) {
        return needs_quotes(unquoted, message, file, text);
    }
    let diagnostic = Diagnostic::new(Code::YamlSyntax, span, format!("not YAML: {message}")).help(advice(message));
    match open_bracket(text, offset).filter(|_| message.contains("flow")) {
        Some(open) => diagnostic.secondary(Span::new(file, open..open + 1), "opened here"),
        None => diagnostic,
    }
}

fn needs_quotes(unquoted: Unquoted, message: &str, file: FileId, text: &str) -> Diagnostic {
    let value = text.get(unquoted.value.clone()).unwrap_or("");
    let message_here = format!("`{value}` needs quotes here");
    let note = if unquoted.in_flow {
        "inside `{ }` and `[ ]` a value with a brace, bracket, comma, `: ` or ` #` is quoted"
    } else {
        "a value that begins with a brace or a bracket, or that holds `: `, is quoted"
    };
    Diagnostic::new(Code::NeedsQuotes, Span::new(file, unquoted.value), message_here)
        .label(message)
        .note(note)
        .help(format!("write `{}`", unquoted.line))
}

fn advice(message: &str) -> &'static str {
    if message.contains("mapping values") {
        "a value that holds `: ` is quoted"
    } else if message.contains("unexpected character") {
        "a value that begins with this character is quoted"
    } else if message.contains("bracket") || message.contains("flow") {
        "open and close brackets in pairs; a value that holds one is quoted"
    } else if message.contains("quoted scalar") {
        "close the quote, here or on a line before; the further lines of a quoted text are indented"
    } else {
        "look at the indentation, quotes and brackets here and on the line before"
    }
}

/// The innermost bracket that is open at `offset`.
fn open_bracket(text: &str, offset: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    for (position, character) in text.get(..offset)?.char_indices() {
        match (quote, character) {
            (Some(end), _) if character == end => quote = None,
            (None, '"' | '\'') if starts_value(text, position) => quote = Some(character),
            (None, '{' | '[') => open.push(position),
            (None, '}' | ']') => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// The message without its own line and column.
fn plain_message(error: &Error) -> String {
    let message = error.to_string();
    let message = message.lines().next().unwrap_or("").to_owned();
    match message.rfind(" at line ") {
        Some(end) => message.get(..end).unwrap_or(&message).to_owned(),
        None => message,
    }
}

/// The scanner counts characters, and only some of its errors carry bytes as well.
fn offset(error: &Error, text: &str) -> usize {
    let Some(location) = error.location() else {
        return 0;
    };
    if let Some(offset) = location.span().byte_offset() {
        return usize::try_from(offset).unwrap_or(0).min(text.len());
    }
    let line = usize::try_from(location.line()).unwrap_or(1).max(1);
    let column = usize::try_from(location.column()).unwrap_or(1).max(1);
    let start = match line {
        1 => 0,
        _ => text
            .match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(newline, _)| newline + 1),
    };
    let rest = text.get(start..).unwrap_or("");
    start
        + rest
            .char_indices()
            .nth(column - 1)
            .map_or(rest.len(), |(offset, _)| offset)
}

fn character(file: FileId, text: &str, offset: usize) -> Span {
    let length = text
        .get(offset..)
        .and_then(|rest| rest.chars().next())
        .filter(|character| *character != '\n')
        .map_or(0, char::len_utf8);
    Span::new(file, offset..offset + length)
}

fn tag_before(text: &str, offset: usize) -> Option<Range<usize>> {
    let before = text.get(..offset)?.trim_end();
    let start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let word = before.get(start..)?;
    (word.starts_with('!') && word.len() > 1).then_some(start..before.len())
}

/// A value that the scanner broke in the middle, and its line with the quotes it needs.
struct Unquoted {
    value: Range<usize>,
    line: String,
    in_flow: bool,
}

/// Finds the value around `offset` on its line, as the author meant it: from the separator before it to the
/// separator after it that stands outside of its own brackets.
fn unquoted(text: &str, offset: usize) -> Option<Unquoted> {
    let line_start = text.get(..offset)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text
        .get(offset..)?
        .find('\n')
        .map_or(text.len(), |newline| offset + newline);
    let line = text.get(line_start..line_end)?.trim_end();
    let depth = usize::from(open_bracket(text, line_start).is_some());
    let in_flow = flow_value(line, offset - line_start, depth);
    let value = in_flow.clone().or_else(|| block_value(line, offset - line_start))?;
    let written = line.get(value.clone())?;
    let quoted = format!("\"{}\"", written.replace('\\', "\\\\").replace('"', "\\\""));
    let fixed = format!("{}{quoted}{}", line.get(..value.start)?, line.get(value.end..)?);
    Some(Unquoted {
        value: line_start + value.start..line_start + value.end,
        line: fixed.trim().to_owned(),
        in_flow: in_flow.is_some(),
    })
}

/// The value inside of braces or brackets that reaches to `offset`; `depth` of them are open before the line.
fn flow_value(line: &str, offset: usize, depth: usize) -> Option<Range<usize>> {
    // Of a bracket that is never closed it is the value whose ` #` hides the closing one.
    let offset = match line.get(offset..) {
        Some(rest) if rest.starts_with(['{', '[']) && starts_value(line, offset) => offset + rest.find(" #")?,
        _ => offset,
    };
    let start = flow_value_start(line, offset, depth)?;
    let value = value_text(line.get(start..)?);
    // A line that begins with a key is an entry of its own, after a bracket that was meant to be closed.
    let is_entry = line.get(..start)?.trim().is_empty() && value.contains(": ");
    let breaks = value.contains(['{', '}', '[', ']', ',', '@', '`', '%', '*', '&', '!', '|', '>'])
        || value.contains(": ")
        || value.contains(" #");
    let end = start + value.len();
    (breaks && !is_entry && !value.starts_with(['"', '\'']) && end >= offset).then_some(start..end)
}

fn flow_value_start(line: &str, offset: usize, mut depth: usize) -> Option<usize> {
    let mut start = None;
    let mut quote = None;
    let mut passed = 0;
    for (position, character) in line.char_indices().take_while(|(position, _)| *position <= offset) {
        let opens = starts_value(line, position);
        match (quote, character) {
            _ if position < passed => {}
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') if opens => {
                quote = Some(character);
                start = None;
            }
            (None, '{' | '[') if opens && goes_on(line.get(position..)?) => {
                start = (depth > 0).then_some(position);
                passed = position + value_text(line.get(position..)?).len();
            }
            (None, '{' | '[') if opens => {
                depth += 1;
                start = None;
            }
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            (None, _) if opens && depth > 0 && !character.is_whitespace() => start = Some(position),
            _ => {}
        }
    }
    start
}

/// The value outside of braces that begins with a bracket and goes on behind it, or that holds `: `.
fn block_value(line: &str, offset: usize) -> Option<Range<usize>> {
    let indent = line.len() - line.trim_start().len();
    let start = indent + line.get(indent..)?.find(": ")? + 2;
    let value = line.get(start..)?.trim();
    let start = start + line.get(start..)?.find(value)?;
    let holds_colon = !value.starts_with(['{', '[', '"', '\'', '&', '*', '!']) && value.contains(": ");
    let key_is_plain = !line.get(..start)?.contains(['{', '[', '"', '\'', '#']);
    (offset > start && key_is_plain && (goes_on(value) || holds_colon)).then(|| start..start + value.len())
}

/// Whether `value` begins with a bracket and does not end with the one that closes it: `{host}/v1`.
fn goes_on(value: &str) -> bool {
    let mut depth = 0_usize;
    for (position, character) in value.char_indices() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let next = value.get(position + 1..).and_then(|rest| rest.chars().next());
            return position > 0 && next.is_some_and(|next| !next.is_whitespace() && !matches!(next, ',' | '}' | ']'));
        }
    }
    false
}

/// Whether a value may begin at `position`: after a colon, comma or dash and a space, or an opening bracket.
fn starts_value(line: &str, position: usize) -> bool {
    let before = line.get(..position).unwrap_or("");
    let trimmed = before.trim_end();
    let spaced = trimmed.len() < before.len();
    trimmed.is_empty() || opens(trimmed) || (spaced && trimmed.ends_with([':', ',', '-']))
}

/// Whether the bracket at the end of `text` opens a collection, and does not stand inside a value.
fn opens(text: &str) -> bool {
    text.strip_suffix(['{', '['])
        .is_some_and(|before| before.is_empty() || before.ends_with([' ', '{', '[']))
}

/// The value at the start of `rest`, up to a comma or closing bracket outside of its own brackets.
fn value_text(rest: &str) -> &str {
    let mut depth = 0_usize;
    for (position, character) in rest.char_indices() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' if depth > 0 => depth -= 1,
            '}' | ']' | ',' if depth == 0 => return rest.get(..position).unwrap_or(rest).trim_end(),
            _ => {}
        }
    }
    rest.trim_end()
}
