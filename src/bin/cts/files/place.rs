//! Places in files, and errors that show them.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::RulesFile;
use crate::exit::Failure;
use crate::screen::clean;

/// The longest line that is shown. A caret below a line that does not fit on the screen helps
/// little.
const LONGEST: usize = 200;

/// A place in a file: a line, and columns of it in characters. Counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    /// The number of characters, at least one.
    pub(super) length: usize,
}

impl Place {
    /// Returns the place of these bytes. Of more than one line, it is the first one.
    pub(super) fn of_bytes(text: &str, bytes: &Range<usize>) -> Self {
        let before = text.get(..bytes.start).unwrap_or(text);
        let start =
            before.rfind('\n').map_or(before, |end| before.get(end + 1..).unwrap_or_default());
        let within = text.get(bytes.clone()).unwrap_or_default().lines().next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: start.chars().count() + 1,
            length: within.chars().count().max(1),
        }
    }
}

impl RulesFile {
    /// Returns an error about a place in this file.
    pub(super) fn error(&self, place: Option<Place>, message: &str) -> Failure {
        let Some(place) = place else { return Failure::at(&self.name, message) };
        let Place { line, column, .. } = place;
        Failure::at(
            format_args!("{}:{line}:{column}", self.name),
            format_args!("{message}{}", self.caret(place)),
        )
    }

    /// Returns the line of a place, with carets below it.
    fn caret(&self, Place { line, column, length }: Place) -> String {
        let Some(shown) = line.checked_sub(1).and_then(|line| self.text.lines().nth(line)) else {
            return String::new();
        };
        if shown.chars().count() > LONGEST {
            return String::new();
        }
        // What is escaped is wider, and so are characters of some scripts.
        let width = |from: usize, count: usize| {
            clean(&shown.chars().skip(from).take(count).collect::<String>()).width()
        };
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(width(0, column.saturating_sub(1)));
        let carets = "^".repeat(width(column.saturating_sub(1), length).max(1));
        format!("\n{margin} |\n{number} | {}\n{margin} | {indent}{carets}", clean(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;

    #[test]
    fn carets_are_below_what_is_meant() {
        let file = |text: &str| RulesFile {
            name: "f".to_owned(),
            text: text.to_owned(),
            format: Format::Toml,
        };
        let caret = |text: &str, bytes| file(text).caret(Place::of_bytes(text, &bytes));
        assert_eq!(caret("{\n  \"a\": x\n}", 9..10), "\n  |\n2 |   \"a\": x\n  |        ^");
        assert_eq!(caret("名 = 审计\n", 6..12), "\n  |\n1 | 名 = 审计\n  |      ^^^^");
        assert_eq!(caret("\ta = 1", 1..2), "\n  |\n1 | \\ta = 1\n  |   ^");
        assert_eq!(caret("[[a\nb]]", 0..7), "\n  |\n1 | [[a\n  | ^^^");
        assert_eq!(caret("", 0..1), "");
        assert_eq!(caret(&"a".repeat(201), 0..1), "");
    }
}
