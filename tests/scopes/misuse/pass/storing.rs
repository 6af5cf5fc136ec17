//! Calls and clients are values: they are stored, queued and spawned, and need no lifetime.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
};
use tollgate::{Batch, Call, Items, Json, NoSuchToken, Pages, Ring, Sending, SendingAll};
use tollgate_providers::flxpoint::{
    self, AccountClient, AnonymousClient, Channel, ChannelClient, Client, Connection, Error, Flxpoint, Source,
    SourceClient, Workspace,
    inventory::{UpdateVariants, UpsertParents},
    listings::{ListVariants, SearchVariants},
    orders::{GetOrder, ListOrders, Orders},
};
use tollgate_scope_tests::acme;

// Clients in an application's types.
#[derive(Clone, Debug)]
struct OrderSync {
    client: ChannelClient,
    sources: BTreeMap<String, SourceClient>,
}

impl OrderSync {
    async fn pull(&self) -> Result<Vec<Json>, Error> {
        self.client.orders().list(ListOrders::new()).send().await
    }

    fn source(&self, name: &str) -> Option<&SourceClient> {
        self.sources.get(name)
    }

    // A call outlives the client and the handle that it came from.
    fn call(self, id: i64) -> Call<GetOrder> {
        self.client.orders().get(GetOrder::new(id))
    }
}

// Queues.
type Job = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

struct Queue {
    calls: VecDeque<Call<ListOrders>>,
    jobs: Vec<Job>,
}

impl Queue {
    fn fill(&mut self, channel: &ChannelClient, account: &AccountClient) {
        self.calls.push_back(channel.orders().list(ListOrders::new()));
        self.calls
            .push_back(account.orders().list(ListOrders::new()).idempotency_key("key"));
        let (list, get) = (
            channel.orders().list(ListOrders::new()).send(),
            account.orders().get(GetOrder::new(7)).send(),
        );
        self.jobs.push(Box::pin(async { list.await.map(drop) }));
        self.jobs.push(Box::pin(async { get.await.map(drop) }));
    }

    fn peek(&self) -> Option<&ListOrders> {
        self.calls.front().map(Call::operation)
    }

    fn again(&self) -> Option<Call<ListOrders>> {
        self.calls.front().cloned()
    }
}

// Tasks.
fn spawn<F: Future<Output: Send> + Send + 'static>(_: F) {}

#[allow(deprecated)]
fn spread(channel: &ChannelClient, source: &SourceClient, search: SearchVariants) {
    spawn(channel.orders().list(ListOrders::new()).send());
    spawn(
        source
            .inventory()
            .update_variants(UpdateVariants::new(Vec::new()))
            .send_all(),
    );
    for _ in 0..3 {
        let client = channel.clone();
        let search = search.clone();
        spawn(async move { client.listings().search_variants(search).items().next().await });
    }
    let shared = Arc::new(channel.clone());
    spawn(async move { shared.orders().list(ListOrders::new()).send().await });
    let mut pages = channel.listings().list_variants(ListVariants::new()).pages();
    spawn(async move {
        while let Some(page) = pages.next().await {
            drop(page?.items);
        }
        Ok::<(), Error>(())
    });
}

async fn parts(source: &SourceClient) -> bool {
    let batch: Batch<_> = source
        .inventory()
        .upsert_parents(UpsertParents::new(Vec::new()))
        .send_all()
        .await;
    batch.is_success()
}

// Whatever the token is.
struct NotEvenDebug(#[allow(dead_code)] *const u8);

fn shared<T: Clone + std::fmt::Debug + Send + Sync + Unpin + 'static>() {}
fn sent<T: Send + 'static>() {}
fn polled<T: Unpin>() {}

fn autos<T: 'static>() {
    shared::<tollgate::Client<T>>();
    shared::<Client<T>>();
    shared::<Orders<T>>();
    shared::<acme::Client<T>>();
    shared::<acme::PartnerClient<T>>();
}

fn all_autos() {
    autos::<Channel>();
    autos::<NotEvenDebug>();
    shared::<AnonymousClient>();
    shared::<Call<ListOrders>>();
    shared::<Workspace<u64>>();
    shared::<Connection>();
    sent::<Sending<ListOrders>>();
    sent::<SendingAll<UpdateVariants>>();
    sent::<Items<SearchVariants>>();
    sent::<Pages<SearchVariants>>();
    polled::<Sending<ListOrders>>();
    polled::<SendingAll<UpdateVariants>>();
    polled::<Items<SearchVariants>>();
}

// Many tokens, under names of the application's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TenantId(u64);

tollgate::token! { struct Fulfilment: flxpoint as Source [supply] }

fn workspace(connection: &Connection) -> Result<Vec<Call<ListOrders>>, NoSuchToken> {
    let workspace: Workspace<TenantId> = Workspace::new(connection)
        .with(TenantId(1), Source::new("one"))
        .with(TenantId(1), Channel::new("one"))
        .with(TenantId(2), Channel::new("two"))
        .with(TenantId(2), Fulfilment::new("two"));
    let _: SourceClient = workspace.source(TenantId(1))?;
    let _: Client<Fulfilment> = workspace.client(TenantId(2))?;
    let channels = workspace.clients::<Channel>();
    Ok(channels
        .map(|(_, channel)| channel.orders().list(ListOrders::new()))
        .collect())
}

fn ring(ring: &mut Ring<Flxpoint>) -> Result<Call<ListOrders>, NoSuchToken> {
    ring.insert("main".to_owned(), Channel::new("secret"));
    Ok(ring.client::<Channel>(&"main".to_owned())?.call(ListOrders::new()))
}

fn main() {}
