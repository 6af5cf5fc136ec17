//! What a descriptor says, as constants: generated code fills these in, and everything else in this crate reads them.
//!
//! All of it is `'static` data. Structs have public fields and a `DEFAULT`, so that generated code names only what
//! differs: `Spec { id: "orders.list", ..Spec::DEFAULT }`.

mod grant;
mod operation;
mod page;
mod place;
mod provider;
mod settings;
mod webhook;

pub use self::{
    grant::{
        ClientAuth, Grant, GrantBody, GrantFrom, GrantKind, GrantParam, GrantResponse, GrantValue, Signed, SignerOption,
    },
    operation::{BatchSpec, KeyPlace, Method, Spec},
    page::{PageSize, Pager, PagerKind, ParamAt},
    place::{Path, Place, Source, Step, TimeFormat},
    provider::{
        Carrier, EnvironmentSpec, FieldSpec, Named, NoVariables, Placement, Provider, ProviderSpec, Scheme, TokenSpec,
        VariableSpec,
    },
    settings::{Algorithm, Errors, Kind, Learn, Limit, Per, Retry, Rule, Settings, StatusMatch, When},
    webhook::{Encoding, SignatureSpec, SignedPart, WebhookSpec},
};
