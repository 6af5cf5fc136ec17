//! A wrong token in a chain that goes on with the answer.

use tollgate_scope_tests::acme::{Error, StoreClient, orders::ListOrders};

async fn wrong(store: &StoreClient) -> Result<(), Error> {
    for order in store.orders().list(ListOrders::new()).send().await? {
        println!("{}", order.number);
    }
    Ok(())
}

fn main() {}
