//! What a mock does, seen by a plain HTTP client.

mod answer;
mod auth;
mod check;
mod fault;
mod fuzz;
mod idempotency;
mod limit;
mod page;
mod provider;
mod route;
mod spoil;
mod stage;
