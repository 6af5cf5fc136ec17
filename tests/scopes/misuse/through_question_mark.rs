//! A wrong token in a chain that goes on with the answer.

use tollgate_providers::flxpoint::{Error, SourceClient, orders::ListOrders};

async fn wrong(source: &SourceClient) -> Result<(), Error> {
    for order in source.orders().list(ListOrders::new()).send().await? {
        println!("{:?}", order.id);
    }
    Ok(())
}

fn main() {}
