//! An operation that needs either of two scopes, by an application's role that lists neither.

use tollgate_scope_tests::acme::{self, PartnerClient, orders::ArchiveOrder};

tollgate::role! { struct Auditor: acme [audit] }

#[allow(deprecated)]
async fn wrong(auditor: &PartnerClient<Auditor>) {
    let _ = auditor.orders().archive(ArchiveOrder::new(7)).send().await;
}

fn main() {}
