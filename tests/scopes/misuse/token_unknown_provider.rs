//! An application's token of a provider that does not exist.

tollgate::token! { struct Fulfilment: flexpoint as Source [supply] }

fn main() {}
