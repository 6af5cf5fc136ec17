//! An application's token that does not hold the scope.

use tollgate_providers::flxpoint::{self, Client, orders::ListOrders};

tollgate::token! {
    /// Ships, and nothing else.
    struct Fulfilment: flxpoint as Source [supply];
}

async fn wrong(fulfilment: &Client<Fulfilment>) {
    let _ = fulfilment.orders().list(ListOrders::new()).send().await;
}

fn main() {}
