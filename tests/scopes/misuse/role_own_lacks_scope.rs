//! An application's role that does not list the scope.

use tollgate_scope_tests::acme::{self, PartnerClient, stock::CountStock};

tollgate::role! { struct Reporting: acme [audit, sales] }

async fn wrong(reporting: &PartnerClient<Reporting>) {
    let _ = reporting.stock().count(CountStock::new()).send().await;
}

fn main() {}
