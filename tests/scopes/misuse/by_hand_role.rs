//! A role declared by hand.

use tollgate_scope_tests::acme::role::Role;

#[derive(Debug)]
struct Mine;

impl Role for Mine {}

fn main() {}
