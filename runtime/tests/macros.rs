//! `token!` and `role!` over a provider written by hand, as the generator would write it.
#![expect(missing_docs, reason = "a provider of a test")]

use tollgate::{Credential, PermittedBy, Scheme, WithinScopesOf};

/// The provider.
pub mod acme {
    pub use self::token::{Account, Channel, Token};

    /// The tokens.
    pub mod token {
        use tollgate::{Credential, FieldSpec, Scheme, Secret, Ticked, TokenSpec, TokenValue};

        pub trait Token: Credential {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }

        macro_rules! plain {
            ($Name:ident $($field:literal)*) => {
                #[derive(Clone, Debug)]
                pub struct $Name(pub(super) TokenValue);
                impl Credential for $Name {
                    const SPEC: &'static TokenSpec = &TokenSpec {
                        name: stringify!($Name),
                        type_name: stringify!($Name),
                        scheme: Scheme::Basic { username: "{id}", password: "{token}" },
                        fields: &[$(FieldSpec { name: $field, env: &[], optional: false }),*],
                        prefix: &[],
                        pattern: None,
                        ..TokenSpec::DEFAULT
                    };
                    fn value(&self) -> &TokenValue {
                        &self.0
                    }
                }
                impl Token for $Name {
                    const USE_MACRO: Ticked = Ticked::YES;
                }
            };
        }
        plain! { Account "id" "token" }
        plain! { Channel "token" }

        impl Account {
            pub fn new(id: impl Into<Secret>, token: impl Into<Secret>) -> Self {
                Self(TokenValue::new(Self::SPEC, [Some(id.into()), Some(token.into())]))
            }
        }

        #[derive(Debug)]
        pub struct ApiKey<Role>(TokenValue, std::marker::PhantomData<fn() -> Role>);
        impl<Role: super::role::Role> ApiKey<Role> {
            pub fn new(token: impl Into<Secret>) -> Self {
                Self(
                    TokenValue::new(Channel::SPEC, [Some(token.into())]),
                    std::marker::PhantomData,
                )
            }
        }
        impl<Role: super::role::Role> Credential for ApiKey<Role> {
            const SPEC: &'static TokenSpec = Channel::SPEC;
            fn value(&self) -> &TokenValue {
                &self.0
            }
        }
        impl<Role: super::role::Role> Token for ApiKey<Role> {
            const USE_MACRO: Ticked = Ticked::YES;
        }
        impl<More: super::role::Role, Less: super::role::Within<More>> tollgate::WithinScopesOf<ApiKey<More>> for ApiKey<Less> {
            const USE_MACRO: Ticked = Ticked::YES;
        }
    }

    /// The matrix.
    pub mod scope {
        use super::token::{Account, ApiKey, Channel, Token};
        use tollgate::Ticked;

        pub trait Sales: SalesOrSupply {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }
        pub trait Supply: SalesOrSupply {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }
        pub trait SalesOrSupply: Token {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }
        macro_rules! ticks {
            ($($Scope:ident for $Name:ty,)*) => {
                $(impl $Scope for $Name { const USE_MACRO: Ticked = Ticked::YES; })*
            };
        }
        ticks! {
            Sales for Account, Supply for Account, SalesOrSupply for Account, Sales for Channel, SalesOrSupply for Channel,
        }
        impl<R: super::role::lists::Sales> Sales for ApiKey<R> {
            const USE_MACRO: Ticked = Ticked::YES;
        }
        impl<R: super::role::lists::Sales> SalesOrSupply for ApiKey<R> {
            const USE_MACRO: Ticked = Ticked::YES;
        }
        #[doc(hidden)]
        pub use {Sales as sales, Supply as supply};
    }

    /// Roles.
    pub mod role {
        use tollgate::Ticked;

        pub trait Role: std::fmt::Debug + Send + Sync + 'static {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }
        pub trait Within<More>: Role {
            #[doc(hidden)]
            const USE_MACRO: Ticked;
        }
        #[derive(Clone, Copy, Debug)]
        pub struct Admin;
        impl Role for Admin {
            const USE_MACRO: Ticked = Ticked::YES;
        }
        impl lists::Sales for Admin {
            const USE_MACRO: Ticked = Ticked::YES;
        }

        /// What roles list.
        pub mod lists {
            pub trait Sales: super::Role {
                #[doc(hidden)]
                const USE_MACRO: tollgate::Ticked;
            }
            #[doc(hidden)]
            pub use Sales as sales;
        }
    }

    #[doc(hidden)]
    #[macro_export]
    macro_rules! __acme_token {
        (@like; [$($head:tt)*] $($scope:ident)*) => {
            ::tollgate::token! { @declare $($head)* [Account] $($scope)* }
        };
        (@like $Base:ident; [$($head:tt)*] $($scope:ident)*) => {
            ::tollgate::token! { @declare $($head)* [$Base] $($scope)* }
        };
        ($Name:ident $Base:ident $($scope:ident)*) => {
            impl<T: provider::Token $(+ provider::scope::$scope)*> ::tollgate::WithinScopesOf<T> for $Name {
                const USE_MACRO: ::tollgate::Ticked = ::tollgate::Ticked::YES;
            }
            provider::__token! { @sales_or_supply $Name $($scope)* }
        };
        (@sales_or_supply $Name:ident sales $($rest:ident)*) => {
            impl provider::scope::SalesOrSupply for $Name {
                const USE_MACRO: ::tollgate::Ticked = ::tollgate::Ticked::YES;
            }
        };
        (@sales_or_supply $Name:ident supply $($rest:ident)*) => {
            provider::__token! { @sales_or_supply $Name sales }
        };
        (@sales_or_supply $Name:ident $other:ident $($rest:ident)*) => {
            provider::__token! { @sales_or_supply $Name $($rest)* }
        };
        (@sales_or_supply $Name:ident) => {};
    }
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __acme_role {
        (@declare; [$($head:tt)*] $($scope:ident)*) => {
            ::tollgate::role! { @declare $($head)* $($scope)* }
        };
        ($Name:ident $($scope:ident)*) => {};
    }
    #[doc(hidden)]
    pub use {__acme_role as __role, __acme_token as __token};

    pub struct ListOrders;
    impl<T: scope::Sales> tollgate::PermittedBy<T> for ListOrders {
        const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
    }
    pub struct ListStock;
    impl<T: scope::SalesOrSupply> tollgate::PermittedBy<T> for ListStock {
        const USE_MACRO: tollgate::Ticked = tollgate::Ticked::YES;
    }
}

