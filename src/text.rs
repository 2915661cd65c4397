//! Strings from outside, made safe to display in a terminal, a log or an error.
//!
//! Ids, names and messages can contain anything. A control character can move the cursor or change
//! the settings of a terminal, a bidirectional override shows `gnp.exe` as `exe.png`, and
//! characters without width are invisible.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Implements `Debug` by `Display`, for errors whose `Display` says everything: `main` prints an
/// error by `Debug`, and so does `unwrap`.
macro_rules! debug_as_display {
    ($($error:ty),+) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}
pub(crate) use debug_as_display;

/// Returns `true` if a character shows as itself: not a control, a format character such as a
/// bidirectional override or isolate, a separator of lines or paragraphs, or anything else that is
/// ignored where it can't be displayed, such as a zero-width space or a variation selector.
pub(crate) fn is_printable(c: char) -> bool {
    const HIDDEN: [GeneralCategory; 4] = [
        GeneralCategory::Control,
        GeneralCategory::Format,
        GeneralCategory::LineSeparator,
        GeneralCategory::ParagraphSeparator,
    ];

    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !HIDDEN.contains(&CodePointMapData::<GeneralCategory>::new().get(c))
        && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Returns the string with escapes such as `\n` and `\u{202e}` for what is not
/// [printable](is_printable).
///
/// For ids and names, where every character counts. A backslash stays as it is: the result is for
/// reading, not for parsing.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_printable(c) { shown.push(c) } else { shown.extend(c.escape_default()) }
    }
    Cow::Owned(shown)
}

/// Returns the string on one line, cut after `limit` characters. White space and what is not
/// [printable](is_printable) become a space.
///
/// For prose, where the words count.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 2));
    let mut shown = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || !is_printable(c) {
            gap = !line.is_empty();
            continue;
        }
        if shown >= limit {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            gap = false;
        }
        line.push(c);
        shown += 1;
    }
    line
}

/// Returns the start of a string, of at most `limit` bytes.
pub(crate) fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.shrink_to_fit();
    }
    text
}

/// Returns the start of an access key, enough to recognize it: at most four characters of a long
/// one.
pub(crate) fn masked(access_key: &str) -> String {
    let shown = if access_key.chars().count() >= 16 { 4 } else { 0 };
    access_key.chars().take(shown).chain("****".chars()).collect()
}

/// An error and its sources, on one line.
pub(crate) struct Chain<'e>(pub(crate) &'e (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printed = self.0.to_string();
        f.write_str(&printed)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            // Some libraries print their source themselves.
            let text = error.to_string();
            if !printed.contains(&text) {
                write!(f, ": {text}")?;
                printed = text;
            }
            next = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_directions_and_invisible_characters_are_not_printable() {
        for hidden in [
            '\0',
            '\n',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}', // controls of both sets
            '\u{61c}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}', // direction
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{2060}',
            '\u{feff}',
            '\u{180e}', // no width
            '\u{34f}',
            '\u{115f}',
            '\u{3164}',
            '\u{ffa0}',
            '\u{fe0f}',
            '\u{e0100}', // ignored, though no format characters
            '\u{2028}',
            '\u{2029}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{e0fff}',
        ] {
            assert!(!is_printable(hidden), "{hidden:?}");
        }
        for shown in [
            ' ', '~', 'é', '\u{301}', 'ß', '云', '服', 'ा', '\u{3000}', '🦀', '\u{e000}',
            '\u{fffd}',
        ] {
            assert!(is_printable(shown), "{shown:?}");
        }
    }

    #[test]
    fn names_keep_every_character_and_prose_its_words() {
        assert!(matches!(escaped("key_logins 审计"), Cow::Borrowed("key_logins 审计")));
        assert_eq!(escaped("a\u{1b}[31m\n\u{202e}b\\"), r"a\u{1b}[31m\n\u{202e}b\");
        assert_eq!(printable("\u{feff} one\r\n\u{200b}two\u{2028}three ", 100), "one two three");
        assert_eq!(printable("审计\u{202e}审计", 3), "审计 审…");
    }
}
