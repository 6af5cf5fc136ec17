//! Flxpoint: a strict limit, three token types, batches, and lists in four styles.

mod batches;
mod limits;
mod paging;
mod retries;
mod tokens;
mod waits;

use super::support::{Stage, scripted};
use tollgate::ScriptedTransport;
use tollgate_providers::flxpoint::{
    Account, AccountClient, Channel, ChannelClient, Client, Flxpoint, Source, SourceClient,
};

impl Stage<Flxpoint> {
    /// A client of the n-th account token. Each value has a budget of its own.
    fn account(&self, number: u32) -> AccountClient {
        Client::with(&self.connection, Account::new(self.secret("account", number)))
    }

    fn source(&self, number: u32) -> SourceClient {
        Client::with(&self.connection, Source::new(self.secret("source", number)))
    }

    fn channel(&self, number: u32) -> ChannelClient {
        Client::with(&self.connection, Channel::new(self.secret("channel", number)))
    }
}

fn scripted_account(script: &ScriptedTransport) -> AccountClient {
    Client::with(&scripted(script), Account::new("secret of an account"))
}

fn scripted_source(script: &ScriptedTransport) -> SourceClient {
    Client::with(&scripted(script), Source::new("secret of a source"))
}

fn scripted_channel(script: &ScriptedTransport) -> ChannelClient {
    Client::with(&scripted(script), Channel::new("secret of a channel"))
}
