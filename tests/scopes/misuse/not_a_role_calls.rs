//! An operation by a token whose role is not one.

use tollgate_scope_tests::acme::{PartnerClient, orders::ListOrders};

#[derive(Debug)]
struct Mine;

async fn wrong(mine: &PartnerClient<Mine>) {
    let _ = mine.orders().list(ListOrders::new()).send().await;
}

fn main() {}
