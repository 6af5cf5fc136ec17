//! An application's token with a scope that does not exist: rustc gives the nearest.

use tollgate_providers::flxpoint;

tollgate::token! { struct Fulfilment: flxpoint as Source [suply] }

fn main() {}
