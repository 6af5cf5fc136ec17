//! Impls of generated types that are equal but for a name, written once.

/// `Clone` and `Debug` of the handle of a resource, whatever its token type is.
#[doc(hidden)]
#[macro_export]
macro_rules! handle {
    ($handle:ident) => {
        impl<T> ::std::clone::Clone for $handle<T> {
            fn clone(&self) -> Self {
                Self {
                    client: self.client.clone(),
                }
            }
        }
        impl<T> ::std::fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(::std::stringify!($handle))
                    .field("client", &self.client)
                    .finish()
            }
        }
    };
}

/// What an open enum has beside `as_str` and `From<String>`. Its second argument is the variant of what is not known;
/// then follow the directions in which it travels.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($name:ty, $other:ident $(, $way:ident)*) => {
        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::$other(::std::string::String::new())
            }
        }
        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(::std::string::String::from(text))
            }
        }
        impl $crate::open::Open for $name {
            fn unlisted(&self) -> ::std::option::Option<&str> {
                match self {
                    Self::$other(text) => ::std::option::Option::Some(text),
                    _ => ::std::option::Option::None,
                }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        $($crate::open_enum_way!($way, $name);)*
    };
}

/// One direction in which an open enum travels.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum_way {
    (param, $name:ty) => {
        impl $crate::Param for $name {
            fn collect(&self, values: &mut $crate::Values) {
                values.push(self.as_str());
            }
        }
    };
    (read, $name:ty) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(input: D) -> ::std::result::Result<Self, D::Error> {
                $crate::open::read(input)
            }
        }
    };
    (write, $name:ty) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, output: S) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::open::write(output, self.as_str())
            }
        }
    };
}
