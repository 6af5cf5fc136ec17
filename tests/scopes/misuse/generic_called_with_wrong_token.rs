//! A generic function over `sales`, called with a token that does not hold it.

use tollgate::Sending;
use tollgate_providers::flxpoint::{Client, SourceClient, orders::ListOrders, scope};

fn pull<T: scope::Sales>(client: &Client<T>) -> Sending<ListOrders> {
    client.orders().list(ListOrders::new()).send()
}

fn wrong(source: &SourceClient) {
    let _ = pull(source);
}

fn main() {}
