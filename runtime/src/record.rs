//! Records: serde through tables instead of through derive, which would cost generated crates most of their compile time.
//!
//! ```
//! use tollgate::{format, record::{self, Record}};
//! use tollgate::serde::{Deserialize, Deserializer, Serialize, Serializer, de::MapAccess};
//!
//! #[derive(Debug, Default)]
//! struct Line { sku: String, title: Option<String>, quantity: Option<i64> }
//!
//! impl<'de> Deserialize<'de> for Line {
//!     fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
//!         record::read(input, &["sku", "title", "quantity"], record::required(&[0]))
//!     }
//! }
//! impl Record for Line {
//!     fn read_field<'de, A: MapAccess<'de>>(&mut self, index: usize, input: &mut A) -> Result<(), A::Error> {
//!         match index {
//!             0 => record::field(&mut self.sku, input),
//!             1 => record::field(&mut self.title, input),
//!             2 => record::field_as::<format::Int, _, _>(&mut self.quantity, input),
//!             _ => record::skip(input),
//!         }
//!     }
//! }
//! impl Serialize for Line {
//!     fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
//!         record::write(output, &[
//!             ("sku", &self.sku),
//!             ("title", &self.title),
//!             ("quantity", &record::formatted::<format::Int, _>(&self.quantity)),
//!         ])
//!     }
//! }
//!
//! let line: Line = serde_json::from_str(r#"{"sku": "A-1", "title": null, "quantity": "7"}"#)?;
//! assert_eq!(serde_json::to_string(&line)?, r#"{"sku":"A-1","quantity":7}"#);
//! let error = serde_json::from_str::<Line>("{}").unwrap_err();
//! assert!(error.to_string().starts_with("`sku` of `Line` is missing"));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod read;
mod write;

pub use self::{
    read::{Record, Required, field, field_as, parse, read, required, skip},
    write::{Constant, Nullable, Value, formatted, nullable, write, write_open},
};

pub(crate) use self::{
    read::{short_name, without_position},
    write::is_absent,
};

#[cfg(test)]
mod tests;
