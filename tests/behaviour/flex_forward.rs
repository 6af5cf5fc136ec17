//! Flex Forward: two ways to log in, hosts that are variables, and labels that fail inside a success.

mod hosts;
mod labels;
mod tokens;

use super::support::{Stage, scripted};
use tollgate::{Decimal, ScriptedTransport};
use tollgate_providers::flex_forward::{
    Bearer, BearerClient, Client, FlexForward, KeyPair, KeyPairClient,
    models::{Address, Contact, CreateLabelRequest, Money, Parcel, ParcelItem, Party, Service, Shipment},
};

impl Stage<FlexForward> {
    fn bearer(&self) -> BearerClient {
        Client::with(&self.connection, Bearer::new(self.secret("bearer", 1)))
    }

    fn key_pair(&self) -> KeyPairClient {
        let token = self.mock.token("key_pair").unwrap();
        let field = |name| token.field(name).unwrap();
        Client::with(&self.connection, KeyPair::new(field("key"), field("token")))
    }
}

fn scripted_bearer(script: &ScriptedTransport) -> BearerClient {
    Client::with(&scripted(script), Bearer::new("secret"))
}

/// A parcel to Los Angeles.
fn request() -> CreateLabelRequest {
    let address = Address::new("US", "Los Angeles", "90001", ["1 Main St"]);
    let party = Party::new(Contact::new("Ada"), address);
    let price = Money::new("9.90".parse::<Decimal>().unwrap(), "USD");
    let item = ParcelItem::new("Mug", 2, price, Decimal::ONE);
    let parcel = Parcel::new("2.50".parse::<Decimal>().unwrap(), [item]);
    CreateLabelRequest::new("yunexpress", Service::new("HKMUZXR"), Shipment::new(party, [parcel]))
}
