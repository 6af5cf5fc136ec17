//! Every key that a descriptor may hold, block by block.
//!
//! This is the only list: the reader takes its unknown-key errors, its suggestions and its required keys from
//! here, and the reference page of the language is made of it.

/// One kind of map with a fixed set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// What such a map is, with its article: "a rate limit".
    pub name: &'static str,
    /// Where it stands.
    pub place: &'static str,
    /// Its keys in the order of the reference.
    pub keys: &'static [Key],
    /// Whether the words of [`SETTINGS`] may stand here as well.
    pub settings: bool,
}

/// One key of a [`Block`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// Whether the block has no meaning without it.
    pub required: bool,
    /// What it says, in one line.
    pub doc: &'static str,
}

impl Block {
    /// All keys that may stand here.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> {
        let settings: &[Key] = if self.settings { SETTINGS } else { &[] };
        self.keys.iter().chain(settings)
    }

    /// The names of all keys that may stand here.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all_keys().map(|key| key.name)
    }
}

macro_rules! key {
    ($name:literal, required, $doc:literal) => {
        Key {
            name: $name,
            required: true,
            doc: $doc,
        }
    };
    ($name:literal, $doc:literal) => {
        Key {
            name: $name,
            required: false,
            doc: $doc,
        }
    };
}

macro_rules! blocks {
    ($($(#[doc = $about:literal])* $block:ident $name:literal at $place:literal $(with $settings:ident)? { $(($($key:tt)*))* })*) => {
        $(
            $(#[doc = $about])*
            pub static $block: Block = Block {
                name: $name,
                place: $place,
                keys: &[$(key!($($key)*)),*],
                settings: blocks!(@settings $($settings)?),
            };
        )*

        /// Every block, in the order of the reference.
        pub static ALL: &[&Block] = &[$(&$block),*];
    };
    (@settings settings) => { true };
    (@settings) => { false };
}

mod blocks;

pub use self::blocks::*;

/// Keys of other description languages, or of a later version, and why they are refused.
pub static REFUSED: &[(&str, &str)] = &[
    ("xml", "XML bodies are not part of version 1"),
    ("poll", "long-running jobs are not part of version 1"),
    ("long_running", "long-running jobs are not part of version 1"),
    ("etag", "ETag and 304 are not part of version 1"),
    ("if_match", "ETag and 304 are not part of version 1"),
    ("if_none_match", "ETag and 304 are not part of version 1"),
    ("presigned", "pre-signed URLs as an address are not part of version 1"),
    ("url_from", "pre-signed URLs as an address are not part of version 1"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_block_lists_a_key_twice() {
        for block in ALL {
            let names: BTreeSet<&str> = block.names().collect();
            assert_eq!(names.len(), block.names().count(), "{}", block.name);
        }
    }

    #[test]
    fn every_key_is_read() {
        let readers = concat!(
            include_str!("parse.rs"),
            include_str!("parse/auth.rs"),
            include_str!("parse/limit.rs"),
            include_str!("parse/operation.rs"),
            include_str!("parse/page.rs"),
            include_str!("parse/place.rs"),
            include_str!("parse/reply.rs"),
            include_str!("parse/schema.rs"),
            include_str!("parse/webhook.rs"),
            include_str!("word.rs"),
        );
        for key in ALL.iter().flat_map(|block| block.all_keys()) {
            assert!(
                readers.contains(&format!("\"{}\"", key.name)),
                "nothing reads `{}`",
                key.name
            );
        }
    }

    #[test]
    fn no_refused_key_is_a_key() {
        for (refused, _) in REFUSED {
            assert!(
                ALL.iter().all(|block| block.names().all(|name| name != *refused)),
                "{refused}"
            );
        }
    }
}
