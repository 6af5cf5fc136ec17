//! An application's role with a scope that does not exist: rustc gives the nearest.

use tollgate_scope_tests::acme;

tollgate::role! { struct Reporting: acme [audit, slaes] }

fn main() {}
