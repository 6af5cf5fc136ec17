//! A workspace of one provider with the token of another.

use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme;

fn wrong(workspace: flxpoint::Workspace) {
    let _ = workspace.with("main", acme::Account::new("secret"));
}

fn main() {}
