//! An operation called as data, without a value that the token requires.

use tollgate::Client;
use tollgate_providers::flxpoint::{Account, listings::CountVariants};

async fn wrong(account: &Client<Account>) {
    let _ = account.call(CountVariants::new()).send().await;
}

fn main() {}
