//! All of two scopes ticked by hand.

use tollgate_scope_tests::acme::{self, scope};

tollgate::token! { struct Settings: acme as Account [workspace] }

impl scope::SupplyAndSales for Settings {}

fn main() {}
