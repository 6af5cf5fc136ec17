//! An operation that needs a scope, without a token.

use tollgate_providers::flxpoint::{AnonymousClient, orders::ListOrders};

async fn wrong(nobody: &AnonymousClient) {
    let _ = nobody.orders().list(ListOrders::new()).send().await;
}

fn main() {}
