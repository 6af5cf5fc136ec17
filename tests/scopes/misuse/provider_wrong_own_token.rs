//! A client of one provider with an application's token of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

tollgate::token! { struct Shop: acme as Account [sales] }

fn wrong(connection: &flxpoint::Connection) {
    let _ = flxpoint::Client::with(connection, Shop::new("secret"));
}

fn main() {}
