//! A client of one provider over the connection of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

fn wrong(connection: &acme::Connection) {
    let _ = flxpoint::Client::with(connection, flxpoint::Account::new("secret"));
}

fn main() {}
