//! Names in Rust. Wire names are plain strings: the two never share a type.

use std::fmt;

macro_rules! names {
    ($($(#[$docs:meta])* $Name:ident;)*) => {
        $(
            $(#[$docs])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $Name(pub(crate) String);

            impl $Name {
                /// The identifier, ready to print.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $Name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )*
    };
}

names! {
    /// A `snake_case` name: a field, a method, a module. Keywords have a trailing underscore.
    FieldName;
    /// An `UpperCamelCase` name: a struct, an enum, a variant, a trait.
    TypeName;
}
