//! An application's token like one with roles, where a role should be declared.

use tollgate_scope_tests::acme;

tollgate::token! { struct Reporting: acme as Partner [audit] }

fn main() {}
