//! Text in columns of a terminal.

use crate::text::printable;

/// How much of a text is shown: a hostile name shall not bury the rest.
const MOST: usize = 400;

/// A text of a file or of the service, on one line and without control characters.
pub(super) fn clean(text: &str) -> String {
    printable(text, MOST)
}

/// The columns that a text takes: Chinese, Japanese and Korean characters take two.
pub(super) fn width(text: &str) -> usize {
    let is_wide = |c| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
            || matches!(c, '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{3fffd}')
    };
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// The text, filled up with blanks to this many columns.
pub(super) fn fill(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}
