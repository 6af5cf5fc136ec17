//! The matrix for programs.

use super::Matrix;
use serde_json::{Map, Value, json};

impl Matrix {
    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> String {
        let held = |ticks: &[bool], names: &[&str]| -> Vec<String> {
            let held = ticks.iter().zip(names).filter(|(held, _)| **held);
            held.map(|(_, name)| (*name).to_owned()).collect()
        };
        let tokens: Vec<&str> = self.tokens.iter().map(|token| token.name.as_str()).collect();
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.name.as_str()).collect();
        let operations = self.groups.iter().flat_map(|group| {
            group.operations.iter().map(move |line| {
                let by_token = line.by_token.iter().map(|(value, words)| {
                    let words: Map<String, Value> =
                        words.iter().map(|(token, word)| (token.clone(), json!(word))).collect();
                    (value.clone(), Value::Object(words))
                });
                json!({
                    "id": line.id,
                    "request": line.request,
                    "needs": group.needs,
                    "scopes": group.scopes,
                    "tokens": group.holders,
                    "instead_of": line.instead_of,
                    "by_token": by_token.collect::<Map<String, Value>>(),
                    "deprecated": line.deprecated,
                })
            })
        });
        let page = json!({
            "title": self.title,
            "file": self.file,
            "checked": self.checked,
            "tokens": self.tokens.iter().map(|token| json!({
                "name": token.name,
                "rust": token.rust,
                "by_role": token.by_role,
                "docs": token.docs,
            })).collect::<Vec<_>>(),
            "scopes": self.scopes.iter().map(|scope| json!({
                "name": scope.name,
                "wire": scope.wire,
                "docs": scope.docs,
                "always": scope.always,
                "tokens": held(&scope.ticks, &tokens),
                "operations": scope.operations,
            })).collect::<Vec<_>>(),
            "roles": self.roles.iter().map(|role| json!({
                "name": role.name,
                "scopes": held(&role.ticks, &scopes),
            })).collect::<Vec<_>>(),
            "operations": operations.collect::<Vec<_>>(),
        });
        format!("{page:#}\n")
    }
}
