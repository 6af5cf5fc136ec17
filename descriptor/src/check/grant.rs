//! Grants: how short-lived tokens are got.
//!
//! Their fields are known with the tokens, so that schemes and paths can name them. The rest waits for the operations,
//! since a grant may be a call of one.

use super::{Check, find, place::Meaning, url};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ClientAuth, FieldName, Grant, GrantBody, GrantFrom, GrantKind, GrantResponse, Operation, ParamPlace, Path, Place,
    Presence, Source, Step, Template, TemplatePart, TimeFormat, TokenField, TokenId, Type,
};
use crate::span::{Span, Spanned};
use crate::syntax::{self, SchemeUse};
use std::collections::BTreeSet;

/// What a grant yields, in templates of the scheme.
pub(super) const YIELD: &str = "token";

const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";
const REFRESH_TOKEN: &str = "refresh_token";

const KINDS: [(&str, GrantKind); 3] = [
    ("client_credentials", GrantKind::ClientCredentials),
    ("refresh_token", GrantKind::RefreshToken),
    ("exchange", GrantKind::Exchange),
];

fn kind(grant: &syntax::Grant) -> Option<GrantKind> {
    let word = grant.type_.as_ref()?;
    let known = KINDS.iter().find(|(known, _)| *known == word.value);
    known.map(|(_, kind)| *kind)
}

impl<'d> Check<'d> {
    /// The fields of a token with a grant: the declared ones, else those that the kind of grant asks for.
    pub(super) fn granted_fields(
        &mut self,
        token: &'d syntax::Token,
        grant: &'d syntax::Grant,
        declared: Option<Vec<TokenField>>,
    ) -> Vec<TokenField> {
        if let Some(declared) = declared {
            self.refuse_yield_field(token);
            return declared;
        }
        let env = token.env.as_ref();
        let field = |check: &mut Self, name: &str, secret, env| TokenField {
            name: name.to_owned(),
            rust: FieldName(name.to_owned()),
            env: check.check_env(env),
            secret,
            optional: false,
        };
        let kind = kind(grant).filter(|_| grant.call.is_none());
        if let Some(span) = env.and_then(|env| env.texts().next()).map(|text| text.span)
            && kind != Some(GrantKind::RefreshToken)
        {
            let problem = Diagnostic::new(Code::ConflictingKeys, span, "`env` of a token that is got by a grant")
                .label("which of the values that it is got with?")
                .help("give each value its own: `fields: { client_id: { env: … }, client_secret: { env: … } }`");
            self.push(problem);
        }
        match kind {
            Some(GrantKind::ClientCredentials) => vec![
                field(self, CLIENT_ID, false, None),
                field(self, CLIENT_SECRET, true, None),
            ],
            Some(GrantKind::RefreshToken) => vec![field(self, REFRESH_TOKEN, true, env)],
            Some(GrantKind::Exchange) | None => Vec::new(),
        }
    }

    fn refuse_yield_field(&mut self, token: &'d syntax::Token) {
        let declared = token.fields.iter().flat_map(|fields| &fields.value);
        for (name, _) in declared.filter(|(name, _)| name.value == YIELD) {
            let problem = Diagnostic::new(
                Code::ReservedName,
                name.span,
                "the field `token` is what the grant yields",
            )
            .help("give the field another name");
            self.push(problem);
        }
    }

    /// All grants; the operations are known.
    pub(super) fn check_grants(&mut self) {
        let descriptor = self.descriptor;
        for (at, (name, token)) in descriptor.tokens.iter().enumerate() {
            if let Some(grant) = &token.grant {
                let checked = self.check_grant(TokenId(at), name, grant);
                if let Some(token) = self.model.tokens.get_mut(at) {
                    token.grant = checked;
                }
            }
        }
        self.check_grant_cycles();
    }

