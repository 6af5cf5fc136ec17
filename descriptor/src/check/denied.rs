//! Secrets that are declared as none: what is not secret may be shown.

use super::{Check, find, header, template::parse_template};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ClientAuth, GrantFrom, Scheme, Template, TemplatePart, Token};
use crate::span::Spanned;
use crate::syntax::{Entries, Settings, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Parameters of token requests that are secrets, as OAuth and its kin call them.
const PARAMS: [&str; 7] = [
    "assertion",
    "client_assertion",
    "client_secret",
    "password",
    "refresh_token",
    "secret",
    "subject_token",
];

/// Headers that carry nothing but credentials.
const HEADERS: [&str; 6] = [
    "Api-Key",
    "Authorization",
    "Proxy-Authorization",
    "X-Access-Token",
    "X-Api-Key",
    "X-Auth-Token",
];

/// Options of built-in signers that are secrets.
const OPTIONS: [&str; 2] = ["key", "session_token"];

impl Check<'_> {
    pub(super) fn check_denied_secrets(&mut self) {
        let descriptor = self.descriptor;
        for (at, (_, written)) in descriptor.tokens.iter().enumerate() {
            let Some(token) = self.model.tokens.get(at) else {
                continue;
            };
            let secrets = secrets(token);
            for (name, field) in written.fields.iter().flat_map(|fields| &fields.value) {
                let denied = field.secret.as_ref().filter(|secret| !secret.value);
                if let (Some(denied), Some(why)) = (denied, secrets.get(&name.value)) {
                    let problem = format!("the field `{}` is a secret", name.value);
                    self.push(
                        Diagnostic::new(Code::SecretDenied, denied.span, problem)
                            .label(*why)
                            .help("leave `secret` out: what is not secret may be shown"),
                    );
                }
            }
        }
        self.refuse_variables_as_keys();
        let resources = descriptor.resources.iter().map(|(_, resource)| resource);
        let operations = resources.clone().flat_map(|resource| &resource.operations);
        let settings = std::iter::once(&descriptor.settings)
            .chain(resources.map(|resource| &resource.settings))
            .chain(operations.map(|(_, operation)| &operation.settings));
        settings.for_each(|settings| self.refuse_secret_variables(settings));
    }

    /// A variable is no secret, so nothing is signed with one, and no token is got with one.
    fn refuse_variables_as_keys(&mut self) {
        let descriptor = self.descriptor;
        let fields = descriptor.tokens.iter().filter_map(|(_, token)| token.fields.as_ref());
        let fields: BTreeSet<&str> = fields
            .flat_map(|fields| fields.value.iter().map(|(name, _)| name.as_str()))
            .collect();
        let signers = descriptor
            .schemes
            .iter()
            .filter_map(|(_, scheme)| scheme.signer.as_ref());
        let keys = signers.flat_map(|signer| &signer.options).filter_map(|(name, value)| {
            let text = match &value.value {
                Value::Text(text) if OPTIONS.contains(&name.as_str()) => text,
                _ => return None,
            };
            Some((name, Spanned::new(text.clone(), value.span)))
        });
        let grants = descriptor.tokens.iter().filter_map(|(_, token)| token.grant.as_ref());
        let params = grants.flat_map(|grant| &grant.params);
        let params = params.filter(|(name, _)| PARAMS.contains(&name.as_str()));
        let written: Vec<_> = keys.chain(params.map(|(name, value)| (name, value.clone()))).collect();
        for (name, text) in written {
            let holes = parse_template(&text).map(|parsed| parsed.holes).unwrap_or_default();
            for (hole, range) in holes {
                if find(&descriptor.variables, &hole).is_some() && !fields.contains(hole.as_str()) {
                    let problem = format!("`{}` is a secret, and a variable is none", name.value);
                    self.push(
                        Diagnostic::new(Code::SecretDenied, text.part(range), problem)
                            .label("may be shown")
                            .help("make it a field of the token"),
                    );
                }
            }
        }
    }

    /// A variable is no secret, so a header of credentials is no place for one.
    fn refuse_secret_variables(&mut self, settings: &Settings) {
        let headers: Option<&Entries<Spanned<String>>> = settings.headers.as_ref().map(|headers| &headers.value);
        for (name, value) in headers.into_iter().flatten() {
            let holds = parse_template(value).is_ok_and(|parsed| !parsed.holes.is_empty());
            if holds && HEADERS.iter().any(|secret| header::same(secret, name)) {
                let problem = format!("the header `{}` carries a secret, and a variable is none", name.value);
                self.push(
                    Diagnostic::new(Code::SecretDenied, value.span, problem)
                        .label("may be shown")
                        .help("make it a field of a token, and name the header in its scheme"),
                );
            }
        }
    }
}

