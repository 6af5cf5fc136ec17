//! Lists: the next page is an address in the answer, and leads to the same host or nowhere.

use super::{page, scripted_key};
use crate::behaviour::support::{Stage, always, ok, query, read_all, timed};
use serde_json::json;
use tollgate::ErrorKind;
use tollgate_providers::flexport::{Flexport, events::ListEvents, products::ListProducts, shipments::ListShipments};

const NEXT: &str = "https://api.flexport.com/shipments?page=2&per=100&f.status=arrival_port";

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let stage = Stage::<Flexport>::with(|mock| mock.items(130)).await;
    let client = stage.api_key();
    let ids = read_all(client.shipments().list(ListShipments::new()), |shipment| shipment.id).await;
    assert_eq!(ids, (1..=130).collect::<Vec<_>>());
    let events = read_all(client.events().list(ListEvents::new()), |event| event.id.unwrap()).await;
    assert_eq!(events.len(), 130);
    assert_eq!(stage.report().rejected(), 0, "{}", stage.report());
}

#[tokio::test]
async fn the_next_page_is_where_the_answer_says_with_the_same_key() {
    let item = |id: i64| json!([{ "_object": "/shipment", "id": id }]);
    let (script, _) = timed([ok(&page(&item(1), Some(NEXT))), ok(&page(&item(2), None))]);
    let list = ListShipments::new().page(1);
    let ids = read_all(scripted_key(&script).shipments().list(list), |shipment| shipment.id).await;
    assert_eq!(ids, [1, 2]);
    let requests = script.requests();
    assert_eq!(query(&requests[0]), "page=1&per=100");
    assert_eq!(requests[1].url(), NEXT);
    for request in requests {
        assert_eq!(request.header("Flexport-Version"), Some("2"));
        assert_eq!(request.secret_headers().get("Authorization"), Some("Bearer secret"));
    }
}

#[tokio::test]
async fn another_host_is_not_shown_the_key() {
    for next in [
        "https://api.flexport.com.evil.example/shipments?page=2",
        "https://evil.example/shipments?page=2",
        "https://api.flexport.com:8443/shipments?page=2",
        "https://api.sb.flexport.com/shipments?page=2",
    ] {
        let script = always(ok(&page(&json!([{ "_object": "/shipment", "id": 1 }]), Some(next))));
        let mut items = scripted_key(&script).shipments().list(ListShipments::new()).items();
        assert_eq!(items.next().await.unwrap().unwrap().id, 1);
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), script.requests().len()),
            (ErrorKind::Paging, 1),
            "{next}"
        );
    }
}

#[tokio::test]
async fn a_size_is_sent_where_it_is_documented() {
    let script = always(ok(&page(&json!([]), None)));
    let client = scripted_key(&script);
    client
        .shipments()
        .list(ListShipments::new().page_size(20))
        .send()
        .await
        .unwrap();
    client.products().list(ListProducts::new()).send().await.unwrap();
    client
        .products()
        .list(ListProducts::new().page_size(20))
        .send()
        .await
        .unwrap();
    client.events().list(ListEvents::new()).send().await.unwrap();
    let requests = script.requests();
    let queries: Vec<_> = requests.iter().map(query).collect();
    assert_eq!(queries, ["per=20", "", "per=20", ""]);
    let error = client
        .shipments()
        .list(ListShipments::new().page_size(101))
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::Request, 4));
}
