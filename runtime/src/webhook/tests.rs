use super::*;
use crate::{Json, ProviderSpec, SignatureSpec};

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    Production,
    Sandbox,
    Elsewhere,
}

impl Named for Place {
    fn index(self) -> usize {
        self as usize
    }
}

#[derive(Clone, Copy, Debug)]
struct Shop;

impl Provider for Shop {
    type Environment = Place;
    type Variable = crate::NoVariables;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "shop",
        title: "Shop",
        environments: &[],
        variables: &[],
        tokens: &[],
    };
}

impl Sender for Shop {
    type Event = Json;
    const WEBHOOKS: &'static WebhookSpec = &WebhookSpec {
        signature: Some(&SignatureSpec {
            header: "X-Shop-Signature",
            secret_env: &[Some("SHOP_SECRET"), Some("SHOP_SANDBOX_SECRET"), None],
            ..SignatureSpec::DEFAULT
        }),
        event_name: None,
    };

    fn read(_: Option<&str>, body: &Body) -> Result<Json, DecodeError> {
        body.json()
    }
}

impl Signed for Shop {}

fn read(set: &[(&str, &str)], place: Place) -> Result<Webhooks<Shop>, SecretError> {
    let find = |name: &str| set.iter().find(|(known, _)| *known == name);
    Webhooks::from_variables(place, |name| find(name).map(|(_, value)| (*value).into()))
}

#[test]
fn the_secret_comes_from_the_variable_of_the_environment() {
    let set = [
        ("SHOP_SECRET", "a"),
        ("SHOP_SANDBOX_SECRET", "b"),
        ("SHOP_SANDBOX_SECRET_PREVIOUS", " c "),
    ];
    assert_eq!(read(&set, Place::Production).unwrap().keys.len(), 1);
    assert_eq!(read(&set, Place::Sandbox).unwrap().keys.len(), 2);
    assert_eq!(read(&set, Place::Elsewhere).unwrap_err(), SecretError::NoVariable);
    assert_eq!(
        read(&[], Place::Production).unwrap_err(),
        SecretError::Unset("SHOP_SECRET".to_owned())
    );
    assert_eq!(
        read(&[("SHOP_SECRET", "  ")], Place::Production).unwrap_err(),
        SecretError::EmptyVariable("SHOP_SECRET".to_owned())
    );
}

#[test]
fn a_previous_secret_verifies_as_the_current_one_does() {
    // HMAC-SHA256 of `{}` with the key `old`.
    let signature = "419f84c3dfb1dabfe377f5a34859584b8faa83144c2a3b2b72a8c4ded4e293a6";
    let set = [("SHOP_SECRET", "new"), ("SHOP_SECRET_PREVIOUS", "old")];
    let webhooks = read(&set, Place::Production).unwrap();
    assert!(webhooks.verify(&[("x-shop-signature", signature)], "{}").is_ok());
    let refused = read(&set[..1], Place::Production).unwrap();
    assert!(refused.verify(&[("x-shop-signature", signature)], "{}").is_err());
}
