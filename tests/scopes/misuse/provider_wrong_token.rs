//! A client of one provider with the token of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

fn wrong(connection: &flxpoint::Connection) {
    let _ = flxpoint::Client::with(connection, acme::Account::new("secret"));
}

fn main() {}
