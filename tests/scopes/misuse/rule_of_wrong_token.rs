//! An operation with a rule, by a token that may not call it either way.

use tollgate_providers::flxpoint::{SourceClient, listings::CountVariants};

async fn wrong(source: &SourceClient) {
    let _ = source
        .listings()
        .count_variants(CountVariants::new().channel_id(7))
        .send()
        .await;
}

fn main() {}
