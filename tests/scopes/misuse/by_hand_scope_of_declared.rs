//! A scope ticked by hand for a token of the provider's.

use tollgate_providers::flxpoint::{Source, scope};

impl scope::Sales for Source {}

fn main() {}
