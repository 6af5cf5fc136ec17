//! A token whose role nobody says.

use tollgate_scope_tests::acme::{Client, Connection, Partner};

fn wrong(connection: &Connection) {
    let _ = Client::with(connection, Partner::new("key", "tenant"));
}

fn main() {}
