//! The words that may stand at the top, on a resource and on an operation: the innermost wins, whole.

use super::{Check, header, page::Chosen, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Errors, Path, Settings, SettingsId, Step, Template};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Entries, ScopeUse};

/// What holds at one level.
#[derive(Clone, Debug)]
pub(super) struct Level<'d> {
    pub(super) scope: Option<&'d ScopeUse>,
    pub(super) pager: Chosen,
    pub(super) formats: Formats,
    pub(super) settings: Settings,
    /// A rule that asks for a code, which `errors` must then place.
    code_rule: Option<Span>,
    /// Where the headers stand.
    headers: Option<Span>,
}

impl<'d> Check<'d> {
    pub(super) fn check_top_settings(&mut self) -> Level<'d> {
        let outer = Level {
            scope: None,
            pager: Chosen::Nothing,
            formats: Formats::default(),
            settings: Settings {
                rate_limits: Vec::new(),
                retry: None,
                errors: Errors::default(),
                classify: Vec::new(),
                unwrap: Path::default(),
                unwrap_when: Vec::new(),
                headers: Vec::new(),
                host: None,
                timeout: None,
            },
            code_rule: None,
            headers: None,
        };
        let written = &self.descriptor.settings;
        if let Some(scope) = &written.scope {
            self.check_scope_names(scope);
        }
        self.check_level(&outer, written)
    }

    /// What holds inside of `outer` where `written` is said.
    pub(super) fn check_level(&mut self, outer: &Level<'d>, written: &'d syntax::Settings) -> Level<'d> {
        let mut level = outer.clone();
        if let Some(scope) = &written.scope {
            level.scope = Some(scope);
        }
        match self.check_pager_use(written.pager.as_ref()) {
            Chosen::Nothing => {}
            chosen => level.pager = chosen,
        }
        if let Some(formats) = &written.formats {
            level.formats = check_formats(formats);
        }
        if let Some(limit) = &written.rate_limit {
            level.settings.rate_limits = self.check_rate_limit_use(limit);
        }
        if let Some(retry) = &written.retry {
            level.settings.retry = self.check_retry(retry);
        }
        self.check_failures(&mut level, written);
        if let Some(unwrap) = &written.unwrap {
            level.settings.unwrap = self.check_unwrap(&unwrap.body);
            level.settings.unwrap_when = self.check_conditions(&unwrap.when);
        }
        if let Some(headers) = &written.headers {
            self.check_dropped(outer, headers);
            level.settings.headers = self.check_headers(&headers.value);
            level.headers = Some(headers.span);
        }
        if let Some(host) = &written.host {
            level.settings.host = self.check_host(host);
        }
        if let Some(timeout) = &written.timeout {
            level.settings.timeout = self.check_duration(timeout);
        }
        level
    }

    fn check_failures(&mut self, level: &mut Level<'d>, written: &syntax::Settings) {
        if let Some(errors) = &written.errors {
            level.settings.errors = self.check_errors(errors);
        }
        if let Some(rules) = &written.classify {
            level.settings.classify = self.check_classify(&rules.value);
            let codes = rules
                .value
                .iter()
                .filter_map(|rule| rule.when.as_ref())
                .flat_map(|when| &when.code);
            level.code_rule = codes.map(|code| code.span).next();
        }
        if let Some(span) = level.code_rule
            && level.settings.errors.code.is_empty()
            && (written.errors.is_some() || written.classify.is_some())
        {
            self.push(
                Diagnostic::new(
                    Code::MissingKey,
                    span,
                    "a rule asks for a code, and `errors` does not say where it is",
                )
                .help("add `code: $.error.code` to `errors`"),
            );
        }
    }

    fn check_headers(&mut self, headers: &Entries<Spanned<String>>) -> Vec<(String, Template)> {
        let descriptor = self.descriptor;
        let variables: Vec<&str> = descriptor.variables.iter().map(|(name, _)| name.as_str()).collect();
        let mut checked: Vec<(String, Template)> = Vec::new();
        for (name, value) in headers {
            self.check_header_name(name);
            if header::OWN.iter().any(|own| header::same(own, name)) {
                self.push(
                    Diagnostic::new(
                        Code::ReservedName,
                        name.span,
                        format!("the header `{}` is written by the client", name.value),
                    )
                    .help("the media type of a body is its `content`"),
                );
            }
            if checked.iter().any(|(other, _)| header::same(other, name)) {
                self.push(Diagnostic::new(
                    Code::DuplicateKey,
                    name.span,
                    format!("the header `{}` stands here twice", name.value),
                ));
            }
            checked.push((name.value.clone(), self.check_template(value, "variable", &variables)));
        }
        checked
    }

    fn check_dropped(&mut self, outer: &Level<'d>, inner: &Spanned<Entries<Spanned<String>>>) {
        let kept = |name: &String| inner.value.iter().any(|(known, _)| header::same(known, name));
        let dropped: Vec<&str> = outer
            .settings
            .headers
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !kept(name))
            .map(String::as_str)
            .collect();
        if dropped.is_empty() {
            return;
        }
        let names = crate::diagnostic::suggest::list(&dropped);
        let mut problem = Diagnostic::new(
            Code::DroppedHeader,
            inner.span,
            format!("these `headers` drop {names} of the level above"),
        )
        .label("the innermost wins, whole")
        .help("write them here too, or silence this with a reason");
        if let Some(span) = outer.headers {
            problem = problem.secondary(span, "dropped from here");
        }
        self.push(problem);
    }

    fn check_unwrap(&mut self, unwrap: &Spanned<String>) -> Path {
        let path = self.check_path(unwrap).unwrap_or_default();
        if path.0.contains(&Step::Each) {
            self.push(
                Diagnostic::new(
                    Code::BadPlace,
                    unwrap.span,
                    format!("`{}` is not one place of the body", unwrap.value),
                )
                .help("name the field that wraps it, as in `$.data`"),
            );
        }
        path
    }

    fn check_host(&mut self, host: &Spanned<String>) -> Option<usize> {
        let names = self.host_names();
        let found = names.iter().position(|name| *name == host.value);
        if found.is_none() {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            self.dangling("host", host, names.iter().map(String::as_str));
        }
        found
    }

    /// The id of settings, each kept once.
    pub(super) fn keep_settings(&mut self, settings: Settings) -> SettingsId {
        let known = self.model.settings.iter().position(|known| *known == settings);
        SettingsId(known.unwrap_or_else(|| {
            self.model.settings.push(settings);
            self.model.settings.len() - 1
        }))
    }
}

/// What `formats` says; what it leaves out is the default, not what an outer one says.
pub(super) fn check_formats(formats: &syntax::Formats) -> Formats {
    let mut checked = Formats::default();
    if let Some(array) = &formats.array {
        checked.array = array.value.into();
    }
    if let Some(decimal) = &formats.decimal {
        checked.decimal = decimal.value.into();
    }
    if let Some(int) = &formats.int {
        checked.int = int.value.into();
    }
    if let Some(datetime) = &formats.datetime {
        checked.datetime = datetime.value.into();
    }
    checked
}
