//! A client narrowed to a role that lists more.

use tollgate_scope_tests::acme::{
    PartnerClient,
    role::{Everything, Seller},
};

fn wrong(seller: &PartnerClient<Seller>) -> PartnerClient<Everything> {
    seller.narrow()
}

fn main() {}
