//! A wrong token out of a ring.

use tollgate::{NoSuchToken, Ring};
use tollgate_providers::flxpoint::{Flxpoint, Source, orders::ListOrders};

fn wrong(ring: &Ring<Flxpoint, u32>) -> Result<(), NoSuchToken> {
    let _ = ring.client::<Source>(&7)?.call(ListOrders::new());
    Ok(())
}

fn main() {}
