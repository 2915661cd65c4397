//! Text that fits a terminal: lines are broken between words, and what follows is indented.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

use crate::screen::{self, DIMMED};

/// The fewest columns that text is broken to fit into. A narrower terminal breaks lines by itself.
const LEAST: usize = 20;

/// Breaks the lines of a result that are wider than the terminal. What follows is indented by this
/// many columns. Without a terminal, lines are whole.
pub(crate) fn hanging(text: &str, indent: usize) -> String {
    broken(text, indent, screen::width())
}

/// Like [`hanging`], for text that goes to stderr.
pub(crate) fn hanging_note(text: &str, indent: usize) -> String {
    broken(text, indent, screen::note_width())
}

/// Returns names and values as a column each, a line for each value. An empty name belongs to the
/// one before. The values are clean.
pub(crate) fn fields<'n>(
    indent: usize,
    rows: impl IntoIterator<Item = (&'n str, String)>,
) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let names = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        let line = format!("{:indent$}{DIMMED}{name:<names$}{DIMMED:#}  {value}", "");
        text.push_str(hanging(&line, indent + names + 2).trim_end());
        text.push('\n');
    }
    text
}

/// Breaks the lines of text at this width. Styles have no width.
pub(crate) fn broken(text: &str, indent: usize, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| *width >= indent + LEAST) else {
        return text.to_owned();
    };
    let indent = " ".repeat(indent);
    let options = Options::new(width)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::AsciiSpace)
        // An id with hyphens is one word.
        .word_splitter(WordSplitter::NoHyphenation);
    // Each line by itself: the first line of all would be the only one without the indent.
    let lines: Vec<String> = text.split('\n').map(|line| textwrap::fill(line, &options)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{broken, fields};
    use crate::screen::BOLD;

    #[test]
    fn lines_are_broken_between_words_and_what_follows_is_indented() {
        let text = "warning  a topic that no one has confirmed\n  b";
        assert_eq!(
            broken(text, 9, Some(29)),
            "warning  a topic that no one\n         has confirmed\n  b"
        );
        assert_eq!(broken(text, 9, None), text);
        assert_eq!(broken(text, 9, Some(10)), text, "there is no room to break it well");
    }

    #[test]
    fn an_id_stays_whole_and_styles_have_no_width() {
        let id = "f828ab77-d993-11f0-b09f-35adcfa25f3b";
        assert_eq!(broken(&format!("trace {id}"), 2, Some(40)), format!("trace\n  {id}"));
        let styled = format!("{BOLD}{id}{BOLD:#}");
        assert_eq!(broken(&styled, 2, Some(36)), styled);
    }

    #[test]
    fn wide_characters_count_for_two_columns() {
        assert_eq!(broken("审计审计审计审计 审计审计", 0, Some(20)), "审计审计审计审计\n审计审计");
    }

    #[test]
    fn the_values_of_fields_are_aligned() {
        let text =
            fields(2, [("a", "1".to_owned()), ("longer", "2".to_owned()), ("", "3".to_owned())]);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "  a       1\n  longer  2\n          3\n");
    }
}
