//! Idempotency keys: the same key, the same answer, one effect.

use crate::check::Subject;
use crate::place;
use crate::reply::Reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tollgate_descriptor::model::{IdempotencyKey, Path, Step};

/// A key with what it was used for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Used {
    pub(crate) key: String,
    request: Value,
}

/// What a request's keys mean.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// So many effects are new.
    New(u64),
    /// All was done before; the answer, where one key stands for the whole request.
    Known(Option<Reply>),
    /// A key was used for another request.
    Conflict(String),
}

/// The keys of all requests so far, by operation and token.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    answered: BTreeMap<(String, String, String), (Value, Option<Reply>)>,
}

/// The keys of a request; one per element where the descriptor says so.
pub(crate) fn used(subject: &Subject<'_>) -> Vec<Used> {
    let whole = |key: String| Used {
        key,
        request: fingerprint(subject),
    };
    match &subject.operation.idempotency_key {
        None => Vec::new(),
        Some(IdempotencyKey::Header(name)) => subject.arrival.header(name).map(whole).into_iter().collect(),
        Some(IdempotencyKey::Body(path)) => {
            let Ok(json) = &subject.arrival.json else {
                return Vec::new();
            };
            match path.0.iter().rposition(|step| *step == Step::Each) {
                None => place::first(json, path)
                    .and_then(place::text)
                    .map(whole)
                    .into_iter()
                    .collect(),
                Some(each) => {
                    let (elements, key) = path.0.split_at(each + 1);
                    let (elements, key) = (Path(elements.to_vec()), Path(key.to_vec()));
                    let elements = place::find(json, &elements).into_iter().filter_map(|found| found.value);
                    let used = elements.filter_map(|element| {
                        Some(Used {
                            key: place::first(element, &key).and_then(place::text)?,
                            request: element.clone(),
                        })
                    });
                    used.collect()
                }
            }
        }
    }
}

/// What makes two requests the same: everything but how the body is spelled.
fn fingerprint(subject: &Subject<'_>) -> Value {
    let arrival = subject.arrival;
    let body = match (&arrival.parts, &arrival.json) {
        (Ok(parts), _) => parts
            .iter()
            .map(|part| json!([part.name, String::from_utf8_lossy(&part.body)]))
            .collect(),
        (Err(_), Ok(json)) => json.clone(),
        (Err(_), Err(_)) => json!(String::from_utf8_lossy(&arrival.body)),
    };
    json!([arrival.path, arrival.query, body])
}

impl Keys {
    /// Looks the keys of a request up, and takes the new ones into use.
    pub(crate) fn enter(&mut self, operation: &str, owner: &str, used: &[Used]) -> Verdict {
        let place = |key: &str| (operation.to_owned(), owner.to_owned(), key.to_owned());
        let mut batch: BTreeMap<&str, &Value> = BTreeMap::new();
        for Used { key, request } in used {
            let before = self.answered.get(&place(key)).map(|(request, _)| request);
            let beside = *batch.entry(key).or_insert(request);
            if before.unwrap_or(beside) != request {
                return Verdict::Conflict("the idempotency key was used for another request".to_owned());
            }
        }
        let mut new = 0;
        for (key, request) in batch {
            self.answered.entry(place(key)).or_insert_with(|| {
                new += 1;
                (request.clone(), None)
            });
        }
        if new > 0 {
            return Verdict::New(new);
        }
        let only = match used {
            [only] => self
                .answered
                .get(&place(&only.key))
                .and_then(|(_, reply)| reply.clone()),
            _ => None,
        };
        Verdict::Known(only)
    }

    /// Keeps the answer of a request with one key.
    pub(crate) fn keep(&mut self, operation: &str, owner: &str, used: &[Used], reply: &Reply) {
        if let [only] = used
            && let Some((_, kept)) = self
                .answered
                .get_mut(&(operation.to_owned(), owner.to_owned(), only.key.clone()))
        {
            *kept = Some(reply.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(key: &str, request: i32) -> Used {
        Used {
            key: key.to_owned(),
            request: json!(request),
        }
    }

    #[test]
    fn a_batch_counts_only_the_elements_that_are_new() {
        let mut keys = Keys::default();
        assert_eq!(
            keys.enter("a", "t", &[used("x", 1), used("y", 2), used("x", 1)]),
            Verdict::New(2)
        );
        assert_eq!(keys.enter("a", "t", &[used("y", 2), used("z", 3)]), Verdict::New(1));
        assert_eq!(
            keys.enter("a", "t", &[used("y", 2), used("z", 3)]),
            Verdict::Known(None)
        );
        assert!(matches!(keys.enter("a", "t", &[used("y", 9)]), Verdict::Conflict(_)));
    }

    #[test]
    fn keys_belong_to_an_operation_and_a_token() {
        let mut keys = Keys::default();
        assert_eq!(keys.enter("a", "t", &[used("x", 1)]), Verdict::New(1));
        assert_eq!(keys.enter("a", "u", &[used("x", 2)]), Verdict::New(1));
        assert_eq!(keys.enter("b", "t", &[used("x", 3)]), Verdict::New(1));
    }

    #[test]
    fn one_key_gives_the_same_answer() {
        let mut keys = Keys::default();
        let request = [used("x", 1)];
        assert_eq!(keys.enter("a", "t", &request), Verdict::New(1));
        keys.keep("a", "t", &request, &Reply::empty(201));
        assert_eq!(keys.enter("a", "t", &request), Verdict::Known(Some(Reply::empty(201))));
    }
}
