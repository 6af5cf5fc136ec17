//! An operation that needs either of two scopes, in a generic function over a third.

use tollgate_scope_tests::acme::{Client, orders::ArchiveOrder, scope};

#[allow(deprecated)]
async fn wrong<T: scope::Audit>(client: &Client<T>) {
    let _ = client.orders().archive(ArchiveOrder::new(7)).send().await;
}

fn main() {}
