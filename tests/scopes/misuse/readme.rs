//! What the README shows.

use tollgate_providers::flxpoint::{Error, SourceClient, orders::ListOrders};

async fn pull(source: &SourceClient) -> Result<(), Error> {
    let orders = source.orders().list(ListOrders::new()).send().await?;
    println!("{} orders", orders.len());
    Ok(())
}

fn main() {}
