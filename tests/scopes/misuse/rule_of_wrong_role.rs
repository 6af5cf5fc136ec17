//! An operation with a rule, by a role that does not list its scope.

use tollgate_scope_tests::acme::{PartnerClient, role::Support, stock::ListStock};

async fn wrong(support: &PartnerClient<Support>) {
    let _ = support.stock().list(ListStock::new()).send().await;
}

fn main() {}
