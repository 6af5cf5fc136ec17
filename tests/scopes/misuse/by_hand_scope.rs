//! A scope ticked by hand for an application's token.

use tollgate_providers::flxpoint::{self, scope};

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

impl scope::Sales for Fulfilment {}

fn main() {}
