//! A scope that a role lists by hand.

use tollgate_scope_tests::acme::{self, role::lists};

tollgate::role! { struct Reporting: acme [sales] }

impl lists::Audit for Reporting {}

fn main() {}
