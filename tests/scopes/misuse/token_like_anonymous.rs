//! An application's token like none at all.

use tollgate_scope_tests::acme;

tollgate::token! { struct Shop: acme as Anonymous [sales] }

fn main() {}
