//! Schemes: how a secret travels.

use super::{Check, find, header, signer, template::Parsed};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Carrier, Placement, Scheme, Signed, Template, TemplatePart};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Entries, SchemeUse};

/// What a token may say as `scheme` without an entry.
const BUILT_IN: [&str; 3] = ["bearer", "basic", "none"];

impl<'d> Check<'d> {
    /// What every scheme must be, whether or not a token uses it.
    pub(super) fn check_scheme_entries(&mut self) {
        for (name, scheme) in &self.descriptor.schemes {
            self.check_snake_case(name, "scheme");
            if BUILT_IN.contains(&name.as_str()) {
                self.push(
                    Diagnostic::new(
                        Code::ReservedName,
                        name.span,
                        format!("the scheme `{}` is built in", name.value),
                    )
                    .help("give it another name, or leave the entry out"),
                );
            }
            for (header, _) in &scheme.header {
                self.check_header_name(header);
            }
            for (_, template) in scheme
                .header
                .iter()
                .chain(&scheme.query)
                .chain(&scheme.cookie)
                .chain(&scheme.body)
            {
                self.read_template(template);
            }
            if let Some(signer) = &scheme.signer {
                self.check_signer(scheme, signer);
            }
        }
    }

    /// The scheme of a token, over its fields.
    pub(super) fn check_scheme(&mut self, scheme: &SchemeUse, fields: &[&str], token: &Spanned<String>) -> Scheme {
        let descriptor = self.descriptor;
        match scheme {
            SchemeUse::Name(name) if name.value == "bearer" => {
                if !fields.contains(&"token") {
                    self.missing_field("token", name.span, "bearer", fields);
                }
                bearer()
            }
            SchemeUse::Name(name) if name.value == "none" => Scheme::None,
            SchemeUse::Name(name) => {
                let found = find(&descriptor.schemes, name).and_then(|at| descriptor.schemes.get(at));
                if let Some((_, scheme)) = found {
                    return self.check_entry(scheme, fields, token);
                }
                let known = descriptor.schemes.iter().map(|(known, _)| known.as_str());
                self.dangling("scheme", name, known.chain(BUILT_IN));
                Scheme::None
            }
            SchemeUse::Basic(basic) => self.check_basic(basic, fields),
        }
    }

    /// An entry of `schemes`, over the fields of the token that uses it or whose grant does.
    pub(super) fn check_entry(
        &mut self,
        scheme: &'d syntax::Scheme,
        fields: &[&str],
        token: &Spanned<String>,
    ) -> Scheme {
        if let Some(basic) = &scheme.basic {
            return self.check_basic(basic, fields);
        }
        let own = scheme.signer.as_ref();
        let own = own.map(|signer| signer::in_placements(&signer.name));
        let mut placements = Vec::new();
        let carriers = [
            (Carrier::Header, &scheme.header),
            (Carrier::Query, &scheme.query),
            (Carrier::Cookie, &scheme.cookie),
            (Carrier::Body, &scheme.body),
        ];
        for (at, entries) in carriers {
            self.check_placements((at, own), entries, fields, token, &mut placements);
        }
        match &scheme.signer {
            None => Scheme::Placed(placements),
            Some(signer) => Scheme::Signed(Signed {
                signer: signer.name.value.clone(),
                options: self.check_signer_options(signer, fields, token),
                placements,
            }),
        }
    }

    /// A call has its own body; only that of a token request is the client's to write.
    pub(super) fn refuse_body(&mut self, scheme: &SchemeUse, token: &Spanned<String>) {
        let SchemeUse::Name(name) = scheme else {
            return;
        };
        let found = find(&self.descriptor.schemes, name).and_then(|at| self.descriptor.schemes.get(at));
        let Some((name, _)) = found.and_then(|(_, scheme)| scheme.signer.as_ref().and(scheme.body.first())) else {
            return;
        };
        self.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                name.span,
                "a signature in the body is for token requests",
            )
            .secondary(token.span, "the token that uses this scheme for its calls")
            .help("put it into `header` or `query`, or use the scheme as `client_auth` of a grant"),
        );
    }

    fn check_placements(
        &mut self,
        (at, own): (Carrier, Option<&[&str]>),
        entries: &'d Entries<Spanned<String>>,
        fields: &[&str],
        token: &Spanned<String>,
        placements: &mut Vec<Placement>,
    ) {
        for (name, template) in entries {
            if at == Carrier::Header && header::OWN.iter().any(|own| header::same(own, name)) {
                self.push(Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!("the header `{}` is written by the client", name.value),
                ));
            }
            let value = match super::template::parse_template(template) {
                Ok(parsed) => self.check_scheme_holes(template, parsed, own, fields, token),
                // Reported with the scheme's entry.
                Err(_) => Template::default(),
            };
            placements.push(Placement {
                at,
                name: name.value.clone(),
                value,
            });
        }
    }

    /// The holes of a scheme: fields of the token, what `own` adds, and variables where something is signed.
    pub(super) fn check_scheme_holes(
        &mut self,
        text: &Spanned<String>,
        parsed: Parsed,
        own: Option<&[&str]>,
        fields: &[&str],
        token: &Spanned<String>,
    ) -> Template {
        let descriptor = self.descriptor;
        for (hole, range) in &parsed.holes {
            let is_variable = find(&descriptor.variables, hole).is_some();
            if fields.contains(&hole.as_str()) || own.is_some_and(|own| is_variable || own.contains(&hole.as_str())) {
                continue;
            }
            // Several tokens may use the scheme, and the mistake is one.
            let span = text.part(range.clone());
            let told = |known: &Diagnostic| known.code == Code::DanglingName && known.span == span;
            if self.found.iter().any(told) {
                continue;
            }
            let problem = Diagnostic::new(
                Code::DanglingName,
                span,
                format!("the token `{}` has no field `{hole}`", token.value),
            );
            let problem = problem.secondary(token.span, "the token that uses this scheme");
            self.push(if is_variable {
                problem
                    .label("a variable, and this scheme shows the fields of a token")
                    .help(format!(
                        "send it as one of `headers`, which hold variables, or make `{hole}` a field"
                    ))
            } else {
                problem.help_nearest(hole, fields.iter().chain(own.unwrap_or_default()).copied())
            });
        }
        parsed.template
    }

    fn check_basic(&mut self, basic: &syntax::Basic, fields: &[&str]) -> Scheme {
        let mut side = |text: Option<&Spanned<String>>| match text {
            Some(text) => self.check_template(text, "field of the token", fields),
            None => Template::default(),
        };
        let username = side(basic.username.as_ref());
        let password = side(basic.password.as_ref());
        Scheme::Basic { username, password }
    }

    fn missing_field(&mut self, field: &str, span: Span, scheme: &str, fields: &[&str]) {
        let problem = Diagnostic::new(
            Code::DanglingName,
            span,
            format!("the scheme `{scheme}` needs the field `{field}`"),
        );
        self.push(problem.help_nearest(field, fields.iter().copied()));
    }
}

fn bearer() -> Scheme {
    Scheme::Placed(vec![Placement {
        at: Carrier::Header,
        name: "Authorization".to_owned(),
        value: Template(vec![
            TemplatePart::Text("Bearer ".to_owned()),
            TemplatePart::Hole("token".to_owned()),
        ]),
    }])
}
