//! A generic function over `sales` of one provider calls an operation of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

async fn wrong<T: acme::scope::Sales>(client: &flxpoint::Client<T>) {
    let _ = client.orders().list(flxpoint::orders::ListOrders::new()).send().await;
}

fn main() {}
