//! A server that behaves as a Tollgate descriptor says.
//!
//! It serves on loopback what a provider would serve: it demands the declared header scheme, answers 401 and 403 by the
//! scope matrix, counts rate limits where requests arrive, compares requests with the models, gives real pages, and
//! does once what an idempotency key names. It shares no code with the client runtime, so that one can catch the other.
//!
//! ```no_run
//! # async fn example(model: tollgate_descriptor::model::Model) -> Result<(), Box<dyn std::error::Error>> {
//! use tollgate_mock::{Fault, Mock, ScriptedFault};
//!
//! let mock = Mock::builder(model).items(120).start().await?;
//! mock.fault(ScriptedFault::new("orders.create", 1, Fault::Lost))?;
//! let token = mock.token("channel").ok_or("no such token type")?;
//! println!("{} {}", mock.base_url(), token.value());
//! // … the client under test …
//! assert_eq!(mock.report().effects("orders.create"), 1);
//! mock.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The way of a request, each step a file; the first that refuses it answers:
//!
//! ```text
//! server ─▶ arrival ─▶ route ─▶ auth: who? ─▶ limit ─▶ fault ─▶ auth: may? ─▶ check ─▶ idempotency ─▶ page | answer ─▶ report
//! socket    read once  404 405               429      scripted  401 403      400 413  409, replays     sample          counts
//!                                                                            415
//! ```
//!
//! Requests without a known token are not counted against rate limits: their 401 would hide behind a 429.

mod answer;
mod arrival;
mod auth;
mod check;
mod draw;
mod fault;
mod idempotency;
mod limit;
mod oauth;
mod page;
mod place;
mod refusal;
mod reply;
mod report;
mod route;
mod sample;
mod server;
mod way;
mod webhook;
mod wire;

pub use self::{
    auth::TestToken,
    fault::{Fault, FaultSyntax, Framing, ScriptedFault, Spoil},
    limit::BudgetReport,
    report::{OperationReport, Report, Seen},
    server::{Builder, Mock, Running, StartError},
    webhook::{Webhook, WebhookError, WebhookRequest},
};
