//! A wrong token, item after item.

use tollgate_scope_tests::acme::{StoreClient, orders::ListOrders};

async fn wrong(store: &StoreClient) {
    let mut items = store.orders().list(ListOrders::new()).items();
    while let Some(Ok(order)) = items.next().await {
        println!("{}", order.number);
    }
}

fn main() {}
