//! An application's token that names a scope twice.

use tollgate_providers::flxpoint;

tollgate::token! { struct Fulfilment: flxpoint as Source [supply, supply] }

fn main() {}
