//! A client without a token narrowed to an application's token.

use tollgate_providers::flxpoint::{self, AnonymousClient, Client};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

fn wrong(nobody: &AnonymousClient) -> Client<Shop> {
    nobody.narrow()
}

fn main() {}
