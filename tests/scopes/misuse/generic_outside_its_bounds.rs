//! A generic function over `supply` calls an operation that needs `sales`.

use tollgate_scope_tests::acme::{Client, orders::ListOrders, scope};

async fn wrong<T: scope::Supply>(client: &Client<T>) {
    let _ = client.orders().list(ListOrders::new()).send().await;
}

fn main() {}
