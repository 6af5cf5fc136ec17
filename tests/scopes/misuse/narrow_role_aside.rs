//! A client narrowed to an application's role that lists something else.

use tollgate_scope_tests::acme::{self, PartnerClient, role::Support};

tollgate::role! { struct Reporting: acme [sales] }

fn wrong(support: &PartnerClient<Support>) -> PartnerClient<Reporting> {
    support.narrow()
}

fn main() {}
