//! A token whose role is not one.

use tollgate_scope_tests::acme::Partner;

#[derive(Debug)]
struct Mine;

fn wrong() {
    let _ = Partner::<Mine>::new("key", "tenant");
}

fn main() {}
