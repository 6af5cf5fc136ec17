//! A token that says by hand what it may be narrowed from.

use tollgate::WithinScopesOf;
use tollgate_providers::flxpoint::{self, Channel};

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

impl WithinScopesOf<Channel> for Fulfilment {}

fn main() {}
