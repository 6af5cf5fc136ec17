//! What the client itself puts into a request: page numbers, cursors and idempotency keys.

use super::{Pair, Request};
use crate::{Json, KeyPlace, ParamAt, Path, Step, json};

impl Request {
    /// Puts a value where the descriptor says, in the place of what is there.
    pub(crate) fn put(&mut self, at: ParamAt, value: &Json) {
        let text = match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match at {
            ParamAt::Query(name) => {
                self.query.retain(|pair| pair.name != name);
                self.query.push(Pair::new(name, text));
            }
            ParamAt::Header(name) => self.put_header(name, text),
            ParamAt::Body(path) => self.edit(path, &mut |_| Some(value.to_string())),
        }
    }

    /// Puts an idempotency key wherever there is none yet, a fresh one into each place.
    pub(crate) fn put_key(&mut self, place: KeyPlace, key: &mut dyn FnMut() -> String) {
        match place {
            KeyPlace::Header(name) => {
                if !self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                    self.headers.push((name.to_owned(), key()));
                }
            }
            KeyPlace::Body(path) => self.edit(path, &mut |there| match there {
                None | Some("null" | "\"\"") => Some(json::quoted(&key())),
                Some(_) => None,
            }),
        }
    }

    fn put_header(&mut self, name: &str, text: String) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), text));
    }
}

/// A path as the descriptor writes it.
pub(crate) fn shown(path: Path) -> String {
    let mut shown = "$".to_owned();
    for step in path.0 {
        shown.push('.');
        shown.push_str(match step {
            Step::Name(name) => name,
            Step::Each => "*",
        });
    }
    shown
}
