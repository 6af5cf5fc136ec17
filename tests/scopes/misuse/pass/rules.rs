//! Values whose presence depends on the token.

use tollgate::{Absent, Call, Given};
use tollgate_providers::flxpoint::{
    AccountClient, ChannelClient, Client, Error, SourceClient, inventory::UpsertParents, listings::CountVariants,
    listings::ListVariants, rule, scope,
};
use tollgate_scope_tests::acme;

fn as_the_token_wants(account: &AccountClient, channel: &ChannelClient) {
    let _ = account
        .listings()
        .count_variants(CountVariants::new().channel_id(7).sync(true));
    let _ = account
        .listings()
        .count_variants(CountVariants::new().sync(true).channel_id(7));
    let _ = account
        .listings()
        .list_variants(ListVariants::new().channel_id(7))
        .items();
    let _ = channel.listings().count_variants(CountVariants::new().sync(true));
    let _ = channel.listings().list_variants(ListVariants::new()).pages();
}

fn in_the_body(account: &AccountClient, source: &SourceClient) {
    let _ = account
        .inventory()
        .upsert_parents(UpsertParents::new(Vec::new()).source_id(7))
        .send_all();
    let _ = source
        .inventory()
        .upsert_parents(UpsertParents::new(Vec::new()))
        .send_all();
}

// Where the token leaves it open: absent, given, or whatever an answer said.
fn either_way(partner: &acme::PartnerClient<acme::role::Seller>, known: Option<i64>) {
    use acme::stock::ListStock;
    let _ = partner.stock().list(ListStock::new());
    let _ = partner.stock().list(ListStock::new().store_id(7));
    let list = ListStock {
        store_id: known,
        skus_or_ids: None,
        status: None,
        changed_since: None,
        page_size: None,
        page: None,
    };
    let _ = partner.stock().list(list);
}

fn in_a_literal(account: &acme::AccountClient, store: &acme::StoreClient) {
    use acme::stock::UpsertStock;
    let _ = account.stock().upsert(UpsertStock {
        source_id: Given(7),
        body: Vec::new(),
    });
    let _ = store.stock().upsert(UpsertStock {
        source_id: Absent,
        body: Vec::new(),
    });
}

// Generic over the token, and over the rule.
async fn omits<T: scope::Sales + rule::OmitsChannelId>(client: &Client<T>) -> Result<(), Error> {
    client
        .listings()
        .count_variants(CountVariants::new())
        .send()
        .await
        .map(drop)
}

async fn gives<T: scope::Sales + rule::GivesChannelId>(client: &Client<T>, id: i64) -> Result<(), Error> {
    client
        .listings()
        .count_variants(CountVariants::new().channel_id(id))
        .send()
        .await
        .map(drop)
}

fn either<T, ChannelId>(client: &Client<T>, count: CountVariants<ChannelId>) -> Call<CountVariants<ChannelId>>
where
    T: scope::Sales,
    ChannelId: rule::ChannelId<T>,
{
    client.listings().count_variants(count)
}

async fn generic(account: &AccountClient, channel: &ChannelClient) -> Result<(), Error> {
    gives(account, 7).await?;
    omits(channel).await?;
    either(account, CountVariants::new().channel_id(7)).send().await?;
    either(channel, CountVariants::new()).send().await?;
    Ok(())
}

// An operation is data, and may be stored before there is a client.
struct Job {
    count: CountVariants<Given<i64>>,
}

impl Job {
    fn call(self, account: &AccountClient) -> Call<CountVariants<Given<i64>>> {
        account.listings().count_variants(self.count)
    }
}

fn main() {}
