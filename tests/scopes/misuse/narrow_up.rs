//! A client narrowed to an application's token that holds more.

use tollgate_providers::flxpoint::{self, Client, SourceClient};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

fn wrong(source: &SourceClient) -> Client<Shop> {
    source.narrow()
}

fn main() {}
