//! A role that does not list the scope.

use tollgate_scope_tests::acme::{PartnerClient, orders::ListOrders, role::Support};

async fn wrong(support: &PartnerClient<Support>) {
    let _ = support.orders().list(ListOrders::new()).send().await;
}

fn main() {}
