//! An operation called as data, by a token that holds one of the two scopes.

use tollgate::Client;
use tollgate_scope_tests::acme::{Store, orders::CancelOrder};

async fn wrong(store: &Client<Store>) {
    let _ = store.call(CancelOrder::new(7, "late")).send().await;
}

fn main() {}
