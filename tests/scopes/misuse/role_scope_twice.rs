//! An application's role that lists a scope twice.

use tollgate_scope_tests::acme;

tollgate::role! { struct Reporting: acme [audit, audit] }

fn main() {}
