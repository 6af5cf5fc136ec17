//! A client narrowed to an application's token with other rules.

use tollgate_providers::flxpoint::{self, AccountClient, Client};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

fn wrong(account: &AccountClient) -> Client<Shop> {
    account.narrow()
}

fn main() {}
