//! A wrong token in a task.

use tollgate_providers::flxpoint::{SourceClient, orders::ListOrders};

fn spawn<F: Future<Output: Send> + Send + 'static>(_: F) {}

fn wrong(source: SourceClient) {
    spawn(async move { source.orders().list(ListOrders::new()).send().await });
}

fn main() {}
