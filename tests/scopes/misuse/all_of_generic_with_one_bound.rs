//! An operation that needs two scopes, in a generic function over one of them.

use tollgate_scope_tests::acme::{Client, orders::CancelOrder, scope};

async fn wrong<T: scope::Sales>(client: &Client<T>) {
    let _ = client.orders().cancel(CancelOrder::new(7, "late")).send().await;
}

fn main() {}
