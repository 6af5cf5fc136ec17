//! A wrong token, page after page.

use tollgate_scope_tests::acme::{StoreClient, orders::ListOrders};

async fn wrong(store: &StoreClient) {
    let mut pages = store.orders().list(ListOrders::new()).pages();
    while let Some(Ok(page)) = pages.next().await {
        let _ = page.total;
    }
}

fn main() {}
