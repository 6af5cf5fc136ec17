//! Flexport: an envelope that some answers lack, references that may come expanded, and versions in a header.

mod answers;
mod errors;
mod paging;
mod references;
mod requests;
mod tokens;
mod webhooks;

use super::support::{Stage, scripted};
use serde_json::json;
use tollgate::{Json, ScriptedTransport};
use tollgate_providers::flexport::{ApiKey, ApiKeyClient, Client, Flexport};

impl Stage<Flexport> {
    fn api_key(&self) -> ApiKeyClient {
        Client::with(&self.connection, ApiKey::new(self.secret("api_key", 1)))
    }
}

fn scripted_key(script: &ScriptedTransport) -> ApiKeyClient {
    Client::with(&scripted(script), ApiKey::new("secret"))
}

/// A success as nearly every operation answers it.
fn enveloped(data: &Json) -> Json {
    json!({
        "_object": "/api/response",
        "self": "https://api.flexport.com/shipments/7",
        "version": 2,
        "data": data,
        "error": null,
    })
}

/// A page of a list, with the address of the next one.
fn page(items: &Json, next: Option<&str>) -> Json {
    enveloped(&json!({
        "_object": "/api/collections/paginated",
        "prev": null,
        "next": next,
        "data": items,
    }))
}
