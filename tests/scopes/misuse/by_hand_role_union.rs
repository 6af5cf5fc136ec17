//! A union that a role lists by hand.

use tollgate_scope_tests::acme::{self, role::lists};

tollgate::role! { struct Reporting: acme [audit] }

impl lists::SupplyOrSales for Reporting {}

fn main() {}
