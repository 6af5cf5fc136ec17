//! A client of one provider where that of another is wanted.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

fn pull(_: &flxpoint::AccountClient) {}

fn wrong(client: &acme::AccountClient) {
    pull(client);
}

fn main() {}
