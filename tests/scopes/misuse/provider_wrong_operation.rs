//! An operation of one provider by a client of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

async fn wrong(client: &flxpoint::AccountClient) {
    let _ = client.orders().list(acme::orders::ListOrders::new()).send().await;
}

fn main() {}
