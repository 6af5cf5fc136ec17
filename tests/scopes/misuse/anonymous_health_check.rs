//! The health check of a token, without one.

use tollgate_providers::flxpoint::AnonymousClient;

async fn wrong(nobody: &AnonymousClient) {
    let _ = nobody.verify().await;
}

fn main() {}
