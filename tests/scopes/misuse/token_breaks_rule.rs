//! An application's token gives what the one that it is like must leave out.

use tollgate_providers::flxpoint::{self, Client, listings::CountVariants};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

async fn wrong(shop: &Client<Shop>) {
    let _ = shop
        .listings()
        .count_variants(CountVariants::new().channel_id(7))
        .send()
        .await;
}

fn main() {}
