//! The two ways to log in.

use super::scripted_key;
use crate::behaviour::support::{always, ok};
use serde_json::json;
use tollgate_providers::flexport::{companies::MeCompany, shipments::ListShipments};

#[tokio::test]
async fn an_api_key_travels_as_a_bearer_token() {
    let script = always(ok(&super::page(&json!([]), None)));
    let client = scripted_key(&script);
    client.shipments().list(ListShipments::new()).send().await.unwrap();
    let script2 = always(ok(&super::enveloped(
        &json!({ "_object": "/network/company", "id": "c" }),
    )));
    scripted_key(&script2)
        .companies()
        .me(MeCompany::new())
        .send()
        .await
        .unwrap();
    for request in script.requests().iter().chain(&script2.requests()) {
        assert_eq!(request.secret_headers().get("Authorization"), Some("Bearer secret"));
    }
}
