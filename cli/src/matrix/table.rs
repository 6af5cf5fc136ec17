//! A table of texts, aligned.

/// How a table is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Columns apart, a line under the head.
    Text,
    /// GitHub's Markdown, padded so that it reads well as it is.
    Markdown,
}

/// Rows under a head. Rows that are shorter than the head are filled up.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: impl IntoIterator<Item = String>) -> Self {
        Self {
            rows: vec![head.into_iter().collect()],
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, with a line break after each row. A column that is empty in every row is left out.
    pub(super) fn draw(&self, style: Style) -> String {
        let count = self.rows.first().map_or(0, Vec::len);
        let cell = |row: &Vec<String>, column: usize| {
            let text = row.get(column).map_or("", String::as_str).replace('\n', " ");
            if style == Style::Markdown {
                text.replace('|', "\\|")
            } else {
                text.replace('`', "")
            }
        };
        let used: Vec<usize> = (0..count)
            .filter(|column| self.rows.iter().skip(1).any(|row| !cell(row, *column).is_empty()))
            .collect();
        let width = |column: &usize| {
            self.rows
                .iter()
                .map(|row| cell(row, *column).chars().count())
                .max()
                .unwrap_or(0)
        };
        // At least three, because a Markdown rule has three dashes.
        let widths: Vec<usize> = used.iter().map(|column| width(column).max(3)).collect();

        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let cells = used
                .iter()
                .zip(&widths)
                .map(|(column, width)| pad(&cell(row, *column), *width));
            text.push_str(&join(cells, style));
            if index == 0 {
                text.push_str(&join(widths.iter().map(|width| "-".repeat(*width)), style));
            }
        }
        text
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

fn join(cells: impl Iterator<Item = String>, style: Style) -> String {
    let cells: Vec<String> = cells.collect();
    match style {
        Style::Text => format!("{}\n", cells.join("  ").trim_end()),
        Style::Markdown => format!("| {} |\n", cells.join(" | ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, Table};

    fn table() -> Table {
        let mut table = Table::new(["Scope", "Note", "Docs"].map(str::to_owned));
        table.row(["`sales`", "", "a|b"].map(str::to_owned));
        table.row(["`ü`".to_owned()]);
        table
    }

    #[test]
    fn markdown_escapes_bars_and_drops_empty_columns() {
        let expected = "| Scope   | Docs |\n| ------- | ---- |\n| `sales` | a\\|b |\n| `ü`     |      |\n";
        assert_eq!(table().draw(Style::Markdown), expected);
    }

    #[test]
    fn text_has_neither_bars_nor_backticks() {
        assert_eq!(table().draw(Style::Text), "Scope  Docs\n-----  ----\nsales  a|b\nü\n");
    }
}
