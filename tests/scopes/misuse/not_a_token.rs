//! A text in the place of a token.

use tollgate_providers::flxpoint::{Client, Connection};

fn wrong(connection: &Connection) {
    let _ = Client::with(connection, "secret");
}

fn main() {}
