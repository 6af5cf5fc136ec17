//! An application's token leaves out what the provider's first token must give.

use tollgate_providers::flxpoint::{self, Client, listings::CountVariants};

tollgate::token! { struct Shop: flxpoint [sales] }

async fn wrong(shop: &Client<Shop>) {
    let _ = shop.listings().count_variants(CountVariants::new()).send().await;
}

fn main() {}