/// The fields of a token that are secrets by what they are used for, each with that use.
fn secrets(token: &Token) -> BTreeMap<String, &'static str> {
    let mut secrets = BTreeMap::new();
    of_scheme(&token.scheme, &mut secrets);
    let Some(grant) = &token.grant else {
        // What a scheme shows is worth something only if nobody else knows all of it.
        if let Scheme::Placed(placements) = &token.scheme {
            let shown: Vec<&str> = placements.iter().flat_map(|placed| holes(&placed.value)).collect();
            let is_open = |name: &str| token.fields.iter().any(|field| field.name == name && !field.secret);
            if shown.iter().all(|name| is_open(name)) {
                let first = shown.first().map(|name| (*name).to_owned());
                secrets.extend(first.map(|name| (name, "nothing else that this token shows is one")));
            }
        }
        return secrets;
    };
    let GrantFrom::Url {
        client_auth, params, ..
    } = &grant.from
    else {
        return secrets;
    };
    for name in ["client_secret", "refresh_token"] {
        secrets.insert(name.to_owned(), "what the token is got with");
    }
    if let ClientAuth::Scheme(scheme) = client_auth {
        of_scheme(scheme, &mut secrets);
    }
    for (_, template) in params.iter().filter(|(name, _)| PARAMS.contains(&name.as_str())) {
        secrets.extend(holes(template).map(|name| (name.to_owned(), "what the token is got with")));
    }
    secrets
}

/// What a scheme takes for a secret.
fn of_scheme(scheme: &Scheme, secrets: &mut BTreeMap<String, &'static str>) {
    match scheme {
        Scheme::None => {}
        Scheme::Placed(placements) => {
            let credentials = placements
                .iter()
                .filter(|placed| HEADERS.iter().any(|name| header::same(name, &placed.name)));
            let credentials = credentials.filter(|placed| holes(&placed.value).count() == 1);
            let fields = credentials.flat_map(|placed| holes(&placed.value));
            secrets.extend(fields.map(|name| (name.to_owned(), "shown in a header of credentials")));
        }
        Scheme::Basic { password, .. } => {
            secrets.extend(holes(password).map(|name| (name.to_owned(), "the password")));
        }
        Scheme::Signed(signed) => {
            for option in OPTIONS {
                let fields = token_holes(signed, option);
                secrets.extend(fields.map(|name| (name.to_owned(), "what requests are signed with")));
            }
        }
    }
}

fn token_holes<'s>(signed: &'s crate::model::Signed, option: &'s str) -> impl Iterator<Item = &'s str> {
    let options = signed.options.iter().filter(move |(name, _)| name == option);
    options.flat_map(|(_, value)| match value {
        crate::model::SignerOption::Text(template) => holes(template).collect(),
        crate::model::SignerOption::Json(_) => Vec::new(),
    })
}

fn holes(template: &Template) -> impl Iterator<Item = &str> {
    template.0.iter().filter_map(|part| match part {
        TemplatePart::Hole(name) => Some(name.as_str()),
        TemplatePart::Text(_) => None,
    })
}
