//! Tables: columns as wide as their widest cell on the screen, without borders.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::exit::Failure;
use crate::screen::{self, BOLD, DIMMED, clean};

pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<String>,
    dimmed: bool,
}

impl Table {
    pub(crate) fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self { headings: headings.into_iter().collect(), rows: Vec::new() }
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells = cells.into_iter().map(|cell| clean(cell.as_ref())).collect();
        self.rows.push(Row { cells, dimmed: false });
    }

    /// Adds a row of less interest.
    pub(crate) fn dimmed<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.row(cells);
        if let Some(row) = self.rows.last_mut() {
            row.dimmed = true;
        }
    }

    /// Prints the table. On a terminal, lines are cut at its width unless `wide`.
    pub(crate) fn print(&self, wide: bool) -> Result<(), Failure> {
        let width = if wide { None } else { screen::width() };
        screen::out(self.text(width))
    }

    fn text(&self, width: Option<usize>) -> String {
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.width());
                cells.chain(self.headings.get(column).map(|heading| heading.width())).max().unwrap_or(0)
            })
            .collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (cell, width) in cells.zip(&widths) {
                let gap = width.saturating_sub(cell.width());
                // A write to a string does not fail.
                let _ok = write!(line, "{cell}{:gap$}  ", "");
            }
            cut(line.trim_end(), width)
        };
        let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&mut self.headings.iter().copied()));
        for row in &self.rows {
            let line = line(&mut row.cells.iter().map(String::as_str));
            let _ok = if row.dimmed { writeln!(text, "{DIMMED}{line}{DIMMED:#}") } else { writeln!(text, "{line}") };
        }
        text
    }
}

/// Cuts a line at the width of a terminal.
fn cut(line: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| line.width() > *width) else { return line.to_owned() };
    let mut cut = String::new();
    let mut used = 1; // the ellipsis
    for c in line.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table() -> Table {
        let mut table = Table::new(["NAME", "STATUS"]);
        table.row(["审计_通知", "enabled"]);
        table.row(["e\u{301}\u{1b}[2J", "disabled"]);
        table
    }

    #[test]
    fn columns_are_aligned_by_their_width_on_the_screen() {
        let plain = anstream::adapter::strip_str(&table().text(None)).to_string();
        assert_eq!(plain, "NAME        STATUS\n审计_通知   enabled\ne\u{301}\\u{1b}[2J  disabled\n");
    }

    #[test]
    fn a_line_is_cut_at_the_width_of_the_terminal_and_not_within_a_character() {
        let plain = anstream::adapter::strip_str(&table().text(Some(8))).to_string();
        assert_eq!(plain, "NAME   …\n审计_通…\ne\u{301}\\u{1b}…\n");
    }
}
