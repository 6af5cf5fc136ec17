//! An application's token that does not say like which, where the provider's differ.

use tollgate_scope_tests::acme;

tollgate::token! { struct Shop: acme [sales] }

fn main() {}
