//! A rule ticked by hand.

use tollgate_providers::flxpoint::{self, rule};

tollgate::token! { struct Shop: flxpoint as Channel [sales] }

impl rule::GivesChannelId for Shop {}

fn main() {}
