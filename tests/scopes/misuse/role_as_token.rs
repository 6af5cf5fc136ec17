//! A role in the place of a token.

use tollgate_scope_tests::acme::{Client, Connection, role::Everything};

fn wrong(connection: &Connection) {
    let _ = Client::with(connection, Everything);
}

fn main() {}
