//! An operation that needs two scopes, by a token that holds one of them.

use tollgate_scope_tests::acme::{StoreClient, orders::CancelOrder};

async fn wrong(store: &StoreClient) {
    let _ = store.orders().cancel(CancelOrder::new(7, "late")).send().await;
}

fn main() {}
