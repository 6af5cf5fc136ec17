//! The webhooks that a mock sends: events of the descriptor, signed with the mock's test secret.

use crate::failure::{Failure, talk};
use tollgate_descriptor::model::{Events, Model};
use tollgate_mock::{Webhook, WebhookError};

/// What is sent where.
#[derive(clap::Args)]
#[group(id = "webhooks")]
pub(super) struct Arguments {
    /// Sends webhooks to this address of loopback, once when the server is up: every declared event.
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Sends this event instead; may be repeated.
    #[arg(long, value_name = "EVENT", requires = "webhook_url")]
    webhook: Vec<String>,
}

/// Webhooks that are ready to be sent.
pub(super) struct Deliveries {
    url: String,
    events: Vec<String>,
    secret: Option<String>,
}

impl Arguments {
    /// What is to be sent, if anything. The names of the events are held against the descriptor.
    pub(super) fn deliveries(&self, model: &Model) -> Result<Option<Deliveries>, Failure> {
        let Some(url) = &self.webhook_url else {
            return Ok(None);
        };
        let Some(webhooks) = &model.webhooks else {
            return Err(refused(&WebhookError::None));
        };
        Webhook::check_url(url).map_err(|error| refused(&error))?;
        let declared = Webhook::events(model);
        let unknown = |event: &&String| !declared.contains(&event.as_str());
        if let (Events::ByName(_), Some(event)) = (&webhooks.events, self.webhook.iter().find(unknown)) {
            let known = declared.join(", ");
            return Err(Failure::usage(format!(
                "the descriptor has no event `{event}`; it has {known}"
            )));
        }
        let events = match (&webhooks.events, self.webhook.as_slice()) {
            (Events::One(_), []) => vec!["event".to_owned()],
            (Events::ByName(_), []) => declared.into_iter().map(str::to_owned).collect(),
            (_, chosen) => chosen.to_vec(),
        };
        Ok(Some(Deliveries {
            url: url.clone(),
            events,
            secret: Webhook::test_secret(model),
        }))
    }
}

impl Deliveries {
    /// What the receiver must know.
    pub(super) fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Sends them one after the other, and tells how each was answered.
    pub(super) async fn send(&self, model: &Model) {
        for event in &self.events {
            match self.send_one(model, event).await {
                Ok(status) => talk(format_args!("webhook {event} {status}")),
                Err(error) => talk(format_args!("webhook {event} failed: {error}")),
            }
        }
    }

    async fn send_one(&self, model: &Model, event: &str) -> Result<u16, WebhookError> {
        let secrets: Vec<&str> = self.secret.as_deref().into_iter().collect();
        Webhook::of(model, event)?.sign(&secrets)?.post(&self.url).await
    }
}

fn refused(error: &WebhookError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        WebhookError::Address(_) => failure.help("the mock sends to loopback only: `http://127.0.0.1:8080/webhooks`"),
        _ => failure,
    }
}