    fn check_grant(&mut self, token: TokenId, name: &'d Spanned<String>, grant: &'d syntax::Grant) -> Option<Grant> {
        let word = grant.type_.as_ref();
        let kind = kind(grant);
        if let Some(word) = word.filter(|_| kind.is_none()) {
            self.unknown_word("kind of grant", word, KINDS.map(|(known, _)| known));
        }
        let lifetime = grant.lifetime.as_ref().and_then(|text| self.check_duration(text));
        let rate_limits = grant.rate_limit.as_ref();
        let rate_limits = rate_limits.map_or_else(Vec::new, |limit| self.check_rate_limit_use(limit));
        let response = self.check_grant_response(grant, kind);
        let from = match &grant.call {
            Some(call) => self.check_grant_call(token, kind, call, grant),
            None => self.check_grant_url(token, kind, name, grant),
        };
        Some(Grant {
            kind: kind?,
            from: from?,
            response: response?,
            lifetime,
            rate_limits,
            persist: grant.persist.as_ref().is_some_and(|persist| persist.value),
        })
    }

    fn check_grant_response(&mut self, grant: &syntax::Grant, kind: Option<GrantKind>) -> Option<GrantResponse> {
        let Some(written) = &grant.response else {
            if kind == Some(GrantKind::Exchange) {
                let problem = Diagnostic::new(Code::MissingKey, grant.span, "an exchange has no `response`")
                    .help("say where the answer holds the token: `response: { token: $.token }`");
                self.push(problem);
                return None;
            }
            return Some(usual_response(kind));
        };
        let mut time = |place: Option<&syntax::Place>, usual: &[TimeFormat]| {
            let mut place = self.check_place(place?, Meaning::UsualTime)?;
            if place.formats.is_empty() {
                place.formats = usual.to_vec();
            }
            Some(place)
        };
        let expires_in = time(written.expires_in.as_ref(), &EXPIRES_IN);
        let expires_at = time(written.expires_at.as_ref(), &EXPIRES_AT);
        let token = written.token.as_ref();
        let refresh_token = written.refresh_token.as_ref();
        let refresh_token = refresh_token.and_then(|place| self.check_place(place, Meaning::Value));
        Some(GrantResponse {
            token: token.and_then(|place| self.check_place(place, Meaning::Value))?,
            expires_in,
            expires_at,
            refresh_token,
        })
    }

    fn check_grant_url(
        &mut self,
        token: TokenId,
        kind: Option<GrantKind>,
        name: &'d Spanned<String>,
        grant: &'d syntax::Grant,
    ) -> Option<GrantFrom> {
        if let Some(with) = &grant.with {
            let problem = Diagnostic::new(Code::ConflictingKeys, with.span, "`with` without `call`")
                .label("a URL is asked with the fields of this token alone");
            self.push(problem.help("name an operation: `call: resource.operation`"));
        }
        let fields: Vec<String> = self.model.token(token).fields.iter().map(|f| f.name.clone()).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let variables = self.descriptor.variables.iter().map(|(name, _)| name.as_str());
        let known: Vec<&str> = fields.iter().copied().chain(variables).collect();
        let params = grant.params.iter().map(|(name, text)| {
            let template = self.check_template(text, "field of the token and no variable", &known);
            (name.value.clone(), template)
        });
        let params = params.collect();
        if kind == Some(GrantKind::RefreshToken) && !fields.contains(&REFRESH_TOKEN) {
            self.missing_grant_field(grant.span, "the grant `refresh_token`", REFRESH_TOKEN, &fields);
        }
        let client_auth = self.check_client_auth(kind, name, grant, &fields);
        let body = match grant.body.as_ref().map(|body| (body, body.as_str())) {
            None | Some((_, "form")) => GrantBody::Form,
            Some((_, "json")) => GrantBody::Json,
            Some((body, _)) => {
                self.unknown_word("form of a body", body, ["form", "json"]);
                GrantBody::Form
            }
        };
        Some(GrantFrom::Url {
            url: self.check_token_url(grant.url.as_ref()?),
            client_auth,
            body,
            params,
        })
    }

