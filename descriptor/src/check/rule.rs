//! Values whose presence depends on the token.

use super::{Check, find, name::type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{FieldName, Guard, Presence, Rule, RuleId, TokenId, Type, TypeName};
use crate::span::Spanned;
use crate::syntax::{self, Entries};

impl Check<'_> {
    pub(super) fn check_by_token(
        &mut self,
        key: &Spanned<String>,
        by_token: &Spanned<Entries<Spanned<syntax::Presence>>>,
        rust: &FieldName,
        ty: &Type,
        marked: bool,
        guard: &Guard,
    ) -> Presence {
        let holders = match guard {
            Guard::Public => Vec::new(),
            guard => self.model.holders(guard),
        };
        let said = self.check_said(by_token, &holders, guard);
        let unsaid = if marked {
            syntax::Presence::Required
        } else {
            syntax::Presence::Optional
        };
        let with = |wanted: syntax::Presence| -> Vec<TokenId> {
            let presence = |token: &TokenId| {
                said.iter()
                    .find(|(known, _)| known == token)
                    .map_or(unsaid, |(_, presence)| *presence)
            };
            holders
                .iter()
                .copied()
                .filter(|token| presence(token) == wanted)
                .collect()
        };
        let rule = Rule {
            field: rust.clone(),
            rust: TypeName(String::new()),
            ty: ty.clone(),
            required: with(syntax::Presence::Required),
            absent: with(syntax::Presence::Absent),
            optional: with(syntax::Presence::Optional),
            line: self.line(by_token.span),
        };
        Presence::ByToken(self.keep_rule(rule, key))
    }

    fn check_said(
        &mut self,
        by_token: &Spanned<Entries<Spanned<syntax::Presence>>>,
        holders: &[TokenId],
        guard: &Guard,
    ) -> Vec<(TokenId, syntax::Presence)> {
        let entries = &self.descriptor.tokens;
        let mut said = Vec::new();
        for (name, presence) in &by_token.value {
            let Some(at) = find(entries, name) else {
                self.resolve("token", name, entries);
                continue;
            };
            if !holders.contains(&TokenId(at)) {
                if self.unsure.guard || self.is_unsure(guard) {
                    continue;
                }
                let names = self.holder_names(guard);
                let names: Vec<&str> = if *guard == Guard::Public {
                    Vec::new()
                } else {
                    names.iter().map(String::as_str).collect()
                };
                let problem = Diagnostic::new(
                    Code::ByTokenOutsideScope,
                    name.span,
                    format!("the token `{}` is outside the scope", name.value),
                )
                .label("may not call this operation anyway");
                self.push(match names.as_slice() {
                    [] => problem.help("no token is sent here"),
                    names => problem.help(format!(
                        "the scope is held by {}",
                        crate::diagnostic::suggest::list(names)
                    )),
                });
                continue;
            }
            said.push((TokenId(at), presence.value));
        }
        said
    }

    /// The id of a rule, each kept once; the first of a name takes it plain.
    fn keep_rule(&mut self, mut rule: Rule, key: &Spanned<String>) -> RuleId {
        let same = |known: &Rule| {
            known.field == rule.field
                && known.ty == rule.ty
                && known.required == rule.required
                && known.absent == rule.absent
                && known.optional == rule.optional
        };
        if let Some(at) = self.model.rules.iter().position(same) {
            return RuleId(at);
        }
        let base = type_name(key).map(|name| name.to_string()).unwrap_or_default();
        let mut name = base.clone();
        let mut number = 2_usize;
        while self.model.rules.iter().any(|known| known.rust.as_str() == name) {
            name = format!("{base}{number}");
            number += 1;
        }
        rule.rust = TypeName(name);
        self.model.rules.push(rule);
        RuleId(self.model.rules.len() - 1)
    }
}
