//! A token with a role of its application's, declared for another provider.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

fn wrong(shop: &acme::PartnerClient<Shop>) {
    let _ = shop.orders().list(acme::orders::ListOrders::new());
}

fn main() {}
