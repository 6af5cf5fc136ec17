//! An application's token that does not hold a scope which its base does.

use tollgate_providers::flxpoint::{self, Client, account::GetAccount};

tollgate::token! { struct Shop: flxpoint [sales] }

async fn wrong(shop: &Client<Shop>) {
    let _ = shop.account().get(GetAccount::new()).send().await;
}

fn main() {}
