//! How a crate takes in what its build script generated.

/// Includes the client that `tollgate_codegen::configure()` generated in `build.rs`: a module named after the provider.
///
/// ```ignore
/// tollgate::include_provider!(acme);
///
/// let client = acme::Client::new(acme::Account::from_env()?)?;
/// ```
#[macro_export]
macro_rules! include_provider {
    ($provider:ident) => {
        ::std::include!(::std::concat!(
            ::std::env!("OUT_DIR"),
            "/",
            ::std::stringify!($provider),
            ".rs"
        ));
    };
}
