//! A required value as an `Option` in a struct literal.

use tollgate_scope_tests::acme::{AccountClient, stock::UpsertStock};

async fn wrong(account: &AccountClient) {
    let stock = UpsertStock {
        source_id: Some(7),
        body: Vec::new(),
    };
    let _ = account.stock().upsert(stock).send().await;
}

fn main() {}
