//! A role that says by hand what it may be narrowed from.

use tollgate_scope_tests::acme::{
    self,
    role::{Support, Within},
};

tollgate::role! { struct Reporting: acme [sales] }

impl Within<Support> for Reporting {}

fn main() {}
