//! Items of an operation that does not page.

use tollgate_scope_tests::acme::{AccountClient, orders::GetOrder};

async fn wrong(account: &AccountClient) {
    let _ = account.orders().get(GetOrder::new(7)).items().next().await;
}

fn main() {}
