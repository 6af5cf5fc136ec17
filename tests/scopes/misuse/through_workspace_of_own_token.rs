//! An application's token that does not hold the scope, out of a workspace.

use tollgate_providers::flxpoint::{self, Workspace, orders::ListOrders};

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

async fn wrong(workspace: &Workspace) -> Result<(), Box<dyn std::error::Error>> {
    workspace
        .client::<Fulfilment>("own")?
        .orders()
        .list(ListOrders::new())
        .send()
        .await?;
    Ok(())
}

fn main() {}
