//! A client narrowed to a token of the provider's.

use tollgate_providers::flxpoint::{AccountClient, ChannelClient};

fn wrong(account: &AccountClient) -> ChannelClient {
    account.narrow()
}

fn main() {}
