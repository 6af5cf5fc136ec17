//! An operation that needs any token, in a generic function that may get none.

use tollgate_scope_tests::acme::{Client, Token, account::WhoAccount};

async fn wrong<T: Token>(client: &Client<T>) {
    let _ = client.account().who(WhoAccount::new()).send().await;
}

fn main() {}
