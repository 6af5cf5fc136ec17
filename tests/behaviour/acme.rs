//! Acme, which is made up, and uses every word of the language.

mod addresses;
mod bodies;
mod errors;
mod keys;
mod limits;
mod paging;
mod tokens;
mod values;

use super::support::{Stage, scripted_with};
use tollgate::ScriptedTransport;
use tollgate_scope_tests::acme::{
    Account, AccountClient, Acme, Client, Connection, Operator, OperatorClient, Partner, PartnerClient, Store,
    StoreClient, Variable, role::Everything,
};

impl Stage<Acme> {
    /// A client of the n-th account token. Each value has a budget of its own.
    fn account(&self, number: u32) -> AccountClient {
        Client::with(&self.connection, Account::new(self.secret("account", number)))
    }

    fn store(&self) -> StoreClient {
        Client::with(&self.connection, Store::new(self.secret("store", 1)))
    }

    fn operator(&self) -> OperatorClient {
        let token = self.mock.token("operator").unwrap();
        let field = |name| token.field(name).unwrap();
        Client::with(&self.connection, Operator::new(field("user"), field("password")))
    }

    /// A client of a partner's token with a role, or with all scopes that it may hold.
    fn partner<Role: tollgate_scope_tests::acme::role::Role>(&self, role: Option<&str>) -> PartnerClient<Role> {
        let token = self.mock.token("partner").unwrap();
        let token = role.map_or(Some(token.clone()), |role| token.with_role(role)).unwrap();
        let field = |name| token.field(name).unwrap();
        Client::with(&self.connection, Partner::new(field("key"), field("tenant")))
    }
}

/// A connection to the shop `corner`.
fn corner(script: &ScriptedTransport) -> Connection {
    scripted_with(script, |builder| builder.variable(Variable::Shop, "corner"))
}

fn scripted_account(script: &ScriptedTransport) -> AccountClient {
    Client::with(&corner(script), Account::new("live_secret"))
}

fn scripted_partner(script: &ScriptedTransport) -> PartnerClient<Everything> {
    Client::with(&corner(script), Partner::new("key", "tenant 7"))
}
