//! The health check of a token type, by a role that may not call it.

use tollgate_scope_tests::acme::{PartnerClient, role::Seller};

async fn wrong(seller: &PartnerClient<Seller>) {
    let _ = seller.verify().await;
}

fn main() {}
