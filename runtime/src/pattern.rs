//! Patterns of a descriptor, compiled once per process.

use regex_lite::Regex;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

static COMPILED: Mutex<BTreeMap<(&'static str, Extent), Option<Regex>>> = Mutex::new(BTreeMap::new());

/// How much of a text a pattern is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    Part,
    Whole,
}

/// Whether all of `text` matches. A pattern that does not compile matches everything: the descriptor's check refuses it.
pub(crate) fn matches_whole(pattern: &'static str, text: &str) -> bool {
    compiled(pattern, Extent::Whole).is_none_or(|regex| regex.is_match(text))
}

/// The first group of the first match, or the match where the pattern has no group.
pub(crate) fn first_group<'t>(pattern: &'static str, text: &'t str) -> Option<&'t str> {
    let captures = compiled(pattern, Extent::Part)?.captures(text)?;
    captures.get(1).or_else(|| captures.get(0)).map(|found| found.as_str())
}

fn compiled(pattern: &'static str, extent: Extent) -> Option<Regex> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || match extent {
        Extent::Part => Regex::new(pattern).ok(),
        Extent::Whole => Regex::new(&format!("^(?:{pattern})$")).ok(),
    };
    compiled.entry((pattern, extent)).or_insert_with(compile).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole() {
        assert!(matches_whole("sk_[a-z]+", "sk_live"));
        assert!(!matches_whole("sk_[a-z]+", "sk_live7"));
        assert!(!matches_whole("sk_[a-z]+", " sk_live"));
        assert!(matches_whole("a|ab", "ab"));
    }

    #[test]
    fn the_first_group_is_the_value() {
        assert_eq!(first_group("page=([0-9]+)", "?page=12&x"), Some("12"));
        assert_eq!(first_group("[0-9]+", "?page=12&x"), Some("12"));
        assert_eq!(first_group("page=([0-9]+)", "none"), None);
    }
}
