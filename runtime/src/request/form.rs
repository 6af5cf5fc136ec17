//! Form bodies: JSON text flattened into pairs.

use super::Style;
use crate::json;
use serde_json::value::RawValue;
use url::form_urlencoded;

/// Encodes an object as `application/x-www-form-urlencoded`.
///
/// Lists have the style of their top-level field, objects stand as `a[b]`, objects in lists as `a[0][b]`, and null is an
/// empty text.
pub(super) fn encode(body: &str, style: Style, overrides: &[(&'static str, Style)]) -> Option<String> {
    let mut form = Form {
        pairs: form_urlencoded::Serializer::new(String::new()),
    };
    for (name, value) in json::entries(body)? {
        let declared = overrides.iter().find(|(field, _)| *field == name);
        form.value(&name, value, declared.map_or(style, |(_, style)| *style));
    }
    Some(form.pairs.finish())
}

struct Form {
    pairs: form_urlencoded::Serializer<'static, String>,
}

impl Form {
    fn value(&mut self, name: &str, value: &RawValue, style: Style) {
        if let Some(entries) = json::entries(value.get()) {
            for (key, value) in entries {
                self.value(&format!("{name}[{key}]"), value, style);
            }
        } else if let Some(elements) = json::elements(value.get()) {
            self.list(name, &elements, style);
        } else {
            self.pairs.append_pair(name, &scalar(value));
        }
    }

    fn list(&mut self, name: &str, elements: &[&RawValue], style: Style) {
        if elements.iter().any(|element| element.get().starts_with(['{', '['])) {
            for (index, element) in elements.iter().enumerate() {
                self.value(&format!("{name}[{index}]"), element, style);
            }
            return;
        }
        let mut texts = elements.iter().map(|element| scalar(element));
        match style {
            Style::Repeat => {
                self.pairs.extend_pairs(texts.map(|text| (name, text)));
            }
            Style::Brackets => {
                let name = format!("{name}[]");
                self.pairs.extend_pairs(texts.map(|text| (&name, text)));
            }
            Style::Comma => {
                if let Some(first) = texts.next() {
                    let joined = texts.fold(first, |joined, text| joined + "," + &text);
                    self.pairs.append_pair(name, &joined);
                }
            }
        }
    }
}

/// A scalar as text; numbers to the letter.
fn scalar(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        text if text.starts_with('"') => serde_json::from_str(text).unwrap_or_default(),
        text => text.to_owned(),
    }
}
