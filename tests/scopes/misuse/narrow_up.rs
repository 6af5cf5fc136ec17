//! A client narrowed to an application's token that holds more.

use tollgate_providers::flxpoint::{self, Client, SourceClient};

tollgate::token! { struct Sales: flxpoint as Channel [sales] }

fn wrong(source: &SourceClient) -> Client<Sales> {
    source.narrow()
}

fn main() {}
