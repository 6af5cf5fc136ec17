//! An operation permitted by hand.

use tollgate_providers::flxpoint::{self, orders::ListOrders};

tollgate::token! { struct Warehouse: flxpoint as Source [supply] }

impl tollgate::PermittedBy<Warehouse> for ListOrders {}

fn main() {}
