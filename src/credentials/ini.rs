//! Profile files.
//!
//! Read by own code, because no crate fits: `rust-ini` and `configparser` copy each value into a
//! string that is not wiped, and `ini-roundtrip`, which borrows, knows neither `:` nor a comment
//! after a section.

use crate::secret::value;

/// The keys that are read. All others are ignored.
const KNOWN: [&str; 7] =
    ["ak", "sk", "security_token", "project_id", "iam_endpoint", "idp_id", "id_token_file"];

/// The section `[basic]`. Borrows from the file, so that no secret is copied.
#[derive(Debug)]
pub(super) struct Basic<'t>(Vec<(&'static str, Entry<'t>)>);

#[derive(Clone, Copy, Debug)]
struct Entry<'t> {
    line: usize,
    value: &'t str,
}

/// A line that can't be read. Contains nothing of the line itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) reason: String,
}

impl<'t> Basic<'t> {
    /// Returns the value of a known key. An empty value counts as none.
    pub(super) fn get(&self, key: &str) -> Option<&'t str> {
        let (_, entry) = self.0.iter().find(|(known, _)| *known == key)?;
        Some(entry.value).filter(|value| !value.is_empty())
    }
}

/// Reads the section `[basic]`; `None` if there is none.
///
/// Accepts what any of the official SDKs accepts, if those that accept it agree on the meaning:
/// spaces around everything, `=` or `:`, keys in any case, whole lines of comment after `#` or `;`,
/// values in quotes, a byte order mark. A `%` is a `%`. A value with a space in it is an error,
/// because some SDKs read the rest as a comment and others as part of a secret.
pub(super) fn basic(text: &str) -> Result<Option<Basic<'_>>, BadLine> {
    let mut found: Option<Basic<'_>> = None;
    let mut is_basic = false;
    for (line, content) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()) {
        let bad = |reason: String| BadLine { line, reason };
        let content = content.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = content.strip_prefix('[') {
            let (name, rest) = header
                .split_once(']')
                .ok_or_else(|| bad("a section has no closing bracket".to_owned()))?;
            let rest = rest.trim_start();
            if !rest.is_empty() && !rest.starts_with(['#', ';']) {
                return Err(bad("a section has something after its closing bracket".to_owned()));
            }
            is_basic = name.trim() == "basic";
            if is_basic {
                found.get_or_insert_with(|| Basic(Vec::with_capacity(KNOWN.len())));
            }
            continue;
        }
        let Some(Basic(entries)) = found.as_mut().filter(|_| is_basic) else { continue };
        let (key, value) = content.split_once(['=', ':']).ok_or_else(|| {
            bad("neither a key and its value, nor a section, nor a comment".to_owned())
        })?;
        let key = key.trim_end();
        let Some(key) = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(key)) else {
            continue;
        };
        if let Some((_, earlier)) = entries.iter().find(|(known, _)| *known == key) {
            return Err(bad(format!("{key} is set a second time, after line {}", earlier.line)));
        }
        let value = unquoted(value.trim_start());
        if key != "id_token_file" {
            check(key, value).map_err(bad)?;
        }
        if matches!(key, "ak" | "sk" | "security_token" | "project_id") && !value.is_empty() {
            value::check(value).map_err(|reason| bad(format!("the value of {key} {reason}")))?;
        }
        entries.push((key, Entry { line, value }));
    }
    Ok(found)
}

