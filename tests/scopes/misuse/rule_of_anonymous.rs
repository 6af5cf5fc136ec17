//! An operation with a rule, without a token.

use tollgate_providers::flxpoint::{AnonymousClient, listings::CountVariants};

async fn wrong(nobody: &AnonymousClient) {
    let _ = nobody.listings().count_variants(CountVariants::new()).send().await;
}

fn main() {}
