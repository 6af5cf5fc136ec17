//! A wrong token in a closure.

use tollgate_providers::flxpoint::{SourceClient, orders::ListOrders};

fn wrong(sources: &[SourceClient]) {
    let calls: Vec<_> = sources
        .iter()
        .map(|source| source.orders().list(ListOrders::new()))
        .collect();
    drop(calls);
}

fn main() {}