/// Returns the value without a pair of quotes around it.
fn unquoted(value: &str) -> &str {
    let inside = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

fn check(key: &str, value: &str) -> Result<(), String> {
    match value.chars().position(|c| c.is_control() || c.is_whitespace()) {
        Some(at) => Err(format!(
            "the value of {key} has white space or a control character at position {}: a comment needs a line of its own",
            at + 1
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn pairs(text: &str) -> Vec<(&'static str, &str)> {
        let basic = basic(text).unwrap().unwrap();
        KNOWN.into_iter().filter_map(|key| Some((key, basic.get(key)?))).collect()
    }

    #[test]
    fn every_notation_that_the_sdks_agree_on_is_read() {
        let pair = [("ak", "A"), ("sk", "S")];
        for text in [
            "[basic]\nak = A\nsk = S\n",
            "[basic]\nak=A\nsk=S",
            "[basic]\r\nak=A\r\nsk=S\r\n",
            "\u{feff}[basic]\nak: A\nsk : S\n",
            "# comment = x\n; comment\n\n  [ basic ]  # comment\n\tAK\t=\tA\t\n  Sk = S  \n",
            "[global]\nak = other\nno pair\n[basic]\nak = A\n[global]\nsk = other\n[basic]\nsk = S\n",
            "[basic]\nak = \"A\"\nsk = 'S'\n",
            "[basic]\nak = A\nsk = S\nproject_id =\nunknown = x y\ndomain_id = d\n",
        ] {
            assert_eq!(pairs(text), pair, "{text:?}");
        }
        let all = "[basic]\nak=a=b:c%(x)s\nsecurity_token=t\nproject_id=p\niam_endpoint: https://iam:8443/x=y\n\
                   idp_id=\"\nid_token_file=C:\\my files\\#token\n";
        let expected = [
            ("ak", "a=b:c%(x)s"),
            ("security_token", "t"),
            ("project_id", "p"),
            ("iam_endpoint", "https://iam:8443/x=y"),
            ("idp_id", "\""),
            ("id_token_file", "C:\\my files\\#token"),
        ];
        assert_eq!(pairs(all), expected);
    }

    #[test]
    fn a_line_that_could_be_misread_is_an_error_without_its_contents() {
        for (text, line, reason) in [
            ("[basic\nak = A", 1, "no closing bracket"),
            ("[basic] ak = A", 1, "after its closing bracket"),
            ("\n[basic]\nsentinel\n", 3, "neither a key and its value"),
            ("[basic]\nak = A\nAK = sentinel\n", 3, "ak is set a second time, after line 2"),
            (
                "[basic]\r\nsk = sentinel # comment\r\n",
                2,
                "the value of sk has white space or a control character at position 9",
            ),
            ("[basic]\nsk = sen\u{0}tinel\n", 2, "at position 4"),
            (
                "[basic]\nsk = \"sentinel\n",
                2,
                "the value of sk has a quotation mark at position 1 of 9",
            ),
            (
                "[basic]\nak = '\"sentinel\"'\n",
                2,
                "the value of ak has a quotation mark at position 1 of 10",
            ),
            (
                "[basic]\nsecurity_token = sentinel\u{200b}\n",
                2,
                "has the character U+200B at position 9 of 9",
            ),
            ("[basic]\n\nproject_id = {sentinel}\n", 3, "the value of project_id has a brace"),
            ("[basic]\nsk = your_sentinel\n", 2, "the value of sk is a placeholder"),
        ] {
            let error = basic(text).unwrap_err();
            assert!(error.line == line && error.reason.contains(reason), "{error:?}");
            assert!(!error.reason.contains("sentinel"), "{error:?}");
        }
        for text in [
            "",
            "\u{feff}",
            "# [basic]",
            "ak = A\nsk = S",
            "[Basic]\nak = A",
            "[global]\n[basics]\n",
        ] {
            assert!(basic(text).unwrap().is_none(), "{text:?}");
        }
        assert_eq!(pairs("[basic]\n"), []);
    }

    #[test]
    fn time_grows_with_the_length_of_the_file_and_no_faster() {
        let megabyte = |unit: &str| format!("[basic]\n{}", unit.repeat(1024 * 1024 / unit.len()));
        for text in
            ["\n", "[basic]\n", "x=\n", "#", "[]", "ak", "x=\"'", "=", " ", "é"].map(megabyte)
        {
            let started = Instant::now();
            let _ = basic(&text);
            assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(?s).{0,80}", odd in "(\\[basic\\]|\\[|\\]|ak|SK|id_token_file|=|:|\"|'|#|\\r|\\n| |é|\u{feff}){0,30}") {
            let _ = basic(&text);
            let _ = basic(&odd);
            let _ = basic(&format!("[basic]\n{odd}{text}"));
        }
    }
}
