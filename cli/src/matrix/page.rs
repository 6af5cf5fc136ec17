//! The matrix as a page: Markdown, or plain text.

use super::table::{Style, Table};
use super::{Group, Line, Matrix};

impl Matrix {
    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.page(Style::Markdown)
    }

    /// As plain text.
    #[must_use]
    pub fn text(&self) -> String {
        self.page(Style::Text)
    }

    /// As Markdown, without the operations: token types, scopes, roles.
    #[must_use]
    pub fn overview(&self) -> String {
        self.head(Style::Markdown)
    }

    fn page(&self, style: Style) -> String {
        let mut page = self.head(style);
        page.push_str(&heading(2, "Operations", style));
        page.pop(); // the groups bring the empty line between
        for group in &self.groups {
            page.push_str(&operations(group, style));
        }
        page
    }

    fn head(&self, style: Style) -> String {
        let mut page = String::new();
        let checked = self
            .checked
            .as_ref()
            .map(|day| format!(", facts of {day}"))
            .unwrap_or_default();
        page.push_str(&heading(1, &format!("{}: who may do what", self.title), style));
        page.push_str(&plain(&format!("From `{}`{checked}.\n", self.file), style));
        page.push_str(&heading(2, "Token types", style));
        page.push_str(&self.token_table().draw(style));
        if !self.scopes.is_empty() {
            page.push_str(&heading(2, "Scopes", style));
            page.push_str(&self.scope_table().draw(style));
        }
        if !self.roles.is_empty() {
            page.push_str(&heading(2, "Roles", style));
            page.push_str(&self.role_table().draw(style));
        }
        page
    }

    fn token_table(&self) -> Table {
        let mut table = Table::new(["Token", "Rust", "Role", "What it is"].map(str::to_owned));
        for token in &self.tokens {
            let (rust, role) = if token.by_role {
                ("<R>", "decides too")
            } else {
                ("", "")
            };
            let docs = token.docs.clone().unwrap_or_default();
            table.row([
                code(&token.name),
                format!("`{}{rust}`", token.rust),
                role.to_owned(),
                docs,
            ]);
        }
        table
    }

    fn scope_table(&self) -> Table {
        let head = ["Scope", "On the wire"].map(str::to_owned).into_iter();
        let tail = ["Operations", "Note", "What it is for"].map(str::to_owned);
        let mut table = Table::new(
            head.chain(self.tokens.iter().map(|token| code(&token.name)))
                .chain(tail),
        );
        for scope in &self.scopes {
            let wire = if scope.wire == scope.name {
                String::new()
            } else {
                code(&scope.wire)
            };
            let mut cells = vec![code(&scope.name), wire];
            cells.extend(scope.ticks.iter().map(|held| tick(*held)));
            cells.push(scope.operations.to_string());
            cells.push(if scope.always {
                "held whatever the role".to_owned()
            } else {
                String::new()
            });
            cells.push(scope.docs.clone().unwrap_or_default());
            table.row(cells);
        }
        table
    }

    fn role_table(&self) -> Table {
        let head = std::iter::once("Scope".to_owned());
        let mut table = Table::new(head.chain(self.roles.iter().map(|role| code(&role.name))));
        for (index, scope) in self.scopes.iter().enumerate() {
            let ticks = self
                .roles
                .iter()
                .map(|role| tick(role.ticks.get(index).copied().unwrap_or_default()));
            table.row(std::iter::once(code(&scope.name)).chain(ticks));
        }
        table
    }
}

fn operations(group: &Group, style: Style) -> String {
    let names: Vec<String> = group.holders.iter().map(|holder| code(holder)).collect();
    let holders = match group.needs {
        "public" => "anybody, no token is sent".to_owned(),
        "any_token" => "any token".to_owned(),
        _ => names.join(", "),
    };
    let scope = if group.scopes.len() > 1 {
        group.scope.clone()
    } else {
        code(&group.scope)
    };
    let mut table = Table::new(["Operation", "Request", "Note"].map(str::to_owned));
    for line in &group.operations {
        table.row([code(&line.id), code(&line.request), note(line)]);
    }
    format!(
        "{}{}",
        heading(3, &plain(&format!("{scope}: {holders}"), style), style),
        table.draw(style)
    )
}

/// What is special about an operation.
fn note(line: &Line) -> String {
    let mut notes = Vec::new();
    if let Some(outer) = &line.instead_of {
        notes.push(format!("exception: its resource asks for {outer}"));
    }
    for (value, tokens) in &line.by_token {
        let words: Vec<String> = tokens.iter().map(|(token, word)| format!("{token} {word}")).collect();
        notes.push(format!("`{value}`: {}", words.join(", ")));
    }
    if line.deprecated {
        notes.push("deprecated".to_owned());
    }
    notes.join("; ")
}

fn heading(level: usize, text: &str, style: Style) -> String {
    let before = if level == 1 { "" } else { "\n" };
    match style {
        Style::Markdown => format!("{before}{} {text}\n\n", "#".repeat(level)),
        Style::Text if level == 1 => format!("{text}\n{}\n\n", "=".repeat(text.chars().count())),
        Style::Text => format!("{before}{text}\n\n"),
    }
}

fn plain(text: &str, style: Style) -> String {
    if style == Style::Text {
        text.replace('`', "")
    } else {
        text.to_owned()
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn tick(held: bool) -> String {
    if held { "yes" } else { "-" }.to_owned()
}
