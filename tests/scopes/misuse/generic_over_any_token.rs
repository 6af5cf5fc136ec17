//! A generic function over all tokens calls an operation that needs `sales`.

use tollgate_providers::flxpoint::{Client, Token, orders::ListOrders};

async fn wrong<T: Token>(client: &Client<T>) {
    let _ = client.orders().list(ListOrders::new()).send().await;
}

fn main() {}
