//! An application's role with a scope that nothing is like.

use tollgate_scope_tests::acme;

tollgate::role! { struct Reporting: acme [everything_there_is] }

fn main() {}