    /// An absolute URL, or a path below the base URL; either over the variables.
    fn check_token_url(&mut self, text: &'d Spanned<String>) -> Template {
        let variables = self.descriptor.variables.iter().map(|(name, _)| name.as_str());
        let variables: Vec<&str> = variables.collect();
        let template = self.check_template(text, "variable", &variables);
        if text.starts_with('/') {
            if text.contains(['?', '#']) || text.contains(char::is_whitespace) {
                let message = format!("a query, a fragment or a blank in the path `{}`", text.value);
                self.push(Diagnostic::new(Code::BadUrl, text.span, message).help("further values are `params`"));
            }
        } else if matches!(template.0.first(), Some(TemplatePart::Text(_))) {
            self.report_url(text, url::check_text(&url::filled(&template)));
        } else if !template.0.is_empty() {
            let message = format!("`{}` does not say which host it is sent to", text.value);
            let problem = Diagnostic::new(Code::BadUrl, text.span, message);
            self.push(problem.help("begin with `https://`, or with `/` for a path below the base URL"));
        }
        template
    }

    fn check_client_auth(
        &mut self,
        kind: Option<GrantKind>,
        name: &'d Spanned<String>,
        grant: &'d syntax::Grant,
        fields: &[&str],
    ) -> ClientAuth {
        let has = |field: &str| fields.contains(&field);
        let Some(written) = &grant.client_auth else {
            return match kind {
                Some(GrantKind::ClientCredentials) => {
                    self.need_fields(
                        grant.span,
                        "the grant `client_credentials`",
                        &[CLIENT_ID, CLIENT_SECRET],
                        fields,
                    );
                    ClientAuth::Basic
                }
                Some(GrantKind::RefreshToken) if has(CLIENT_ID) && has(CLIENT_SECRET) => ClientAuth::Basic,
                Some(GrantKind::RefreshToken) if has(CLIENT_ID) => ClientAuth::Body,
                _ => ClientAuth::None,
            };
        };
        match written.as_str() {
            "none" => ClientAuth::None,
            "basic" => {
                self.need_fields(
                    written.span,
                    "`client_auth: basic`",
                    &[CLIENT_ID, CLIENT_SECRET],
                    fields,
                );
                ClientAuth::Basic
            }
            "body" => {
                let needed: &[&str] = match kind {
                    Some(GrantKind::ClientCredentials) => &[CLIENT_ID, CLIENT_SECRET],
                    _ => &[CLIENT_ID],
                };
                self.need_fields(written.span, "`client_auth: body`", needed, fields);
                ClientAuth::Body
            }
            scheme => {
                let known = find(&self.descriptor.schemes, scheme).is_some();
                if known {
                    ClientAuth::Scheme(self.check_scheme(&SchemeUse::Name(written.clone()), fields, name))
                } else {
                    let schemes = self.descriptor.schemes.iter().map(|(name, _)| name.as_str());
                    self.dangling("scheme", written, schemes.chain(["basic", "body", "none"]));
                    ClientAuth::None
                }
            }
        }
    }

    fn need_fields(&mut self, span: Span, who: &str, needed: &[&str], fields: &[&str]) {
        for field in needed.iter().filter(|field| !fields.contains(field)) {
            self.missing_grant_field(span, who, field, fields);
        }
    }

    fn missing_grant_field(&mut self, span: Span, who: &str, field: &str, fields: &[&str]) {
        let problem = Diagnostic::new(Code::DanglingName, span, format!("{who} needs the field `{field}`"));
        self.push(problem.help_nearest(field, fields.iter().copied()));
    }

    /// What is wrong with the keys beside a call.
    fn check_call_keys(&mut self, kind: Option<GrantKind>, call: &Spanned<String>, grant: &'d syntax::Grant) {
        let limit = grant.rate_limit.as_ref().and_then(|limit| match limit {
            syntax::RateLimitUse::Names(names) => Some(names.span),
            syntax::RateLimitUse::None(_) => None,
        });
        let keys = [
            ("client_auth", grant.client_auth.as_ref().map(|text| text.span)),
            ("body", grant.body.as_ref().map(|text| text.span)),
            ("params", grant.params.first().map(|(name, _)| name.span)),
            ("rate_limit", limit),
        ];
        for (key, span) in keys {
            if let Some(span) = span {
                let problem = Diagnostic::new(Code::ConflictingKeys, span, format!("`{key}` of a grant by `call`"));
                self.push(problem.label("the operation says how it is asked"));
            }
        }
        if let Some(word) = grant
            .type_
            .as_ref()
            .filter(|_| kind.is_some_and(|kind| kind != GrantKind::Exchange))
        {
            let problem = Diagnostic::new(
                Code::ConflictingKeys,
                word.span,
                format!("a call is no `{}`", word.value),
            );
            self.push(problem.help("write `type: exchange`, or give a `url`"));
        }
        if grant.with.as_ref().is_none_or(|with| with.value.is_empty()) {
            let problem = Diagnostic::new(Code::MissingKey, call.span, "a `call` without `with`");
            self.push(problem.help("name the tokens that may make it: `with: [token]`"));
        }
    }

