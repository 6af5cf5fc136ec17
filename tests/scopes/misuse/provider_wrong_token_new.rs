//! A client of one provider with the token of another, over its default connection.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

fn wrong() {
    let _ = flxpoint::Client::new(acme::Account::new("secret"));
}

fn main() {}
