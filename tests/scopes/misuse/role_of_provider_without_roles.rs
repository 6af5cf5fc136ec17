//! An application's role of a provider that has none.

use tollgate_providers::flxpoint;

tollgate::role! { struct Reporting: flxpoint [sales] }

fn main() {}
