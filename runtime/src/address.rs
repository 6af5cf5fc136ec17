//! Where requests go, checked before there is a secret in sight.

use crate::{
    EnvironmentSpec, GrantFrom, ProviderSpec, TokenSpec, VariableSpec, pattern, request::percent_encode_query,
};
use std::{env, error, fmt};
use url::{Host, Url, form_urlencoded};

/// The hosts of an environment, with their holes filled.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) base: Url,
    pub(crate) hosts: Vec<Url>,
    variables: Vec<(&'static str, Option<String>)>,
    /// Where the tokens of each type are asked for that has a token endpoint.
    tokens: TokenUrls,
}

/// What the builder was told.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) base_url: Option<String>,
    pub(crate) hosts: Vec<(String, String)>,
    pub(crate) variables: Vec<(usize, String)>,
    pub(crate) token_urls: Vec<(String, String)>,
}

impl Address {
    pub(crate) fn new(
        provider: &'static ProviderSpec,
        environment: &'static EnvironmentSpec,
        wishes: &Wishes,
    ) -> Result<Self, ConnectionError> {
        let variables = provider.variables.iter().enumerate().map(|(index, spec)| {
            let given = wishes.variables.iter().rev().find(|(given, _)| *given == index);
            resolve(spec, given.map(|(_, value)| value.clone())).map(|value| (spec.name, value))
        });
        let variables = variables.collect::<Result<Vec<_>, _>>()?;
        let unknown = wishes
            .hosts
            .iter()
            .find(|(name, _)| environment.hosts.iter().all(|(host, _)| host != name));
        if let Some((name, _)) = unknown {
            return Err(ConnectionError::new(format!(
                "the environment `{}` has no host `{name}`",
                environment.name
            )));
        }
        // Or else a test against a local server would send its tokens to the provider.
        let left = environment
            .hosts
            .iter()
            .find(|(host, _)| wishes.base_url.is_some() && wishes.hosts.iter().all(|(name, _)| name != host));
        if let Some((host, url)) = left {
            return Err(ConnectionError::new(format!(
                "the base URL is another one, and the host `{host}` would still be {}; help: say where it is with \
                 `.host({host:?}, …)`",
                shown(url)
            )));
        }
        let base = wishes.base_url.as_deref().unwrap_or(environment.base_url);
        let hosts = environment.hosts.iter().map(|(name, url)| {
            let given = wishes.hosts.iter().rev().find(|(given, _)| given == name);
            parse(given.map_or(*url, |(_, url)| url), &variables)
        });
        let base = parse(base, &variables)?;
        let hosts = hosts.collect::<Result<_, _>>()?;
        let tokens = token_urls(provider, environment, wishes, &base, &variables)?;
        Ok(Self {
            base,
            hosts,
            variables,
            tokens,
        })
    }

    /// Where tokens of this type are asked for. What is wrong with the address is told to those who ask.
    pub(crate) fn token_url(&self, token: &str) -> Result<&Url, ConnectionError> {
        match self.tokens.iter().find(|(known, _)| *known == token) {
            Some((_, Ok(url))) => Ok(url),
            Some((_, Err(error))) => Err(error.clone()),
            None => Err(ConnectionError::new(format!(
                "the token `{token}` has no token endpoint"
            ))),
        }
    }

    /// The value of a variable. The error says how to give it one.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        find(&self.variables, name)
    }
}

