//! A client narrowed to an application's token of another provider.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

tollgate::token! { struct Shop: acme as Store [supply] }

fn wrong(source: &flxpoint::SourceClient) -> flxpoint::Client<Shop> {
    source.narrow()
}

fn main() {}
