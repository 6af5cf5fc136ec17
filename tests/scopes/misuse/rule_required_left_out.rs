//! A value left out that the token requires.

use tollgate_providers::flxpoint::{AccountClient, listings::CountVariants};

async fn wrong(account: &AccountClient) {
    let _ = account.listings().count_variants(CountVariants::new()).send().await;
}

fn main() {}
