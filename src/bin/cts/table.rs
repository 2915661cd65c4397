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
        let mut columns = Columns::default();
        columns.widen(self.headings.iter().copied());
        self.rows.iter().for_each(|row| columns.widen(row.cells.iter().map(String::as_str)));
        let heading = cut(&columns.line(self.headings.iter().copied()), width);
        let mut text = format!("{BOLD}{heading}{BOLD:#}\n");
        for row in &self.rows {
            let line = cut(&columns.line(row.cells.iter().map(String::as_str)), width);
            // A write to a string does not fail.
            let _ok = if row.dimmed { writeln!(text, "{DIMMED}{line}{DIMMED:#}") } else { writeln!(text, "{line}") };
        }
        text
    }
}

/// A table whose rows are printed as they come. A column is as wide as its widest cell so far.
pub(crate) struct Growing {
    headings: Vec<&'static str>,
    columns: Columns,
    is_headed: bool,
}

impl Growing {
    /// Creates a table from its headings, each with the width that its column has at least.
    pub(crate) fn new(headings: impl IntoIterator<Item = (&'static str, usize)>) -> Self {
        let (headings, widths): (Vec<_>, Vec<_>) = headings.into_iter().unzip();
        Self { headings, columns: Columns(widths), is_headed: false }
    }

    /// Prints a row, and the headings before the first one. On a terminal, it is cut at its width unless `wide`.
    pub(crate) fn print(&mut self, cells: impl IntoIterator<Item = String>, wide: bool) -> Result<(), Failure> {
        let width = if wide { None } else { screen::width() };
        if !std::mem::replace(&mut self.is_headed, true) {
            let heading = cut(&self.columns.line(self.headings.iter().copied()), width);
            screen::out(format_args!("{BOLD}{heading}{BOLD:#}"))?;
        }
        let cells: Vec<String> = cells.into_iter().map(|cell| clean(&cell)).collect();
        self.columns.widen(cells.iter().map(String::as_str));
        screen::out(cut(&self.columns.line(cells.iter().map(String::as_str)), width))
    }
}

/// The widths of columns on the screen.
#[derive(Default)]
struct Columns(Vec<usize>);

impl Columns {
    /// Makes the columns as wide as these cells.
    fn widen<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        for (index, cell) in cells.enumerate() {
            match self.0.get_mut(index) {
                Some(width) => *width = cell.width().max(*width),
                None => self.0.push(cell.width()),
            }
        }
    }

    fn line<'c>(&self, cells: impl Iterator<Item = &'c str>) -> String {
        let mut line = String::new();
        for (cell, width) in cells.zip(&self.0) {
            let gap = width.saturating_sub(cell.width());
            // A write to a string does not fail.
            let _ok = write!(line, "{cell}{:gap$}  ", "");
        }
        line.trim_end().to_owned()
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
