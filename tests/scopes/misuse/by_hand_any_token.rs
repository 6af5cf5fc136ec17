//! `any_token` ticked by hand for none.

use tollgate_scope_tests::acme::{Anonymous, scope};

impl scope::AnyToken for Anonymous {}

fn main() {}
