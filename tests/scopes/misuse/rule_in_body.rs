//! A value of the body left out that the token requires.

use tollgate_providers::flxpoint::{AccountClient, inventory::UpsertParents};

async fn wrong(account: &AccountClient) {
    let _ = account
        .inventory()
        .upsert_parents(UpsertParents::new(Vec::new()))
        .send()
        .await;
}

fn main() {}
