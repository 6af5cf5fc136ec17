//! An operation permitted by hand to an application's token.

use tollgate::PermittedBy;
use tollgate_providers::flxpoint::{self, orders::ListOrders};

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

impl PermittedBy<Fulfilment> for ListOrders {}

fn main() {}
