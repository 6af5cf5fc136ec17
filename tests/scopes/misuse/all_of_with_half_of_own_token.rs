//! An operation that needs two scopes, by an application's token that holds one of them.

use tollgate_scope_tests::acme::{self, Client, orders::CancelOrder};

tollgate::token! { struct Selling: acme as Account [sales] }

async fn wrong(selling: &Client<Selling>) {
    let _ = selling.orders().cancel(CancelOrder::new(7, "late")).send().await;
}

fn main() {}
