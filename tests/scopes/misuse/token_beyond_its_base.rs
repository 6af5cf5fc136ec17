//! An application's token with a scope that its base does not hold.

use tollgate_providers::flxpoint;

tollgate::token! { struct Fulfilment: flxpoint as Source [supply, sales] }

fn main() {}
