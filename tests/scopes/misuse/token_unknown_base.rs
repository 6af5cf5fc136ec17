//! An application's token like one that does not exist.

use tollgate_providers::flxpoint;

tollgate::token! { struct Fulfilment: flxpoint as Sauce [supply] }

fn main() {}
