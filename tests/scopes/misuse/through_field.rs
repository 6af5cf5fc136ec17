//! A wrong token in a field of an application's type.

use tollgate_providers::flxpoint::{SourceClient, orders::ListOrders};

struct Sync {
    client: SourceClient,
}

impl Sync {
    async fn wrong(&self) {
        let _ = self.client.orders().list(ListOrders::new()).send().await;
    }
}

fn main() {}
