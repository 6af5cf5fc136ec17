//! An application's token of one secret, like a token of two.

use tollgate_scope_tests::acme;

tollgate::token! { struct Auditor: acme as Operator [audit] }

fn main() {
    let _ = Auditor::new("secret");
}
