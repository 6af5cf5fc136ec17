//! Parts of an operation over no list.

use tollgate_scope_tests::acme::{AccountClient, orders::GetOrder};

async fn wrong(account: &AccountClient) {
    let _ = account.orders().get(GetOrder::new(7)).send_all().await;
}

fn main() {}
