//! A provider that this crate describes itself: `api/acme.yaml`, turned into the module `acme` by `build.rs`.
//!
//! `main` runs against the mock of the same descriptor.

use acme::orders::{GetOrder, ListOrders, ShipOrder};
use acme::{Client, Connection, Store, models, scope};
use tollgate_mock::{Fault, Mock, ScriptedFault};

tollgate::include_provider!(acme);

/// Whoever holds the scope `sales` may ship: a store's token as well as the administrator's.
async fn ship<T: scope::Sales>(client: &Client<T>, order: i64, number: &str) -> Result<models::Order, acme::Error> {
    let shipment = models::Shipment::new("DHL", number);
    client.orders().ship(ShipOrder::new(order, shipment)).send().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let descriptor = concat!(env!("CARGO_MANIFEST_DIR"), "/api/acme.yaml");
    let sources = tollgate_descriptor::source::Sources::read(descriptor)?;
    let model = tollgate_descriptor::load(&sources)
        .map_err(|found| found.render(&sources, false))?
        .model;
    let mock = Mock::builder(model).items(120).start().await?;

    let connection = Connection::builder().base_url(mock.base_url()).build()?;
    let secret = mock.token("store").ok_or("no such token type")?.value();
    let client = Client::with(&connection, Store::new(secret));
    // `client.shop().get(…)` would not compile: a store's token does not hold the scope `settings`.

    let orders = client.orders().list(ListOrders::new()).send().await?;
    let first = orders.first().ok_or("the mock has orders")?;
    println!("{} orders on the first page", orders.len());

    // The connection breaks after the order was shipped. The key makes the repeat safe: it is shipped once.
    mock.fault(ScriptedFault::new("orders.ship", 1, Fault::Lost))?;
    ship(&client, first.id, "1Z 999").await?;
    let order = client.orders().get(GetOrder::new(first.id)).send().await?;
    println!("order {} was shipped", order.id);

    let report = mock.shutdown().await;
    print!("{report}");
    assert_eq!((report.calls("orders.ship"), report.effects("orders.ship")), (2, 1));
    Ok(())
}
