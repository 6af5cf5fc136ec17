//! An application's token with a scope that nothing is like.

use tollgate_providers::flxpoint;

tollgate::token! { struct Fulfilment: flxpoint [everything_there_is] }

fn main() {}
