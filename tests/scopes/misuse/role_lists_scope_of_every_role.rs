//! An application's role with a scope that every role has anyway.

use tollgate_scope_tests::acme;

tollgate::role! { struct Reporting: acme [audit, member] }

fn main() {}
