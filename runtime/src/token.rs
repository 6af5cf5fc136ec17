//! Token values: the parts of a secret, and the description of how they travel.

use crate::{Secret, TokenSpec, pattern};
use std::{env, ffi::OsString, fmt, sync::Arc};

/// The value of a token: its fields, by the description of its type.
///
/// Neither its `Debug` nor anything else prints a value.
#[derive(Clone)]
pub struct TokenValue {
    spec: &'static TokenSpec,
    fields: Vec<Option<Secret>>,
    /// What it is got with, where an operation yields it.
    source: Option<Arc<TokenValue>>,
    /// What a grant yielded, on its way into a request.
    granted: Option<Secret>,
}

impl TokenValue {
    /// A value of these fields, in the order of [`TokenSpec::fields`]. A missing one is `None`.
    #[must_use]
    pub fn new<const N: usize>(spec: &'static TokenSpec, fields: [Option<Secret>; N]) -> Self {
        Self {
            spec,
            fields: fields.into(),
            source: None,
            granted: None,
        }
    }

    /// The same value, got with another token.
    #[must_use]
    pub fn got_with(mut self, source: &TokenValue) -> Self {
        self.source = Some(Arc::new(source.clone()));
        self
    }

    /// The same value with what its grant yielded.
    pub(crate) fn granted(&self, token: Secret) -> Self {
        let granted = Some(token);
        Self {
            granted,
            ..self.clone()
        }
    }

    /// What it is got with, where an operation yields it.
    pub(crate) fn source(&self) -> Option<&TokenValue> {
        self.source.as_deref()
    }

    /// Reads the environment variables that the descriptor names for the environment with this position. White space
    /// around a value is not part of it.
    ///
    /// # Errors
    /// When a variable of a required field is unset, empty or not Unicode. The error names the variable, never its value.
    pub fn from_env(spec: &'static TokenSpec, environment: usize) -> Result<Self, TokenError> {
        Self::from_variables(spec, environment, env::var_os)
    }

    fn from_variables(
        spec: &'static TokenSpec,
        environment: usize,
        read: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, TokenError> {
        let token = spec.type_name;
        let mut fields = Vec::with_capacity(spec.fields.len());
        for field in spec.fields {
            let Some(variable) = field.env.get(environment).copied().flatten() else {
                if field.optional {
                    fields.push(None);
                    continue;
                }
                let field = field.name;
                return Err(TokenError::NoVariable { token, field });
            };
            let secret = match read(variable).map(OsString::into_string) {
                None if field.optional => None,
                None => return Err(TokenError::Unset { token, variable }),
                Some(Err(_)) => return Err(TokenError::NotUnicode { token, variable }),
                Some(Ok(value)) => Some(Secret::new(value.trim())).filter(|secret| !secret.expose().is_empty()),
            };
            if secret.is_none() && !field.optional {
                return Err(TokenError::Empty { token, variable });
            }
            fields.push(secret);
        }
        Ok(Self {
            spec,
            fields,
            source: None,
            granted: None,
        })
    }

    /// The same value with another field, by its position in [`TokenSpec::fields`].
    #[must_use]
    pub fn with(mut self, index: usize, secret: impl Into<Secret>) -> Self {
        if self.fields.len() <= index {
            self.fields.resize(index + 1, None);
        }
        self.fields[index] = Some(secret.into());
        self
    }

    /// The same fields, as the value of another type that has them, too.
    #[must_use]
    pub fn retyped(mut self, spec: &'static TokenSpec) -> Self {
        self.spec = spec;
        self
    }

    /// What is constant about its type.
    #[must_use]
    pub fn spec(&self) -> &'static TokenSpec {
        self.spec
    }

    /// The field of this name, if it has one and it is set. What a grant yielded is the field `token`.
    pub(crate) fn field(&self, name: &str) -> Option<&Secret> {
        if self.spec.grant.is_some() && name == "token" {
            return self.granted.as_ref();
        }
        let index = self.spec.fields.iter().position(|field| field.name == name)?;
        self.fields.get(index)?.as_ref()
    }

