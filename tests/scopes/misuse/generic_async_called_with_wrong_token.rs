//! An `async fn` over `sales`, called with a token that does not hold it: rustc says it three times.

use tollgate_providers::flxpoint::{Client, SourceClient, orders::ListOrders, scope};

async fn pull<T: scope::Sales>(client: &Client<T>) {
    let _ = client.orders().list(ListOrders::new()).send().await;
}

async fn wrong(source: &SourceClient) {
    pull(source).await;
}

fn main() {}
