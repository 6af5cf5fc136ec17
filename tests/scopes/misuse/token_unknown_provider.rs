//! An application's token of a provider that does not exist.

use tollgate_providers::flxpoint as _;

tollgate::token! { struct Fulfilment: flexpoint as Source [supply] }

fn main() {}