tollgate::token! {
    /// Ships what was sold.
    pub struct Shipping: acme [sales, supply]
}
tollgate::token! { struct Shop: acme as Channel [sales]; }
tollgate::role! {
    /// Sells.
    pub struct Selling: acme [sales]
}

fn permits<T, Op: PermittedBy<T>>(_: &T, _: &Op) {}
fn narrows<More, Less: WithinScopesOf<More>>() {}

#[test]
fn a_token_of_the_application_holds_what_it_names() {
    let shop = Shop::new("hunter2");
    permits(&shop, &acme::ListOrders);
    permits(&shop, &acme::ListStock);
    narrows::<acme::Account, Shop>();
    narrows::<acme::Account, Shipping>();
    narrows::<Shipping, Shop>();
    assert_eq!((Shop::SPEC.type_name, Shop::SPEC.name), ("Shop", "Channel"));
    assert!(matches!(Shop::SPEC.scheme, Scheme::Basic { username: "{id}", .. }));
    assert_eq!(format!("{shop:?}"), "Shop(Shop { token: Some(…) })");
}

#[test]
fn a_token_with_several_fields_is_made_from_its_base() {
    let shipping = Shipping::from(acme::Account::new("id", "hunter2"));
    permits(&shipping, &acme::ListOrders);
    let shown = format!("{shipping:?}");
    assert_eq!(shown, "Shipping(Shipping { id: Some(…), token: Some(…) })");
}

#[test]
fn a_role_of_the_application_lists_what_it_names() {
    permits(&acme::token::ApiKey::<Selling>::new("hunter2"), &acme::ListOrders);
    narrows::<acme::token::ApiKey<acme::role::Admin>, acme::token::ApiKey<Selling>>();
    assert_eq!(format!("{Selling:?}"), "Selling");
}
