//! Environments and variables.

use super::{Check, find, name::Taken, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Environment, FieldName, Variable};
use crate::span::Spanned;
use crate::syntax::{self, PerEnvironment};

impl Check<'_> {
    pub(super) fn check_environments(&mut self) {
        let descriptor = self.descriptor;
        self.check_variables();
        let mut taken = Taken::default();
        for (name, environment) in &descriptor.environments {
            self.check_snake_case(name, "environment");
            let rust = self.name_type(&mut taken, name, "environment");
            let base_url = environment
                .base_url
                .as_ref()
                .map(|url| self.check_base_url(url))
                .unwrap_or_default();
            self.check_same_hosts(name, environment);
            let hosts = self.check_hosts(environment);
            self.model.environments.push(Environment {
                name: name.value.clone(),
                rust,
                base_url,
                hosts,
                docs: text(environment.docs.as_ref()),
            });
        }
    }

    /// The hosts of an environment in the order of the first one.
    fn check_hosts(&mut self, environment: &syntax::Environment) -> Vec<(String, crate::model::Template)> {
        let mut hosts: Vec<_> = environment
            .hosts
            .iter()
            .map(|(name, url)| (name.value.clone(), self.check_base_url(url)))
            .collect();
        let order = self.host_names();
        hosts.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
        hosts
    }

    /// The names of hosts, which the first environment fixes.
    pub(super) fn host_names(&self) -> Vec<&str> {
        let first = self.descriptor.environments.first();
        first
            .map(|(_, environment)| environment.hosts.iter().map(|(name, _)| name.as_str()).collect())
            .unwrap_or_default()
    }

    fn check_same_hosts(&mut self, name: &Spanned<String>, environment: &syntax::Environment) {
        let descriptor = self.descriptor;
        let Some((first_name, first)) = descriptor.environments.first() else {
            return;
        };
        for (host, _) in &environment.hosts {
            if find(&first.hosts, host).is_none() {
                let known = first.hosts.iter().map(|(known, _)| known.as_str());
                let problem = Diagnostic::new(Code::DanglingName, host.span, format!("unknown host `{}`", host.value))
                    .label("every environment has the same hosts")
                    .secondary(first_name.span, "the first environment does not have it");
                self.push(problem.help_nearest(host, known));
            }
        }
        for (host, _) in &first.hosts {
            if find(&environment.hosts, host).is_none() {
                self.push(
                    Diagnostic::new(
                        Code::MissingKey,
                        name.span,
                        format!("the environment `{}` has no host `{}`", name.value, host.value),
                    )
                    .label("every environment has the same hosts")
                    .secondary(host.span, "declared here"),
                );
            }
        }
    }

    fn check_variables(&mut self) {
        // Variables are fields where values are given, and variants where they are named; the latter collide sooner.
        let mut taken = Taken::default();
        for (name, variable) in &self.descriptor.variables {
            self.check_snake_case(name, "variable");
            let rust = self.name_field(&mut Taken::default(), name, "variable");
            if let Some(variant) = super::name::type_name(name) {
                self.take(&mut taken, variant.as_str(), &name.value, name.span, "variable");
            }
            let variable = self.check_variable(name, rust, variable);
            self.model.variables.push(variable);
        }
    }

    fn check_variable(&mut self, name: &Spanned<String>, rust: FieldName, variable: &syntax::Variable) -> Variable {
        let pattern = self.check_pattern(variable.pattern.as_ref());
        let allowed: Vec<String> = match &variable.enum_ {
            Some(values) => values.value.iter().map(|value| value.value.clone()).collect(),
            None => Vec::new(),
        };
        if let Some(default) = &variable.default {
            if !allowed.is_empty() && !allowed.contains(&default.value) {
                self.dangling("value", default, allowed.iter().map(String::as_str));
            }
            let whole = pattern
                .as_ref()
                .and_then(|pattern| regex_lite::Regex::new(&format!("^(?:{pattern})$")).ok());
            if whole.is_some_and(|pattern| !pattern.is_match(default)) {
                self.push(Diagnostic::new(
                    Code::BadPattern,
                    default.span,
                    format!("`{}` does not match the variable's own pattern", default.value),
                ));
            }
        }
        let env = match &variable.env {
            Some(PerEnvironment::All(env)) => {
                self.check_env_name(env);
                Some(env.value.clone())
            }
            Some(PerEnvironment::Each(entries)) => {
                self.push(
                    Diagnostic::new(
                        Code::WrongType,
                        entries.span,
                        "a variable is read from one environment variable",
                    )
                    .label("a name is expected"),
                );
                None
            }
            None => None,
        };
        Variable {
            name: name.value.clone(),
            rust,
            env,
            pattern,
            allowed,
            default: text(variable.default.as_ref()),
            docs: text(variable.docs.as_ref()),
        }
    }

    /// The name of an environment variable.
    pub(super) fn check_env_name(&mut self, name: &Spanned<String>) {
        let fine = !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !fine {
            self.push(
                Diagnostic::new(Code::BadName, name.span, "not the name of an environment variable")
                    .label("letters, digits and `_` are expected"),
            );
        }
    }

    /// A text for each environment, in the order of the environments.
    pub(super) fn check_per_environment(&mut self, text: Option<&PerEnvironment>) -> Vec<Option<String>> {
        let environments = &self.descriptor.environments;
        let mut texts = vec![None; environments.len()];
        match text {
            None => {}
            Some(PerEnvironment::All(text)) => texts.fill(Some(text.value.clone())),
            Some(PerEnvironment::Each(entries)) => {
                for (name, text) in &entries.value {
                    if let Some(at) = self.resolve("environment", name, environments)
                        && let Some(slot) = texts.get_mut(at)
                    {
                        *slot = Some(text.value.clone());
                    }
                }
            }
        }
        texts
    }
}
