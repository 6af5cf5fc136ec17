//! A value that a rule does not allow, allowed by hand.

use tollgate::Given;
use tollgate_providers::flxpoint::{self, rule};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

impl rule::ChannelId<Shop> for Given<i64> {}

fn main() {}
