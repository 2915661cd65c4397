//! Tables: columns as wide as their widest cell on the screen, without borders, and no wider than
//! the terminal.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::exit::Failure;
use crate::layout;
use crate::screen::{self, BOLD, DIMMED, clean};

/// The spaces between two columns.
const GAP: usize = 2;

/// The columns that a cell keeps when it is cut: the first of a row, and the others.
const LEAST: (usize, usize) = (20, 10);

/// The columns that a cell can have before a whole column is left out to make room.
const COMFORTABLE: usize = 24;

/// The columns of a table.
pub(crate) struct Columns(Vec<Column>);

struct Column {
    heading: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Cut where the terminal is too narrow.
    Text,
    /// Never cut.
    Whole,
    /// Never cut: left out where the terminal is too narrow.
    Optional,
    /// Never cut, and aligned at the right.
    Number,
}

impl Columns {
    pub(crate) fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self(headings.into_iter().map(|heading| Column { heading, kind: Kind::Text }).collect())
    }

    /// Never cuts these columns.
    #[must_use]
    pub(crate) fn whole<const N: usize>(self, headings: [&str; N]) -> Self {
        self.of_kind(Kind::Whole, &headings)
    }

    /// Leaves these columns out where the terminal is too narrow, the last one first: part of an id
    /// is of no use.
    #[must_use]
    pub(crate) fn optional<const N: usize>(self, headings: [&str; N]) -> Self {
        self.of_kind(Kind::Optional, &headings)
    }

    /// Aligns these columns at the right.
    #[must_use]
    pub(crate) fn numbers<const N: usize>(self, headings: [&str; N]) -> Self {
        self.of_kind(Kind::Number, &headings)
    }

    fn of_kind(mut self, kind: Kind, headings: &[&str]) -> Self {
        for column in self.0.iter_mut().filter(|column| headings.contains(&column.heading)) {
            column.kind = kind;
        }
        self
    }

    fn headings(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.heading)
    }

    fn kind(&self, index: usize) -> Kind {
        self.0.get(index).map_or(Kind::Text, |column| column.kind)
    }

    /// Makes widths fit the terminal. A column that is left out has none.
    fn fit(&self, widths: &[usize], terminal: Option<usize>) -> Vec<Option<usize>> {
        let Some(terminal) = terminal else { return widths.iter().copied().map(Some).collect() };
        let total = |widths: &[Option<usize>], most: usize| {
            let shown =
                widths.iter().enumerate().filter_map(|(index, width)| Some((index, (*width)?)));
            let cells =
                shown.map(
                    |(index, width)| {
                        if self.kind(index) == Kind::Text { width.min(most) } else { width }
                    },
                );
            cells
                .filter(|width| *width > 0)
                .map(|width| width + GAP)
                .sum::<usize>()
                .saturating_sub(GAP)
        };
        // No column alone is wider than the terminal.
        let mut widths: Vec<Option<usize>> =
            widths.iter().map(|width| Some(*width.min(&terminal))).collect();
        for index in (0..widths.len()).rev().filter(|index| self.kind(*index) == Kind::Optional) {
            if total(&widths, COMFORTABLE) > terminal
                && let Some(column) = widths.get_mut(index)
            {
                *column = None;
            }
        }
        let first = (0..widths.len()).find(|index| self.kind(*index) == Kind::Text);
        while total(&widths, usize::MAX) > terminal {
            let can_be_cut = |(index, column): (usize, &mut Option<usize>)| {
                let least = if Some(index) == first { LEAST.0 } else { LEAST.1 };
                column
                    .filter(|width| self.kind(index) == Kind::Text && *width > least)
                    .map(|width| (width, index))
            };
            // Where two are equally wide, the first keeps its width.
            let Some((_, widest)) = widths.iter_mut().enumerate().filter_map(can_be_cut).max()
            else {
                break;
            };
            if let Some(Some(column)) = widths.get_mut(widest) {
                *column -= 1;
            }
        }
        widths
    }

    /// Returns a row on one line, cut at the width of the terminal.
    fn line<'c>(
        &self,
        cells: impl Iterator<Item = &'c str>,
        widths: &[Option<usize>],
        terminal: Option<usize>,
    ) -> String {
        let (line, _) = self.joined(cells, widths);
        cut(&line, terminal.unwrap_or(usize::MAX))
    }

    /// Returns a row on one line, and where its last column starts.
    fn joined<'c>(
        &self,
        cells: impl Iterator<Item = &'c str>,
        widths: &[Option<usize>],
    ) -> (String, usize) {
        let (mut line, mut start) = (String::new(), 0);
        for ((cell, column), width) in cells.zip(&self.0).zip(widths) {
            let Some(width) = *width else { continue };
            start = line.width();
            let cell = cut(cell, width);
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            match column.kind {
                Kind::Number => line.push_str(&format!("{gap}{cell}  ")),
                _ => line.push_str(&format!("{cell}{gap}  ")),
            }
        }
        (line.trim_end().to_owned(), start)
    }
}

pub(crate) struct Table {
    columns: Columns,
    rows: Vec<Row>,
    wraps: bool,
}

struct Row {
    cells: Vec<String>,
    dimmed: bool,
}

