//! A client of an application's token narrowed to one that holds more.

use tollgate_providers::flxpoint::{self, Client};

tollgate::token! { struct Less: flxpoint as Account [sales] }
tollgate::token! { struct More: flxpoint as Account [sales, supply] }

fn wrong(less: &Client<Less>) -> Client<More> {
    less.narrow()
}

fn main() {}
