//! Functions over scopes: rustc derives what a token may do from their bounds.

use tollgate::Sending;
use tollgate_providers::flxpoint;
use tollgate_scope_tests::acme::{
    self, AccountClient, AnonymousClient, Client, PartnerClient, StoreClient, account::WhoAccount,
    orders::ArchiveOrder, orders::CancelOrder, orders::ListOrders, role, scope, status::CheckStatus, stock::CountStock,
};

fn pull<T: scope::Sales>(client: &Client<T>) -> Sending<ListOrders> {
    client.orders().list(ListOrders::new()).send()
}

async fn two<T: scope::Supply + scope::Sales>(client: &Client<T>) -> Result<(), acme::Error> {
    pull(client).await?;
    client.stock().count(CountStock::new()).send().await?;
    client.orders().cancel(CancelOrder::new(7, "late")).send().await?;
    Ok(())
}

async fn both<T: scope::SupplyAndSales>(client: &Client<T>) -> Result<(), acme::Error> {
    client.orders().cancel(CancelOrder::new(7, "late")).send().await?;
    two(client).await
}

// One of two scopes is enough for an operation that needs either.
#[allow(deprecated)]
fn archive_by_sales<T: scope::Sales>(client: &Client<T>) {
    let _ = client.orders().archive(ArchiveOrder::new(7)).send();
}

#[allow(deprecated)]
fn archive_by_supply<T: scope::Supply>(client: &Client<T>) {
    let _ = client.orders().archive(ArchiveOrder::new(7)).send();
}

#[allow(deprecated)]
fn archive_by_either<T: scope::SupplyOrSales>(client: &Client<T>) {
    let _ = client.orders().archive(ArchiveOrder::new(7)).send();
}

fn archive<R: role::lists::Supply>(account: &AccountClient, store: &StoreClient, partner: &PartnerClient<R>) {
    archive_by_sales(account);
    archive_by_supply(store);
    archive_by_either(store);
    archive_by_either(partner);
}

// Whatever the role: what its token type always holds, and what any token may do.
fn by_any_role<R: role::Role>(partner: &PartnerClient<R>) {
    fn member<T: scope::Member>(_: &Client<T>) {}
    member(partner);
    by_any_token(partner);
}

fn by_any_token<T: scope::AnyToken>(client: &Client<T>) {
    let _ = client.account().who(WhoAccount::new());
}

fn by_role<R: role::lists::Sales>(partner: &PartnerClient<R>) {
    let _ = pull(partner);
}

// A public operation needs no token, and takes any.
async fn public(account: &AccountClient, nobody: &AnonymousClient) -> Result<(), acme::Error> {
    account.status().check(CheckStatus::new()).send().await?;
    nobody.status().check(CheckStatus::new()).send().await?;
    Ok(())
}

async fn public_by<T>(client: &Client<T>) -> Result<(), acme::Error> {
    client.status().check(CheckStatus::new()).send().await.map(drop)
}

// The bound may stand on the implementation, too.
struct Puller<T> {
    client: flxpoint::Client<T>,
}

impl<T: flxpoint::scope::Sales> Puller<T> {
    fn pull(&self) -> Sending<flxpoint::orders::ListOrders> {
        self.client.orders().list(flxpoint::orders::ListOrders::new()).send()
    }
}

fn pullers(account: &flxpoint::AccountClient, channel: &flxpoint::ChannelClient) {
    let _ = Puller {
        client: account.clone(),
    }
    .pull();
    let _ = Puller {
        client: channel.clone(),
    }
    .pull();
}

fn main() {}
