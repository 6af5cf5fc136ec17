//! An operation that needs either of two scopes, by an application's token that holds neither.

use tollgate_scope_tests::acme::{self, Client, orders::ArchiveOrder};

tollgate::token! { struct Settings: acme as Account [workspace] }

#[allow(deprecated)]
async fn wrong(settings: &Client<Settings>) {
    let _ = settings.orders().archive(ArchiveOrder::new(7)).send().await;
}

fn main() {}
