//! Roles: which scopes the value of a token lists.

use super::{Check, name::Taken};
use crate::model::{Role, ScopeId};
use crate::span::{FileId, Span, Spanned};
use crate::syntax::RoleKind;

impl Check<'_> {
    pub(super) fn check_roles(&mut self) {
        let descriptor = self.descriptor;
        let start = Span::new(FileId::MAIN, 0..0);
        self.model.roles_line = match descriptor.roles.first() {
            Some((name, _)) => self.block_line("roles", name.span),
            None => self.line(start),
        };
        let mut taken = Taken::default();
        for (name, role) in &descriptor.roles {
            self.check_snake_case(name, "role");
            let rust = self.name_type(&mut taken, name, "role");
            self.refuse_reserved_role(name, rust.as_str());
            let every: Vec<ScopeId> = self.model.scope_ids().collect();
            let mut scopes = match &role.kind {
                RoleKind::All => every,
                RoleKind::AllExcept(names) => {
                    let except = self.check_role_scopes(names);
                    every.into_iter().filter(|scope| !except.contains(scope)).collect()
                }
                RoleKind::Only(names) => self.check_role_scopes(names),
            };
            scopes.retain(|scope| !self.model.scope(*scope).always);
            let line = self.line(name.span);
            self.model.roles.push(Role {
                name: name.value.clone(),
                rust,
                scopes,
                line,
            });
        }
    }

    fn check_role_scopes(&mut self, names: &[Spanned<String>]) -> Vec<ScopeId> {
        let entries = &self.descriptor.scopes;
        let mut scopes: Vec<ScopeId> = names
            .iter()
            .filter_map(|name| self.resolve("scope", name, entries))
            .map(ScopeId)
            .collect();
        self.unsure.roles |= scopes.len() < names.len();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// The line of a top-level key: the last line that begins with it, up to its first entry.
    pub(super) fn block_line(&self, key: &str, first_entry: Span) -> crate::model::Line {
        let before = self
            .sources
            .text(first_entry.file)
            .get(..first_entry.start)
            .unwrap_or("");
        let mut at = 0;
        let mut found = first_entry.start;
        for line in before.split_inclusive('\n') {
            let word = line.trim_start_matches(['"', '\'']);
            if word
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
            {
                found = at;
            }
            at += line.len();
        }
        self.line(Span::new(first_entry.file, found..found))
    }
}
