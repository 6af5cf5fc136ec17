//! A generic function without a bound calls an operation that needs `sales`.

use tollgate_providers::flxpoint::{Client, orders::ListOrders};

async fn wrong<T>(client: &Client<T>) {
    let _ = client.orders().list(ListOrders::new()).send().await;
}

fn main() {}
