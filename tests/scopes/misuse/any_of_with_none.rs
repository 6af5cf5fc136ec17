//! An operation that needs either of two scopes, by a token that holds neither.

use tollgate_scope_tests::acme::{OperatorClient, orders::ArchiveOrder};

#[allow(deprecated)]
async fn wrong(operator: &OperatorClient) {
    let _ = operator.orders().archive(ArchiveOrder::new(7)).send().await;
}

fn main() {}