    fn check_grant_call(
        &mut self,
        token: TokenId,
        kind: Option<GrantKind>,
        call: &'d Spanned<String>,
        grant: &'d syntax::Grant,
    ) -> Option<GrantFrom> {
        self.check_call_keys(kind, call, grant);
        let descriptor = self.descriptor;
        let with: Vec<_> = grant.with.iter().flat_map(|with| &with.value).collect();
        let with = with.into_iter().filter_map(|name| {
            let at = self.resolve("token", name, &descriptor.tokens)?;
            Some((TokenId(at), name))
        });
        let with: Vec<(TokenId, &Spanned<String>)> = with.collect();
        let (resource, operation) = self.check_operation_name(call)?;
        let written = descriptor.resources.get(resource)?.1.operations.get(operation)?;
        let seen = self.seen.operations.iter();
        let seen = seen
            .clone()
            .find(|seen| seen.written_at == resource && seen.name.span == written.0.span);
        // An operation of the OpenAPI file cannot be judged yet.
        let (place, unsure) = seen.map(|seen| (seen.place, seen.unsure_guard))?;
        let operation = self.seen_operation(place)?.clone();
        let unsure = unsure || self.is_unsure(&operation.guard);
        if let Some((span, problem)) = self.call_problem(&operation, call, &with, unsure) {
            let message = format!("`{}` cannot be called for a token", call.value);
            self.push(Diagnostic::new(Code::GrantCallRefused, span, message).label(problem));
            return None;
        }
        let tokens: Vec<TokenId> = with.iter().map(|(id, _)| *id).collect();
        let params = self.call_params(token, call, &operation, &tokens)?;
        Some(GrantFrom::Call {
            resource: place.0,
            operation: place.1,
            with: tokens,
            params,
        })
    }

    /// Why the operation cannot be called by the client itself, and where that is written.
    fn call_problem(
        &self,
        operation: &Operation,
        call: &Spanned<String>,
        with: &[(TokenId, &Spanned<String>)],
        unsure: bool,
    ) -> Option<(Span, String)> {
        if !unsure && operation.guard == crate::model::Guard::Public {
            return Some((call.span, "it is public, and no token is shown to it".to_owned()));
        }
        let refused = with.iter().find(|(token, _)| !self.may_call(*token, &operation.guard));
        if let Some((_, name)) = refused.filter(|_| !unsure) {
            return Some((name.span, format!("the matrix refuses the token `{}`", name.value)));
        }
        if operation.body.is_some() {
            return Some((call.span, "it needs a body".to_owned()));
        }
        if let Some(choice) = operation.choices.iter().find(|choice| choice.required) {
            return Some((call.span, format!("it needs `{}`, one of several", choice.rust)));
        }
        operation.params.iter().find_map(|param| {
            let wire = &param.wire;
            let required = match &param.presence {
                Presence::Optional => return None,
                Presence::Required => true,
                Presence::Const(_) => false,
                Presence::ByToken(rule) => {
                    let required = |token: &TokenId| self.model.rule(*rule).required.contains(token);
                    let count = with.iter().filter(|(token, _)| required(token)).count();
                    if count != 0 && count != with.len() {
                        return Some((
                            call.span,
                            format!("some of these tokens need `{wire}`, and some do not"),
                        ));
                    }
                    count != 0
                }
            };
            let in_body = matches!(param.place, ParamPlace::Body(_));
            let is_written = required || matches!(param.presence, Presence::Const(_));
            if in_body && is_written {
                return Some((call.span, format!("it has a body, which holds `{wire}`")));
            }
            let is_list = matches!(param.ty, Type::List(_) | Type::Map(_) | Type::Bytes);
            (required && is_list).then(|| (call.span, format!("`{wire}` is not a single value")))
        })
    }

