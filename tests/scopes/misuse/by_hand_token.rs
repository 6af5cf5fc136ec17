//! A token declared by hand.

use tollgate::{Credential, TokenSpec, TokenValue};
use tollgate_providers::flxpoint::{Account, Token};

#[derive(Debug)]
struct Mine(TokenValue);

impl Credential for Mine {
    const SPEC: &'static TokenSpec = Account::SPEC;
    fn value(&self) -> &TokenValue {
        &self.0
    }
}

impl Token for Mine {}

fn main() {}
