//! An application's own tokens.

use tollgate_providers::flxpoint::{
    self, Account, Client, Connection, Source, account::GetAccount, inventory::ListVariants, listings::CountVariants,
    orders::ListOrders,
};
use tollgate_scope_tests::acme;

tollgate::token! {
    /// Ships, and nothing else.
    pub struct Fulfilment: flxpoint as Source [supply];
}
tollgate::token! { pub(crate) struct Shop: tollgate_providers::flxpoint as Channel [sales,] }
// Like the provider's first token.
tollgate::token! { struct Everything: flxpoint [supply, sales, workspace] }
tollgate::token! { struct Nothing: flxpoint [] }

// Where the provider's tokens differ, the base has to be named.
tollgate::token! { struct Seller: acme as Account [sales] }
tollgate::token! { struct Supplier: acme as Store [supply] }
tollgate::token! { struct Auditor: acme as Operator [audit] }
tollgate::token! { struct Member: acme as Account [supply, sales, member] }

mod nested {
    tollgate::token! { pub struct Pushing: super::flxpoint as Source [supply] }
    tollgate::token! { pub struct Pulling: tollgate_providers::flxpoint [sales] }
}

fn like_one(fulfilment: &Client<Fulfilment>, shop: &Client<Shop>) {
    let _ = fulfilment.inventory().list_variants(ListVariants::new());
    let _ = shop.orders().list(ListOrders::new());
    let _ = shop.listings().count_variants(CountVariants::new());
}

fn like_the_first(everything: &Client<Everything>, pulling: &Client<nested::Pulling>) {
    let _ = everything.account().get(GetAccount::new());
    let _ = everything.inventory().list_variants(ListVariants::new().source_id(7));
    let _ = everything.listings().count_variants(CountVariants::new().channel_id(7));
    let _ = pulling.listings().count_variants(CountVariants::new().channel_id(7));
}

fn nested(pushing: &Client<nested::Pushing>) {
    let _ = pushing.inventory().list_variants(ListVariants::new());
}

#[allow(deprecated)]
fn of_acme(seller: &acme::Client<Seller>, supplier: &acme::Client<Supplier>, auditor: &acme::Client<Auditor>) {
    use acme::{account::WhoAccount, audit::ListAudit, orders::ArchiveOrder, status::CheckStatus, stock::ListStock};
    let _ = seller.orders().archive(ArchiveOrder::new(7));
    let _ = seller.account().who(WhoAccount::new());
    let _ = supplier.orders().archive(ArchiveOrder::new(7));
    let _ = supplier.stock().list(ListStock::new());
    let _ = auditor.audit().list(ListAudit::new());
    let _ = auditor.status().check(CheckStatus::new());
}

fn all_of_acme(member: &acme::Client<Member>) {
    fn is_member<T: acme::scope::Member>(_: &acme::Client<T>) {}
    is_member(member);
    let _ = member.orders().cancel(acme::orders::CancelOrder::new(7, "late"));
    let _ = member.stock().list(acme::stock::ListStock::new().store_id(7));
}

fn made(connection: &Connection) -> [Client<Fulfilment>; 2] {
    let wrapped = Client::with(connection, Fulfilment::new("secret"));
    let converted = Client::with(connection, Fulfilment::from(Source::new("secret")));
    drop(Client::with(connection, Everything::from(Account::new("secret"))));
    drop(Client::with(connection, Nothing::new("secret")));
    [wrapped, converted]
}

fn of_several_fields(connection: &acme::Connection) -> acme::Client<Auditor> {
    acme::Client::with(connection, Auditor::from(acme::Operator::new("user", "password")))
}

// A token inside a function.
fn inside(connection: &Connection) {
    tollgate::token! { struct Local: flxpoint as Source [supply] }
    let _ = Client::with(connection, Local::new("secret"))
        .inventory()
        .list_variants(ListVariants::new());
}

// One stored type, whatever token is behind it.
struct Shipping {
    client: Client<Fulfilment>,
}

fn narrowed(source: &flxpoint::SourceClient, own: &Client<Fulfilment>) -> [Shipping; 2] {
    let client = own.clone();
    [
        Shipping {
            client: source.narrow(),
        },
        Shipping { client },
    ]
}

fn narrowed_by<T>(client: &Client<T>) -> Client<Shop>
where
    Shop: tollgate::WithinScopesOf<T>,
{
    client.narrow()
}

fn narrowed_again(account: &flxpoint::AccountClient, channel: &flxpoint::ChannelClient) {
    let everything: Client<Everything> = account.narrow();
    let pulling: Client<nested::Pulling> = everything.narrow();
    let _: Client<Nothing> = pulling.narrow();
    let shop: Client<Shop> = narrowed_by(channel);
    let _ = narrowed_by(&shop);
}

fn main() {
    let token = Fulfilment::from(Source::new("secret"));
    assert!(!format!("{token:?}").contains("secret"));
    assert_eq!(<Everything as tollgate::Credential>::SPEC.name, "account");
    assert_eq!(<Everything as tollgate::Credential>::SPEC.type_name, "Everything");
    assert_eq!(<Fulfilment as tollgate::Credential>::SPEC.name, "source");
}