/// Where tokens are asked for, by the name of their type; what is wrong with an address matters to those who ask there.
type TokenUrls = Vec<(&'static str, Result<Url, ConnectionError>)>;

/// The token types that are asked for at a URL, with its template.
fn endpoints(provider: &'static ProviderSpec) -> impl Iterator<Item = (&'static TokenSpec, &'static str)> {
    provider.tokens.iter().filter_map(|token| match token.grant?.from {
        GrantFrom::Url { url, .. } => Some((*token, url)),
        GrantFrom::Call { .. } => None,
    })
}

fn token_urls(
    provider: &'static ProviderSpec,
    environment: &EnvironmentSpec,
    wishes: &Wishes,
    base: &Url,
    variables: &[(&'static str, Option<String>)],
) -> Result<TokenUrls, ConnectionError> {
    let unknown = wishes.token_urls.iter();
    let unknown = unknown
        .clone()
        .find(|(name, _)| endpoints(provider).all(|(token, _)| token.name != name));
    if let Some((name, _)) = unknown {
        return Err(ConnectionError::new(format!("no token `{name}` is asked for at a URL")));
    }
    let urls = endpoints(provider).map(|(token, template)| {
        let name = token.name;
        let given = wishes.token_urls.iter().rev().find(|(given, _)| given == name);
        let url = match given {
            Some((_, url)) => parse(url, variables),
            None if template.starts_with('/') => below(base, template, variables),
            // Or else a test against a local server would send its secrets to the provider.
            None if wishes.base_url.is_some() => {
                let own = parse(environment.base_url, variables);
                match (own, parse(template, variables)) {
                    (Ok(own), Ok(url)) if own.origin() == url.origin() => below(&origin(base), url.path(), &[]),
                    _ => {
                        return Err(ConnectionError::new(format!(
                            "the base URL is another one, and `{name}` tokens would still be asked for at {}; help: say \
                             where with `.token_url({name:?}, …)`",
                            shown(template)
                        )));
                    }
                }
            }
            None => parse(template, variables),
        };
        Ok((name, url))
    });
    urls.collect()
}

/// The root of a URL's host.
fn origin(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root
}

/// A path below a URL. Of the URL only the path changes: nothing in the path leads to another host.
fn below(base: &Url, path: &str, variables: &[(&'static str, Option<String>)]) -> Result<Url, ConnectionError> {
    let filled = filled(path, variables)?;
    let mut url = base.clone();
    url.set_path(&format!("{}{filled}", base.path().trim_end_matches('/')));
    Ok(url)
}

fn find<'v>(variables: &'v [(&'static str, Option<String>)], name: &str) -> Option<&'v str> {
    let found = variables.iter().find(|(variable, _)| *variable == name)?;
    found.1.as_deref()
}

fn resolve(spec: &'static VariableSpec, given: Option<String>) -> Result<Option<String>, ConnectionError> {
    let from_env = || {
        spec.env
            .and_then(|name| env::var(name).ok())
            .filter(|value| !value.is_empty())
    };
    let Some(value) = given.or_else(from_env).or_else(|| spec.default.map(str::to_owned)) else {
        return Ok(None);
    };
    let name = spec.name;
    if !spec.allowed.is_empty() && !spec.allowed.contains(&value.as_str()) {
        let allowed = spec.allowed.join("`, `");
        return Err(ConnectionError::new(format!(
            "the variable `{name}` is one of `{allowed}`, not `{value}`"
        )));
    }
    if let Some(expected) = spec.pattern
        && !pattern::matches_whole(expected, &value)
    {
        return Err(ConnectionError::new(format!(
            "the variable `{name}` does not match `{expected}`: `{value}`"
        )));
    }
    Ok(Some(value))
}

fn parse(template: &str, variables: &[(&'static str, Option<String>)]) -> Result<Url, ConnectionError> {
    let filled = filled(template, variables)?;
    let shown = shown(template);
    let url = Url::parse(&filled).map_err(|error| ConnectionError::new(format!("`{shown}` is no URL: {error}")))?;
    check(&url).map_err(|why| ConnectionError::new(format!("`{shown}` {why}")))?;
    Ok(url)
}

fn filled(template: &str, variables: &[(&'static str, Option<String>)]) -> Result<String, ConnectionError> {
    fill(template, |name| {
        let value = find(variables, name).ok_or_else(|| {
            ConnectionError::new(format!(
                "the variable `{name}` of `{}` has no value; help: give it with `.variable(…)` or its environment variable",
                shown(template)
            ))
        })?;
        // Anything else could make the rest of the URL a path, and the value a host that gets the token.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if value.is_empty() || !value.bytes().all(plain) {
            let message = format!("the variable `{name}` cannot stand in a URL: `{value}`");
            return Err(ConnectionError::new(message));
        }
        Ok(value.to_owned())
    })
}

/// Without what may be a password.
fn shown(template: &str) -> &str {
    template.rsplit_once('@').map_or(template, |(_, rest)| rest)
}

fn check(url: &Url) -> Result<(), &'static str> {
    if url.cannot_be_a_base() || !url.has_host() {
        return Err("has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password; help: secrets belong in tokens");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment; help: a base URL is what all paths are put behind");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err("is plain http, which would show the token to everybody on the way; help: use https"),
        _ => Err("is neither https nor http"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Fills the `{holes}` of a template.
pub(crate) fn fill<V: AsRef<str>, E>(template: &str, mut value: impl FnMut(&str) -> Result<V, E>) -> Result<String, E> {
    // Values are longer than their names.
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, hole)) = rest.split_once('{') {
        let Some((name, after)) = hole.split_once('}') else {
            break;
        };
        filled.push_str(before);
        filled.push_str(value(name)?.as_ref());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Sets a parameter in the query of a URL, in the place of one of that name.
pub(crate) fn set_query(url: &mut Url, name: &str, value: &str) {
    let others = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    let is_other = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).all(|(other, _)| other != name);
    let mut pairs: Vec<String> = others.filter(is_other).map(str::to_owned).collect();
    pairs.push(format!(
        "{}={}",
        percent_encode_query(name),
        percent_encode_query(value)
    ));
    url.set_query(Some(&pairs.join("&")));
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionError(String);

impl ConnectionError {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for ConnectionError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &'static str) -> Result<String, String> {
        let parsed = parse(
            url,
            &[
                ("tenant", Some("acme".into())),
                ("evil", Some("evil.com/".into())),
                ("unset", None),
            ],
        );
        parsed.map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn holes_of_a_base_url_are_filled() {
        assert_eq!(
            base("https://{tenant}.example.com/v1").unwrap(),
            "https://acme.example.com/v1"
        );
        assert!(base("https://{unset}.example.com").unwrap_err().contains("`unset`"));
    }

    #[test]
    fn a_variable_cannot_move_the_token_to_another_host() {
        assert!(
            base("https://{evil}.example.com")
                .unwrap_err()
                .contains("cannot stand in a URL")
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for url in [
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
            "http://a.localhost/x",
        ] {
            assert!(base(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com",
            "http://128.0.0.1",
            "http://localhost.example.com",
            "ftp://localhost",
        ] {
            assert!(base(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_base_url_holds_no_password_and_no_query() {
        let error = base("https://me:hunter2@example.com").unwrap_err();
        assert!(error.contains("password") && !error.contains("hunter2"), "{error}");
        assert!(base("https://example.com?key=1").is_err());
    }
}
