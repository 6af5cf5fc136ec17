//! A provider that Tollgate ships: Flex Forward, out of the crate `tollgate-providers`.
//!
//! `main` runs against the mock of its descriptor.

use tollgate::Decimal;
use tollgate_mock::{Fault, Mock, ScriptedFault};
use tollgate_providers::flex_forward::labels::CreateLabel;
use tollgate_providers::flex_forward::models::{
    Address, Contact, CreateLabelRequest, Money, Parcel, ParcelItem, Party, Service, Shipment,
};
use tollgate_providers::flex_forward::{self, tracking::GetTracking};

fn party(name: &str, country: &str, city: &str) -> Party {
    Party::new(
        Contact::new(name),
        Address::new(country, city, "10115", ["1 Main Street"]),
    )
}

fn label() -> CreateLabelRequest {
    let item = ParcelItem::new("Mug", 2, Money::new(Decimal::new(1250, 2), "USD"), Decimal::new(4, 1));
    let parcel = Parcel::new(Decimal::new(9, 1), vec![item]);
    let shipment = Shipment::new(party("Ada", "DE", "Berlin"), vec![parcel]);
    CreateLabelRequest::new("yunexpress", Service::new("HKMUZXR"), shipment)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let descriptor = concat!(env!("CARGO_MANIFEST_DIR"), "/../../providers/flex_forward.yaml");
    let sources = tollgate_descriptor::source::Sources::read(descriptor)?;
    let model = tollgate_descriptor::load(&sources)
        .map_err(|found| found.render(&sources, false))?
        .model;
    let mock = Mock::builder(model).start().await?;

    let connection = flex_forward::Connection::builder().base_url(mock.base_url()).build()?;
    let secret = mock.token("bearer").ok_or("no such token type")?.value();
    let client = flex_forward::Client::with(&connection, flex_forward::Bearer::new(secret));

    // The provider is away for a moment. The label carries an idempotency key, so the client may repeat.
    mock.fault(ScriptedFault::new("labels.create", 1, Fault::status(503)))?;
    let label = client.labels().create(CreateLabel::new(label())).send().await?;
    println!("label {} by {}: {}", label.id, label.courier, label.status);

    let tracking = client
        .tracking()
        .get(GetTracking::new(label.id.to_string()))
        .send()
        .await?;
    println!("where it is: {}", tracking.subtag_message);

    let report = mock.shutdown().await;
    print!("{report}");
    assert_eq!((report.calls("labels.create"), report.effects("labels.create")), (2, 1));
    Ok(())
}
