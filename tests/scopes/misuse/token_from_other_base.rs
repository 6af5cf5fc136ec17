//! An application's token made from another token than it is like.

use tollgate_providers::flxpoint::{self, Channel};

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

fn wrong(channel: Channel) {
    let _ = Fulfilment::from(channel);
}

fn main() {}
