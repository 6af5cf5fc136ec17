//! URLs of environments.

use super::{Check, find};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Template, TemplatePart};
use crate::span::Spanned;
use url::{Host, Url};

/// What is wrong with a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UrlFault {
    Bad(String),
    PlainHttp,
}

/// Checks an absolute URL without query and fragment.
pub(super) fn check_text(text: &str) -> Result<(), UrlFault> {
    let url = Url::parse(text).map_err(|error| UrlFault::Bad(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlFault::Bad(format!(
            "`{}` is neither `https` nor `http`",
            url.scheme()
        )));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(UrlFault::Bad(
            "a query or a fragment cannot stand before a path".to_owned(),
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Bad("a URL holds no user and no password".to_owned()));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(UrlFault::PlainHttp);
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The template with each hole filled with a letter, to see whether the rest is a URL.
pub(super) fn filled(template: &Template) -> String {
    template
        .0
        .iter()
        .map(|part| match part {
            TemplatePart::Text(text) => text.as_str(),
            TemplatePart::Hole(_) => "x",
        })
        .collect()
}

impl Check<'_> {
    /// A base URL or host over the variables, without a trailing slash.
    pub(super) fn check_base_url(&mut self, text: &Spanned<String>) -> Template {
        let variables: Vec<&str> = self
            .descriptor
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let mut template = self.check_template(text, "variable", &variables);
        match template.0.first() {
            Some(TemplatePart::Text(_)) => self.report_url(text, check_text(&filled(&template))),
            Some(TemplatePart::Hole(name)) => {
                let name = name.clone();
                self.check_default_url(&name, &template);
            }
            None => {}
        }
        if let Some(TemplatePart::Text(last)) = template.0.last_mut() {
            last.truncate(last.trim_end_matches('/').len());
        }
        template
            .0
            .retain(|part| !matches!(part, TemplatePart::Text(text) if text.is_empty()));
        template
    }

    /// A hole at the very start brings scheme and host along: its default is what can be judged here, every other
    /// value when it is given.
    fn check_default_url(&mut self, name: &str, template: &Template) {
        let descriptor = self.descriptor;
        let variable = find(&descriptor.variables, name).and_then(|at| descriptor.variables.get(at));
        if let Some(default) = variable.and_then(|(_, variable)| variable.default.as_ref()) {
            let rest = Template(template.0.iter().skip(1).cloned().collect());
            self.report_url(default, check_text(&format!("{}{}", default.value, filled(&rest))));
        }
    }

    /// Reports what [`check_text`] found.
    pub(super) fn report_url(&mut self, text: &Spanned<String>, result: Result<(), UrlFault>) {
        match result {
            Ok(()) => {}
            Err(UrlFault::Bad(problem)) => self.push(
                Diagnostic::new(
                    Code::BadUrl,
                    text.span,
                    format!("`{}` is not a URL to send to", text.value),
                )
                .label(problem),
            ),
            Err(UrlFault::PlainHttp) => self.push(
                Diagnostic::new(
                    Code::PlainHttp,
                    text.span,
                    format!("`{}` is plain http outside loopback", text.value),
                )
                .label("a token would travel in the open")
                .help("write `https://`"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_fine() {
        for text in [
            "https://api.flxpoint.com",
            "http://localhost:8080/v1",
            "http://127.0.0.1",
            "http://[::1]:80",
            "http://a.localhost",
        ] {
            assert_eq!(check_text(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn plain_http_is_refused() {
        assert_eq!(check_text("http://api.example.com"), Err(UrlFault::PlainHttp));
        assert_eq!(check_text("http://localhost.example.com"), Err(UrlFault::PlainHttp));
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for text in [
            "",
            "api.example.com",
            "/v1",
            "ftp://a.example",
            "https://a.example?x=1",
            "https://a.example#x",
            "https://me:pw@a.example",
        ] {
            assert!(matches!(check_text(text), Err(UrlFault::Bad(_))), "{text}");
        }
    }
}
