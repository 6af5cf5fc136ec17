//! Pages of a list that the descriptor says does not page.

use tollgate_scope_tests::acme::{
    AccountClient,
    orders::{FindBy, FindOrders},
};

async fn wrong(account: &AccountClient, by: FindBy) {
    let _ = account.orders().find(FindOrders::new(by)).pages().next().await;
}

fn main() {}
