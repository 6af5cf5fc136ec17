//! A value given in a generic function that does not say that it may be.

use tollgate_providers::flxpoint::{Client, listings::CountVariants, scope};

async fn wrong<T: scope::Sales>(client: &Client<T>) {
    let _ = client
        .listings()
        .count_variants(CountVariants::new().channel_id(7))
        .send()
        .await;
}

fn main() {}
