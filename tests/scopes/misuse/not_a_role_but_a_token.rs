//! A token whose role is a token type.

use tollgate_scope_tests::acme::{Account, Partner};

fn wrong() {
    let _ = Partner::<Account>::new("key", "tenant");
}

fn main() {}
