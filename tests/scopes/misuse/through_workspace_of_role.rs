//! A role that does not list the scope, out of a workspace.

use tollgate_scope_tests::acme::{Workspace, orders::ListOrders, role::Support};

async fn wrong(workspace: &Workspace) -> Result<(), Box<dyn std::error::Error>> {
    workspace
        .partner::<Support>("desk")?
        .orders()
        .list(ListOrders::new())
        .send()
        .await?;
    Ok(())
}

fn main() {}
