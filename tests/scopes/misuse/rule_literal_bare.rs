//! A required value as it is in a struct literal: said twice.

use tollgate_scope_tests::acme::{AccountClient, stock::UpsertStock};

async fn wrong(account: &AccountClient) {
    let stock = UpsertStock {
        source_id: 7,
        body: Vec::new(),
    };
    let _ = account.stock().upsert(stock).send().await;
}

fn main() {}