    /// All fields, in the order of [`TokenSpec::fields`].
    pub(crate) fn fields(&self) -> &[Option<Secret>] {
        &self.fields
    }

    /// Whether the value looks like one of this type; `None` where nothing is known of it.
    pub(crate) fn looks_like(&self, spec: &TokenSpec, environment: usize) -> Option<bool> {
        let value = self.fields.first()?.as_ref()?.expose();
        let prefix = spec.prefix.get(environment).copied().flatten();
        let begins = prefix.map(|prefix| value.starts_with(prefix));
        let matches = spec.pattern.map(|expected| pattern::matches_whole(expected, value));
        begins.into_iter().chain(matches).reduce(|one, other| one && other)
    }

    /// Warns where the value does not look like one of this type. It is sent all the same: formats change.
    pub(crate) fn check_format(&self, environment: usize) {
        // What a grant yields is not here yet.
        let fields = if self.spec.grant.is_none() {
            self.fields.first()
        } else {
            None
        };
        let Some(secret) = fields.and_then(Option::as_ref) else {
            return;
        };
        let token = self.spec.type_name;
        if let Some(prefix) = self.spec.prefix.get(environment).copied().flatten()
            && !secret.expose().starts_with(prefix)
        {
            tracing::warn!(
                target: "tollgate::token",
                token,
                expected = prefix,
                "the token does not begin as one of its type does"
            );
        }
        if let Some(expected) = self.spec.pattern
            && !pattern::matches_whole(expected, secret.expose())
        {
            tracing::warn!(target: "tollgate::token", token, expected, "the token does not look like one of its type");
        }
    }
}

impl fmt::Debug for TokenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut output = f.debug_struct(self.spec.type_name);
        for (index, field) in self.spec.fields.iter().enumerate() {
            output.field(field.name, &self.fields.get(index).and_then(Option::as_ref));
        }
        if let Some(source) = &self.source {
            output.field("got_with", source);
        }
        if let Some(granted) = &self.granted {
            output.field("granted", granted);
        }
        output.finish()
    }
}

/// Why a token could not be read from the environment. It names variables, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The variable is not set.
    Unset {
        /// The token type.
        token: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
    /// The variable is set to nothing.
    Empty {
        /// The token type.
        token: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
    /// The variable holds bytes that are not Unicode.
    NotUnicode {
        /// The token type.
        token: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
    /// The descriptor names no variable for this field in this environment.
    NoVariable {
        /// The token type.
        token: &'static str,
        /// The field.
        field: &'static str,
    },
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset { token, variable } => {
                write!(
                    f,
                    "the environment variable `{variable}` of the token `{token}` is not set"
                )
            }
            Self::Empty { token, variable } => {
                write!(
                    f,
                    "the environment variable `{variable}` of the token `{token}` is empty"
                )
            }
            Self::NotUnicode { token, variable } => {
                write!(
                    f,
                    "the environment variable `{variable}` of the token `{token}` is not Unicode"
                )
            }
            Self::NoVariable { token, field } => write!(
                f,
                "the field `{field}` of the token `{token}` has no environment variable here: give it in code"
            ),
        }
    }
}

impl std::error::Error for TokenError {}

/// What a token shows. Each provider's own `Token` trait stands on it.
pub trait Credential: fmt::Debug + Send + Sync + 'static {
    /// What is constant about the type.
    const SPEC: &'static TokenSpec;

    /// The value.
    fn value(&self) -> &TokenValue;
}

/// No token: a client that may call `public` operations only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

static NO_VALUE: TokenValue = TokenValue {
    spec: Anonymous::SPEC,
    fields: Vec::new(),
    source: None,
    granted: None,
};

impl Credential for Anonymous {
    const SPEC: &'static TokenSpec = &TokenSpec {
        name: "anonymous",
        type_name: "Anonymous",
        ..TokenSpec::DEFAULT
    };

    fn value(&self) -> &TokenValue {
        &NO_VALUE
    }
}

#[cfg(test)]
mod tests;
