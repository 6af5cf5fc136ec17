//! An operation called as data, by a token of another provider.

use tollgate::Client;
use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

async fn wrong(account: &Client<acme::Account>) {
    let _ = account.call(flxpoint::orders::ListOrders::new()).send().await;
}

fn main() {}
