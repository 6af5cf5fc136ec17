//! An operation that needs two scopes, by an application's role that lists one of them.

use tollgate_scope_tests::acme::{self, PartnerClient, orders::CancelOrder};

tollgate::role! { struct Selling: acme [sales] }

async fn wrong(selling: &PartnerClient<Selling>) {
    let _ = selling.orders().cancel(CancelOrder::new(7, "late")).send().await;
}

fn main() {}
