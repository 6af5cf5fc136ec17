//! A wrong token out of a workspace.

use tollgate_providers::flxpoint::{Workspace, orders::ListOrders};

async fn wrong(workspace: &Workspace) -> Result<(), Box<dyn std::error::Error>> {
    workspace
        .source("acme")?
        .orders()
        .list(ListOrders::new())
        .send()
        .await?;
    Ok(())
}

fn main() {}
