//! A batch in parts that may not be split.

use tollgate_scope_tests::acme::{StoreClient, events::IngestBulk, models::EventBatch};

async fn wrong(store: &StoreClient, events: EventBatch) {
    let _ = store.events().ingest_bulk(IngestBulk::new(events)).send_all().await;
}

fn main() {}
