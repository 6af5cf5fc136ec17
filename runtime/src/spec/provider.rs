//! Who a provider is, where it runs, and how its tokens travel.

use super::{Grant, Signed};

/// A provider, as a type: the marker of its connections and tokens.
pub trait Provider: Send + Sync + 'static {
    /// Where it runs.
    type Environment: Named;
    /// What its URLs are filled with; [`NoVariables`] where there is nothing.
    type Variable: Named;
    /// What is constant about it.
    const SPEC: &'static ProviderSpec;
}

/// One of a fixed list of names.
pub trait Named: Copy + Default + Send + Sync + 'static {
    /// Its position in the list.
    fn index(self) -> usize;
}

/// The variables of a provider that has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables(());

impl Named for NoVariables {
    fn index(self) -> usize {
        usize::MAX
    }
}

/// What is constant about a provider.
#[derive(Debug)]
pub struct ProviderSpec {
    /// `flex_forward`
    pub id: &'static str,
    /// `Flex Forward Shipping`
    pub title: &'static str,
    /// The first is the default.
    pub environments: &'static [EnvironmentSpec],
    /// What URLs and headers are filled with.
    pub variables: &'static [VariableSpec],
    /// Its token types.
    pub tokens: &'static [&'static TokenSpec],
}

/// An environment.
#[derive(Debug)]
pub struct EnvironmentSpec {
    /// `production`
    pub name: &'static str,
    /// May hold `{variable}` holes.
    pub base_url: &'static str,
    /// Further hosts by name.
    pub hosts: &'static [(&'static str, &'static str)],
}

/// A variable.
#[derive(Debug)]
pub struct VariableSpec {
    /// As in the holes.
    pub name: &'static str,
    /// The environment variable that is asked where no value is given.
    pub env: Option<&'static str>,
    /// Where nothing is given.
    pub default: Option<&'static str>,
    /// What a value must match, whole.
    pub pattern: Option<&'static str>,
    /// The allowed values; empty for any.
    pub allowed: &'static [&'static str],
}

/// A token type.
#[derive(Clone, Copy, Debug)]
pub struct TokenSpec {
    /// `channel`
    pub name: &'static str,
    /// `Channel`
    pub type_name: &'static str,
    /// How it travels.
    pub scheme: Scheme,
    /// What a value consists of.
    pub fields: &'static [FieldSpec],
    /// What a value begins with, by environment; empty where nothing is known.
    pub prefix: &'static [Option<&'static str>],
    /// What a value matches, whole.
    pub pattern: Option<&'static str>,
    /// How the short-lived token is got that travels as the field `token`; `None` where the value itself travels.
    pub grant: Option<&'static Grant>,
}

impl TokenSpec {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        name: "",
        type_name: "",
        scheme: Scheme::None,
        fields: &[],
        prefix: &[],
        pattern: None,
        grant: None,
    };
}

/// A part of a token's value.
#[derive(Debug)]
pub struct FieldSpec {
    /// As in the templates of the scheme.
    pub name: &'static str,
    /// The environment variable, by environment; empty where there is none.
    pub env: &'static [Option<&'static str>],
    /// Whether it may be missing.
    pub optional: bool,
}

/// How a secret travels. Templates hold the token's fields.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    /// Not at all.
    None,
    /// HTTP basic authentication.
    Basic {
        /// Before the colon.
        username: &'static str,
        /// After it.
        password: &'static str,
    },
    /// In all of these places.
    Placed(&'static [Placement]),
    /// By a signature over the request or over claims.
    Signed(&'static Signed),
}

/// A header, query parameter or cookie of a scheme.
#[derive(Debug)]
pub struct Placement {
    /// Where.
    pub at: Carrier,
    /// Its name.
    pub name: &'static str,
    /// Its template.
    pub value: &'static str,
}

/// Where a [`Placement`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A request header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
    /// A parameter of a form or a field of a JSON object, of token requests only.
    Body,
}