    /// The required parameters of the operation, each as a field of the token.
    fn call_params(
        &mut self,
        token: TokenId,
        call: &Spanned<String>,
        operation: &Operation,
        with: &[TokenId],
    ) -> Option<Vec<(String, usize)>> {
        let environments = self.descriptor.environments.len();
        let mut params = Vec::new();
        for (at, param) in operation.params.iter().enumerate() {
            let required = match &param.presence {
                Presence::Required => true,
                Presence::ByToken(rule) => with.iter().any(|token| self.model.rule(*rule).required.contains(token)),
                Presence::Optional | Presence::Const(_) => false,
            };
            if !required {
                continue;
            }
            let name = param.rust.as_str().trim_end_matches('_').to_owned();
            if name == YIELD {
                let message = format!("`{}` cannot be called for a token", call.value);
                let problem = Diagnostic::new(Code::GrantCallRefused, call.span, message)
                    .label("its `token` would be a field of the token, and that name is what the grant yields")
                    .help("give the param another name in Rust: its key, with the wire name as `name`");
                self.push(problem);
                return None;
            }
            params.push((name.clone(), at));
            let fields = &mut self.model.tokens.get_mut(token.0)?.fields;
            if fields.iter().all(|field| field.name != name) {
                fields.push(TokenField {
                    name,
                    rust: param.rust.clone(),
                    env: vec![None; environments],
                    secret: false,
                    optional: false,
                });
            }
        }
        Some(params)
    }

    /// A token that is got with itself is never got.
    fn check_grant_cycles(&mut self) {
        let descriptor = self.descriptor;
        for token in self.model.token_ids() {
            let mut seen = BTreeSet::new();
            let mut open = self.sources_of(token);
            while let Some(next) = open.pop() {
                if seen.insert(next) {
                    open.extend(self.sources_of(next));
                }
            }
            let grant = descriptor
                .tokens
                .get(token.0)
                .and_then(|(_, token)| token.grant.as_ref());
            if let Some(with) = grant
                .and_then(|grant| grant.with.as_ref())
                .filter(|_| seen.contains(&token))
            {
                let name = &self.model.token(token).name;
                let message = format!("the token `{name}` is got with itself");
                self.push(
                    Diagnostic::new(Code::GrantCallRefused, with.span, message)
                        .label("the calls go round in a circle")
                        .help("one of them begins with a token that somebody has"),
                );
            }
        }
    }

    fn sources_of(&self, token: TokenId) -> Vec<TokenId> {
        match self.model.token(token).grant.as_ref().map(|grant| &grant.from) {
            Some(GrantFrom::Call { with, .. }) => with.clone(),
            Some(GrantFrom::Url { .. }) | None => Vec::new(),
        }
    }
}

/// How a length of time is usually written.
const EXPIRES_IN: [TimeFormat; 2] = [TimeFormat::Seconds, TimeFormat::Duration];
/// How a point in time is usually written.
const EXPIRES_AT: [TimeFormat; 3] = [TimeFormat::Rfc3339, TimeFormat::Unix, TimeFormat::HttpDate];

/// As OAuth 2.0 has it.
fn usual_response(kind: Option<GrantKind>) -> GrantResponse {
    let place = |name: &str, formats: &[TimeFormat]| Place {
        source: Source::Body(Path(vec![Step::Name(name.to_owned())])),
        formats: formats.to_vec(),
        pattern: None,
    };
    let replaced = kind == Some(GrantKind::RefreshToken);
    GrantResponse {
        token: place("access_token", &[]),
        expires_in: Some(place("expires_in", &EXPIRES_IN)),
        expires_at: None,
        refresh_token: replaced.then(|| place(REFRESH_TOKEN, &[])),
    }
}