impl Table {
    pub(crate) fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self::of(Columns::new(headings))
    }

    pub(crate) fn of(columns: Columns) -> Self {
        Self { columns, rows: Vec::new(), wraps: false }
    }

    /// Breaks the lines of the last column between words, in place of cutting any.
    #[must_use]
    pub(crate) fn wrapping(self) -> Self {
        Self { wraps: true, ..self }
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

    /// Prints the table. On a terminal, it is made to fit unless `wide`.
    pub(crate) fn print(&self, wide: bool) -> Result<(), Failure> {
        let width = if wide { None } else { screen::width() };
        screen::out(self.text(width))
    }

    fn text(&self, terminal: Option<usize>) -> String {
        let mut widths = Widths::default();
        widths.widen(self.columns.headings());
        self.rows.iter().for_each(|row| widths.widen(row.cells.iter().map(String::as_str)));
        // Where the last column is broken, there is room for it.
        let widths = self.columns.fit(&widths.0, terminal.filter(|_| !self.wraps));
        let mut text =
            format!("{BOLD}{}{BOLD:#}\n", self.line(self.columns.headings(), &widths, terminal));
        for row in &self.rows {
            let line = self.line(row.cells.iter().map(String::as_str), &widths, terminal);
            if row.dimmed {
                text.push_str(&format!("{DIMMED}{line}{DIMMED:#}\n"));
            } else {
                text.push_str(&format!("{line}\n"));
            }
        }
        text
    }

    fn line<'c>(
        &self,
        cells: impl Iterator<Item = &'c str>,
        widths: &[Option<usize>],
        terminal: Option<usize>,
    ) -> String {
        if !self.wraps {
            return self.columns.line(cells, widths, terminal);
        }
        let (line, start) = self.columns.joined(cells, widths);
        layout::broken(&line, start, terminal)
    }
}

/// A table whose rows are printed as they come. A column is as wide as its widest cell so far.
pub(crate) struct Growing {
    columns: Columns,
    widths: Widths,
    is_headed: bool,
}

impl Growing {
    /// Creates a table from its columns, and the width that each has at least.
    pub(crate) fn new(columns: Columns, widths: Vec<usize>) -> Self {
        Self { columns, widths: Widths(widths), is_headed: false }
    }

    /// Prints a row, and the headings before the first one. On a terminal, it is made to fit unless
    /// `wide`.
    pub(crate) fn print(
        &mut self,
        cells: impl IntoIterator<Item = String>,
        wide: bool,
    ) -> Result<(), Failure> {
        let width = if wide { None } else { screen::width() };
        if !std::mem::replace(&mut self.is_headed, true) {
            let widths = self.columns.fit(&self.widths.0, width);
            let heading = self.columns.line(self.columns.headings(), &widths, width);
            screen::out(format_args!("{BOLD}{heading}{BOLD:#}"))?;
        }
        let cells: Vec<String> = cells.into_iter().map(|cell| clean(&cell)).collect();
        self.widths.widen(cells.iter().map(String::as_str));
        let widths = self.columns.fit(&self.widths.0, width);
        screen::out(self.columns.line(cells.iter().map(String::as_str), &widths, width))
    }
}

/// The widths of columns on the screen, as their cells would have them.
#[derive(Default)]
struct Widths(Vec<usize>);

impl Widths {
    /// Makes the columns as wide as these cells.
    fn widen<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        for (index, cell) in cells.enumerate() {
            match self.0.get_mut(index) {
                Some(width) => *width = cell.width().max(*width),
                None => self.0.push(cell.width()),
            }
        }
    }
}

/// Cuts text at a number of columns.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1; // the ellipsis
    for c in text.chars() {
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
    use super::{Columns, Table};

    fn plain(table: &Table, width: Option<usize>) -> String {
        anstream::adapter::strip_str(&table.text(width)).to_string()
    }

    #[test]
    fn columns_are_aligned_by_their_width_on_the_screen() {
        let mut table = Table::of(Columns::new(["NAME", "STATUS", "USED"]).numbers(["USED"]));
        table.row(["审计_通知", "enabled", "7"]);
        table.row(["e\u{301}\u{1b}[2J", "disabled", "100"]);
        let expected = "NAME        STATUS    USED\n审计_通知   enabled      7\ne\u{301}\\u{1b}[2J  disabled   100\n";
        assert_eq!(plain(&table, None), expected);
    }

    #[test]
    fn the_widest_cells_are_cut_where_the_terminal_is_too_narrow() {
        let mut table = Table::of(Columns::new(["NAME", "STATUS", "TARGET"]).whole(["STATUS"]));
        table.row(["审计审计审计审计审计审计", "disabled", "a_target_with_a_long_name"]);
        table.row(["short", "enabled", "audit"]);
        let expected = "NAME                  STATUS    TARGET\n\
                        审计审计审计审计审…   disabled  a_target_with…\n\
                        short                 enabled   audit\n";
        assert_eq!(plain(&table, Some(46)), expected);
    }

    #[test]
    fn an_id_is_shown_whole_or_not_at_all() {
        let mut table = Table::of(Columns::new(["NAME", "ID"]).optional(["ID"]));
        table.row(["team_logins", "f828ab77-d993-11f0-b09f-35adcfa25f3b"]);
        assert_eq!(plain(&table, Some(49)), plain(&table, None));
        assert_eq!(plain(&table, Some(48)), "NAME\nteam_logins\n");
    }

    #[test]
    fn a_last_column_that_wraps_loses_nothing() {
        let mut table = Table::new(["SERVICE", "OPERATIONS"]).wrapping();
        table.row(["ECS", "createServer deleteServer startServer"]);
        let expected = "SERVICE  OPERATIONS\nECS      createServer\n         deleteServer\n         startServer\n";
        assert_eq!(plain(&table, Some(30)), expected);
    }

    #[test]
    fn what_does_not_fit_a_very_narrow_terminal_is_cut_at_its_edge() {
        let mut table = Table::new(["NAME", "STATUS"]);
        table.row(["审计_通知", "enabled"]);
        assert_eq!(plain(&table, Some(8)), "NAME   …\n审计_通…\n");
    }
}
