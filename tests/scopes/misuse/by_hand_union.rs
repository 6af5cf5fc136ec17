//! A union ticked by hand.

use tollgate_scope_tests::acme::{self, scope};

tollgate::token! { struct Settings: acme as Account [workspace] }

impl scope::SupplyOrSales for Settings {}

fn main() {}
