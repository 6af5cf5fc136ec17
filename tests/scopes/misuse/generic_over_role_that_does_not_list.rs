//! A generic function over all roles calls an operation whose scope a role may not list.

use tollgate_scope_tests::acme::{PartnerClient, audit::ListAudit, role::Role};

async fn wrong<R: Role>(partner: &PartnerClient<R>) {
    let _ = partner.audit().list(ListAudit::new()).send().await;
}

fn main() {}
