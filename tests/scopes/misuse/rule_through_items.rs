//! A value left out that the token requires, page after page.

use tollgate_providers::flxpoint::{AccountClient, listings::ListVariants};

async fn wrong(account: &AccountClient) {
    let _ = account
        .listings()
        .list_variants(ListVariants::new())
        .items()
        .next()
        .await;
}

fn main() {}
