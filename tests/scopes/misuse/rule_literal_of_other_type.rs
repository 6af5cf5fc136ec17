//! A required value of another type in a struct literal.

use tollgate::Given;
use tollgate_scope_tests::acme::{AccountClient, stock::UpsertStock};

async fn wrong(account: &AccountClient) {
    let stock = UpsertStock {
        source_id: Given("7"),
        body: Vec::new(),
    };
    let _ = account.stock().upsert(stock).send().await;
}

fn main() {}
