//! The known name nearest to a misspelt one.

/// How many names are listed when none is near.
const LISTED: usize = 12;

/// The name of `known` that `found` is most probably meant to be.
///
/// A third of the letters may differ, as `rustc` has it. Names that only differ in case or in the separator
/// are always near.
#[must_use]
pub fn nearest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = found.chars().count().max(3) / 3;
    let wanted = plain(found);
    known
        .into_iter()
        .filter(|name| *name != found)
        .filter_map(|name| {
            let distance = if plain(name) == wanted {
                0
            } else {
                strsim::damerau_levenshtein(found, name)
            };
            // Of one letter nothing would be left.
            let is_near = distance <= allowed && distance < found.chars().count().max(name.chars().count());
            is_near.then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// The text of a `help:` line: the nearest name, or all of them when there are few.
#[must_use]
pub fn help<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest(found, known.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    match known.as_slice() {
        [] => None,
        [only] => Some(format!("the only one is `{only}`")),
        names if names.len() <= LISTED => Some(format!("one of {}", list(names))),
        _ => None,
    }
}

/// `` `a`, `b` and `c` ``.
#[must_use]
pub fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", rest.join(", "))
        }
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_letter_finds_its_name() {
        assert_eq!(nearest("tokesn", ["scopes", "tokens", "roles"]), Some("tokens"));
    }

    #[test]
    fn case_and_separators_do_not_count() {
        assert_eq!(nearest("baseUrl", ["base_url", "hosts"]), Some("base_url"));
    }

    #[test]
    fn a_name_that_is_not_near_is_not_suggested() {
        assert_eq!(nearest("elephant", ["base_url", "hosts"]), None);
        assert_eq!(
            help("elephant", ["base_url", "hosts"]).as_deref(),
            Some("one of `base_url` and `hosts`")
        );
    }

    #[test]
    fn short_names_allow_one_slip() {
        assert_eq!(nearest("gte", ["get", "put"]), Some("get"));
        assert_eq!(nearest("x", ["get", "put"]), None);
    }
}
