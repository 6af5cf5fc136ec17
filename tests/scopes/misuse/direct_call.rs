//! An operation called as data, by a token that does not hold its scope.

use tollgate::Client;
use tollgate_providers::flxpoint::{Source, orders::ListOrders};

async fn wrong(source: &Client<Source>) {
    let _ = source.call(ListOrders::new()).send().await;
}

fn main() {}
