//! A token type that does not hold the scope, whatever its role.

use tollgate_scope_tests::acme::{PartnerClient, account::GetAccount, role::Everything};

async fn wrong(everything: &PartnerClient<Everything>) {
    let _ = everything.account().get(GetAccount::new()).send().await;
}

fn main() {}
