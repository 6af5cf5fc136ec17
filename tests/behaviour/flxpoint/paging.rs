//! Lists in the four styles that Flxpoint has, and the odd paths and queries beside them.

use super::{scripted_account, scripted_channel, scripted_source};
use crate::behaviour::support::{Stage, always, ok, query, read_all, scripted_with};
use serde_json::json;
use std::collections::BTreeMap;
use tollgate::{Json, Start, Timestamp};
use tollgate_providers::flxpoint::{
    Account, Client, Flxpoint,
    channels::ListChannels,
    fulfillment_requests::ListFulfillmentRequests,
    inbound_shipments::ListInboundShipments,
    inventory::{self, SkusOrIds},
    listings,
    mapping_sets::ListMappingSets,
    orders::{LinkOrder, ListOrders},
    returns::ListReturns,
};

fn id(item: &Json) -> Option<i64> {
    item["id"].as_i64()
}

fn first(count: i64) -> Vec<Option<i64>> {
    (1..=count).map(Some).collect()
}

#[tokio::test]
async fn every_style_of_paging_gives_every_item_once() {
    let items = |operation, count| move |mock: tollgate_mock::Builder| mock.items_of(operation, count);
    let stage = Stage::<Flxpoint>::with(|mock| items("mapping_sets.list", 130)(mock.items(25))).await;
    let channel = stage.channel(1);
    let variants = channel
        .listings()
        .list_variants(listings::ListVariants::new().page_size(10));
    let account = stage.account(1);
    let sets = account.mapping_sets().list(ListMappingSets::new());
    let source = stage.source(1);
    let requests = source
        .fulfillment_requests()
        .list(ListFulfillmentRequests::new().page_size(10));
    let source = stage.source(2);
    let shipments = source.inbound_shipments().list(ListInboundShipments::new());
    let channel = stage.channel(2);
    let returns = channel.returns().list(ListReturns::new().page_size(10));
    let (variants, sets, requests, shipments, returns) = tokio::join!(
        read_all(variants, id),
        read_all(sets, |set| set.id),
        read_all(requests, id),
        read_all(shipments, |shipment| shipment.id),
        read_all(returns, |found| found.id),
    );
    assert_eq!(variants, first(25), "page and pageSize");
    assert_eq!(sets, first(130), "a hundred a page, whoever asks");
    assert_eq!(requests, first(25), "filterPageNumber");
    assert_eq!(shipments, first(25), "twenty a page unless said");
    assert_eq!(returns, first(25), "pageNumber");
    let report = stage.report();
    assert_eq!(report.rejected(), 0, "{report}");
    // Nothing says how many there are, and a short page may be one of many: the empty one is the end.
    assert_eq!(report.calls("listings.list_variants"), 4);
    assert_eq!(report.calls("mapping_sets.list"), 3);
}

#[tokio::test]
#[expect(deprecated, reason = "the provider's word for it, and still a call to get right")]
async fn a_search_by_post_is_paged_in_the_query() {
    let stage = Stage::<Flxpoint>::with(|mock| mock.items(25)).await;
    let search = listings::SearchVariants::new(tollgate_providers::flxpoint::models::ListingVariantSearch::default());
    let channel = stage.channel(1);
    let found = read_all(channel.listings().search_variants(search.page_size(20)), id).await;
    assert_eq!(found, first(25));
}

