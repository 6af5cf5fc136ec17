//! Scopes: what stands in a tick of a matrix, and how an application declares tokens and roles of its own.

/// Stands in every tick of a matrix, so that nobody ticks by accident: `impl Sales for Mine {}` is E0046.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Ticked(());

impl Ticked {
    #[doc(hidden)]
    pub const YES: Self = Self(());
}

/// Says that every scope and every rule of `Self` is one of `T`'s, so that a client of `T` may become one of `Self`.
///
/// Written by [`token!`](crate::token!) and by generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has scopes or rules that `{T}` does not",
    label = "a client of `{T}` cannot be narrowed to `{Self}`"
)]
pub trait WithinScopesOf<T: ?Sized> {
    #[doc(hidden)]
    const USE_MACRO: Ticked;
}

/// The half of [`WithinScopesOf`] that is about rules. A trait of its own, so that rustc says that a client cannot be
/// narrowed: what a rule has to say is about calls.
#[doc(hidden)]
pub trait WithinRulesOf<T: ?Sized> {
    #[doc(hidden)]
    const USE_MACRO: Ticked;
}

/// Declares a token type of the application's own, which holds exactly the named scopes.
///
/// It is sent as the provider's first token type, or as the one after `as`, whose rules it shares, and which has to hold
/// the scopes, too. It is made from a token of that type, or with `new` where that has one field:
///
/// ```ignore
/// tollgate::token! {
///     /// What the shop's own service may do.
///     pub struct Shop: flxpoint as Channel [sales]
/// }
///
/// let shop = Shop::new("secret");
/// let shop = Shop::from(flxpoint::Channel::from_env()?);
/// ```
#[macro_export]
macro_rules! token {
    // The provider knows which of its tokens it can be like: it hands all back, with the base, or says why not.
    ($(#[$meta:meta])* $vis:vis struct $Name:ident: $($path:ident)::+ [$($scope:ident),* $(,)?] $(;)?) => {
        $($path)::+::__token! { @like; [[$(#[$meta])*] [$vis] $Name [$($path)::+]] $($scope)* }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident: $($path:ident)::+ as $Base:ident [$($scope:ident),* $(,)?] $(;)?) => {
        $($path)::+::__token! { @like $Base; [[$(#[$meta])*] [$vis] $Name [$($path)::+]] $($scope)* }
    };
    (@declare [$($meta:tt)*] [$vis:vis] $Name:ident [$($path:tt)*] [$Base:ident] $($scope:ident)*) => {
        $($meta)*
        #[derive(Clone, Debug)]
        $vis struct $Name($crate::TokenValue);

        const _: () = {
            #[allow(unused_imports)]
            use $($path)* as provider;

            impl ::std::convert::From<provider::$Base> for $Name {
                fn from(token: provider::$Base) -> Self {
                    let value = $crate::Credential::value(&token).clone();
                    Self(value.retyped(<Self as $crate::Credential>::SPEC))
                }
            }
            impl $Name {
                /// Wraps the secret.
                #[allow(dead_code)]
                $vis fn new(secret: impl ::std::convert::Into<$crate::Secret>) -> Self {
                    const {
                        assert!(
                            <$Name as $crate::Credential>::SPEC.fields.len() == 1,
                            "this token has several fields: make it from a token of the provider, with `from`"
                        );
                    }
                    Self($crate::TokenValue::new(
                        <$Name as $crate::Credential>::SPEC,
                        [::std::option::Option::Some(secret.into())],
                    ))
                }
            }
            impl $crate::Credential for $Name {
                const SPEC: &'static $crate::TokenSpec = &$crate::TokenSpec {
                    type_name: ::std::stringify!($Name),
                    ..*<provider::$Base as $crate::Credential>::SPEC
                };
                fn value(&self) -> &$crate::TokenValue {
                    &self.0
                }
            }
            impl provider::Token for $Name {
                const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
            }
            $(
                impl provider::scope::$scope for $Name {
                    const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
                }
                // What is made from a token can do no more than that.
                const _: fn() = || {
                    fn holds<T: provider::scope::$scope>() {}
                    holds::<provider::$Base>();
                };
            )*
            provider::__token! { $Name $Base $($scope)* }
        };
    };
}

/// Declares a role of the application's own, which lists exactly the named scopes.
///
/// ```ignore
/// tollgate::role! {
///     /// Reads what the dashboard shows.
///     pub struct Reporting: flexprice [event_read, invoice_read]
/// }
///
/// let key = flexprice::ApiKey::<Reporting>::new("secret");
/// ```
#[macro_export]
macro_rules! role {
    // As with `token!`: a provider may have no roles.
    ($(#[$meta:meta])* $vis:vis struct $Name:ident: $($path:ident)::+ [$($scope:ident),* $(,)?] $(;)?) => {
        $($path)::+::__role! { @declare; [[$(#[$meta])*] [$vis] $Name [$($path)::+]] $($scope)* }
    };
    (@declare [$($meta:tt)*] [$vis:vis] $Name:ident [$($path:tt)*] $($scope:ident)*) => {
        $($meta)*
        #[derive(Clone, Copy, Debug)]
        $vis struct $Name;

        const _: () = {
            #[allow(unused_imports)]
            use $($path)* as provider;

            impl provider::role::Role for $Name {
                const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
            }
            $(
                impl provider::role::lists::$scope for $Name {
                    const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
                }
            )*
            impl<More: provider::role::Role $(+ provider::role::lists::$scope)*> provider::role::Within<More> for $Name {
                const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
            }
            provider::__role! { $Name $($scope)* }
        };
    };
}

/// What a provider's hidden macros write into [`token!`](crate::token!) and [`role!`](crate::role!): one tick.
/// `provider` is the provider's module, under the name that these macros give it.
#[doc(hidden)]
#[macro_export]
macro_rules! __tick {
    ($Name:ident: $($what:ident)::+) => {
        impl provider::$($what)::+ for $Name {
            const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
        }
    };
}

/// What a token shares with its base, and who may be narrowed to it: whoever shares it too and holds its scopes.
#[doc(hidden)]
#[macro_export]
macro_rules! __share {
    ($Name:ident: [$($($what:ident)::+),*] $($scope:ident)*) => {
        $($crate::__tick! { $Name: $($what)::+ })*
        impl<T> $crate::WithinScopesOf<T> for $Name
        where
            T: provider::Token $(+ provider::scope::$scope)*,
            $Name: $crate::WithinRulesOf<T>,
        {
            const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
        }
        #[diagnostic::do_not_recommend]
        impl<T> $crate::WithinRulesOf<T> for $Name
        where
            T: provider::Token $(+ provider::$($what)::+)*,
        {
            const USE_MACRO: $crate::Ticked = $crate::Ticked::YES;
        }
    };
}
