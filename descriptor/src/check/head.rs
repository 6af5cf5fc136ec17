//! The head: provider, title, the day of the facts.

use super::{Check, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Provider;
use crate::span::{FileId, Spanned};
use heck::ToTitleCase;
use jiff::{ToSpan, civil::Date};

impl Check<'_> {
    pub(super) fn check_head(&mut self) {
        let descriptor = self.descriptor;
        if let Some(provider) = &descriptor.provider {
            self.check_snake_case(provider, "provider");
        }
        let id = text(descriptor.provider.as_ref()).unwrap_or_default();
        self.model.provider = Provider {
            title: text(descriptor.title.as_ref()).unwrap_or_else(|| id.to_title_case()),
            id,
            docs: text(descriptor.docs.as_ref()),
            checked: text(descriptor.checked.as_ref()),
            file: self.sources.name(FileId::MAIN).replace('\\', "/"),
        };
        if let Some(checked) = &descriptor.checked {
            self.check_age(checked);
        }
    }

    /// A name that Rust and files can carry as it is.
    pub(super) fn check_snake_case(&mut self, name: &Spanned<String>, what: &str) {
        let fine = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fine {
            let help =
                super::name::field_name(name).map(|name| format!("write `{}`", name.as_str().trim_end_matches('_')));
            let problem = Diagnostic::new(
                Code::BadName,
                name.span,
                format!("`{}` cannot name a {what}", name.value),
            )
            .label("small letters, digits and `_` are expected, a letter first");
            self.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
        }
    }

    fn check_age(&mut self, checked: &Spanned<String>) {
        let Ok(date) = checked.parse::<Date>() else {
            self.push(
                Diagnostic::new(
                    Code::BadDate,
                    checked.span,
                    format!("`{}` is not a date", checked.value),
                )
                .help("write year, month and day: `2026-11-21`"),
            );
            return;
        };
        let limit = self.today.checked_sub(1.year()).unwrap_or(Date::MIN);
        if date < limit {
            self.push(
                Diagnostic::new(Code::StaleFacts, checked.span, "these facts are older than a year")
                    .label("compared with the provider's documentation on this day")
                    .help("compare again, then write the new day"),
            );
        }
    }
}