#[tokio::test]
async fn pages_tell_where_the_next_begins_and_a_call_can_begin_there() {
    let stage = Stage::<Flxpoint>::with(|mock| mock.items(5)).await;
    let client = stage.channel(1);
    let list = || listings::ListVariants::new().page_size(2);
    let mut pages = client.listings().list_variants(list()).pages();
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!(page.items.iter().map(id).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!((page.total, page.next), (None, Some(Start::Number(2))));
    drop(pages);
    let client = stage.channel(2);
    let rest = read_all(client.listings().list_variants(list().page(2)), id).await;
    assert_eq!(rest, [Some(3), Some(4), Some(5)]);
}

#[tokio::test]
async fn each_style_asks_with_names_of_its_own() {
    let script = always(ok(&json!([])));
    let channel = scripted_channel(&script);
    channel
        .listings()
        .list_variants(listings::ListVariants::new())
        .send()
        .await
        .unwrap();
    channel
        .returns()
        .list(ListReturns::new().page_size(7).page(3))
        .send()
        .await
        .unwrap();
    let source = scripted_source(&script);
    source
        .fulfillment_requests()
        .list(ListFulfillmentRequests::new())
        .send()
        .await
        .unwrap();
    source
        .inbound_shipments()
        .list(ListInboundShipments::new())
        .send()
        .await
        .unwrap();
    scripted_account(&script)
        .mapping_sets()
        .list(ListMappingSets::new())
        .send()
        .await
        .unwrap();
    let queries: Vec<_> = script
        .requests()
        .iter()
        .map(|request| query(request).to_owned())
        .collect();
    assert_eq!(
        queries,
        [
            "pageSize=100&page=1",
            "pageSize=7&pageNumber=3",
            "filterPageSize=100&filterPageNumber=1",
            "pageSize=20&page=1",
            "page=1",
        ]
    );
}

#[tokio::test]
async fn lists_and_times_of_a_query_travel_as_the_descriptor_says() {
    let script = always(ok(&json!([])));
    let list = inventory::ListVariants::new()
        .source_id(7)
        .skus_or_ids(SkusOrIds::Skus(vec!["a b".to_owned(), "c&d".to_owned()]))
        .updated_after("2026-11-21T10:00:00+02:00".parse::<Timestamp>().unwrap())
        .include_images(true);
    scripted_account(&script)
        .inventory()
        .list_variants(list)
        .send()
        .await
        .unwrap();
    let request = &script.requests()[0];
    let asked: BTreeMap<_, _> = request.query().into_iter().collect();
    assert_eq!(asked["sourceId"], "7");
    assert_eq!(asked["skus"], "a b,c&d");
    assert_eq!(asked["updatedAfter"], "2026-11-21T08:00:00Z");
    assert_eq!(asked["includeImages"], "true");
    assert!(!asked.contains_key("ids"), "{asked:?}");
}

#[tokio::test]
async fn odd_paths_travel_as_they_are_written() {
    let script = always(ok(&json!([])));
    let account = scripted_account(&script);
    account.channels().list(ListChannels::new()).send().await.unwrap();
    let channel = scripted_channel(&script);
    channel.orders().list(ListOrders::new()).send().await.unwrap();
    let selector = BTreeMap::from([("orderNumber".to_owned(), "A/1 é".to_owned())]);
    channel.orders().link(LinkOrder::new(selector)).send().await.unwrap();
    let urls: Vec<_> = script
        .requests()
        .iter()
        .map(|request| request.url().to_owned())
        .collect();
    assert_eq!(
        urls,
        [
            "https://api.flxpoint.com/channel/",
            "https://api.flxpoint.com/orders",
            "https://api.flxpoint.com/orders/link?orderNumber=A%2F1%20%C3%A9",
        ]
    );
}

#[tokio::test]
async fn a_base_url_may_have_a_path_and_a_slash_of_its_own() {
    let script = always(ok(&json!([])));
    let connection = scripted_with::<Flxpoint>(&script, |builder| builder.base_url("https://proxy.example/flx/"));
    let client = Client::with(&connection, Account::new("secret"));
    client
        .channels()
        .list(ListChannels::new().include_archived(true))
        .send()
        .await
        .unwrap();
    assert_eq!(
        script.requests()[0].url(),
        "https://proxy.example/flx/channel/?includeArchived=true"
    );
}

#[tokio::test]
async fn the_mock_knows_the_odd_paths_as_well() {
    let stage = Stage::<Flxpoint>::new().await;
    stage
        .account(1)
        .channels()
        .list(ListChannels::new())
        .send()
        .await
        .unwrap();
    let report = stage.report();
    assert_eq!((report.answers("channels.list", 200), report.unmatched), (1, 0));
}
