//! A scope ticked by hand for a token with an application's role.

use tollgate_scope_tests::acme::{self, Partner, scope};

tollgate::role! { struct Reporting: acme [sales] }

impl scope::Audit for Partner<Reporting> {}

fn main() {}
