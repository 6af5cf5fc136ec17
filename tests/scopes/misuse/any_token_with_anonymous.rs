//! An operation that needs any token, without one.

use tollgate_scope_tests::acme::{AnonymousClient, account::WhoAccount};

async fn wrong(nobody: &AnonymousClient) {
    let _ = nobody.account().who(WhoAccount::new()).send().await;
}

fn main() {}
