//! A generic function that leaves a value out, called with a token that requires it.

use tollgate::Sending;
use tollgate_providers::flxpoint::{AccountClient, Client, listings::CountVariants, rule, scope};

fn count<T: scope::Sales + rule::OmitsChannelId>(client: &Client<T>) -> Sending<CountVariants> {
    client.listings().count_variants(CountVariants::new()).send()
}

fn wrong(account: &AccountClient) {
    let _ = count(account);
}

fn main() {}
