//! Grants: how short-lived tokens are got.
//!
//! Their fields are known with the tokens, so that schemes and paths can name them. The rest waits for the operations,
//! since a grant may be a call of one.

mod call;

use super::{Check, find, place::Meaning, url};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ClientAuth, FieldName, Grant, GrantBody, GrantFrom, GrantKind, GrantResponse, Path, Place, Source, Step, Template,
    TemplatePart, TimeFormat, TokenField, TokenId,
};
use crate::span::{Span, Spanned};
use crate::syntax::{self, SchemeUse};

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
