//! The file `regions.yaml`, with endpoints of one's own: the part of YAML that the official SDKs document for it.
//!
//! ```yaml
//! CTS:                       # the service, in any case
//!   - id: 'my-region-1'
//!     endpoint: 'https://cts.my-region-1.example.com'
//!   - id: 'my-region-2'
//!     endpoints:
//!       - 'https://cts.my-region-2.example.com'
//! ```

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Resolved;
use crate::credentials::file;

/// What is wrong with a regions file.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RegionsFileError {
    /// It can't be read.
    #[error("the regions file {} can't be read: {reason}", file::shown(path))]
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A line is not of the documented form.
    #[error("line {line} of the regions file {} is not understood: {reason}", file::shown(path))]
    #[non_exhaustive]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// As `Display`, for what was given as the path may be no path.
impl fmt::Debug for RegionsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionsFileError({:?})", self.to_string())
    }
}

/// The endpoints of a service in a region. `named` must exist and be readable, `usual` need not.
pub(super) fn endpoints(
    named: Option<PathBuf>,
    usual: Option<PathBuf>,
    service: &str,
    region: &str,
) -> Result<Option<Resolved>, RegionsFileError> {
    let is_named = named.is_some();
    let Some(path) = named.or(usual) else { return Ok(None) };
    let contents = match file::read(&path) {
        Ok(contents) => contents,
        Err(reason) => return unreadable(path, is_named, reason).map(|()| None),
    };
    let text = match std::str::from_utf8(&contents) {
        Ok(text) => text,
        Err(error) => {
            let reason = io::Error::new(io::ErrorKind::InvalidData, error);
            return Err(RegionsFileError::Unreadable { path, reason });
        }
    };
    let found = find(text, &path, service, region)?;
    let origin = Some(format!("the regions file {}", file::shown(&path)));
    Ok(found.map(|endpoints| Resolved { endpoints, origin }))
}

fn unreadable(path: PathBuf, is_named: bool, reason: io::Error) -> Result<(), RegionsFileError> {
    if is_named || !file::counts_as_absent(&reason) {
        return Err(RegionsFileError::Unreadable { path, reason });
    }
    Ok(())
}

/// Where endpoints are listed under a region.
#[derive(Default)]
struct Entry {
    id: String,
    endpoint: Option<String>,
    endpoints: Vec<String>,
    /// The key whose lines below it are being read.
    under: Option<Under>,
}

/// A key with lines below it, and its column. They stand further right, though items of a list may start right under the key.
#[derive(Clone, Copy)]
enum Under {
    Endpoints(usize),
    Unknown(usize),
}

impl Entry {
    /// With both, `endpoint` comes last, as the Python and Java SDKs have it.
    fn into_endpoints(self) -> Vec<String> {
        self.endpoints.into_iter().chain(self.endpoint).collect()
    }
}

fn find(text: &str, path: &Path, service: &str, region: &str) -> Result<Option<Vec<String>>, RegionsFileError> {
    let mut in_service = false;
    let mut entry: Option<Entry> = None;
    let mut found = None;
    for (index, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let wrong = |reason| RegionsFileError::Line { path: path.to_owned(), line: index + 1, reason };
        let line = without_comment(raw).trim_end();
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content == "---" {
            continue;
        }
        if content.starts_with('\t') {
            return Err(wrong("indent with blanks, not tabs"));
        }
        let indent = line.len() - content.len();
        let item = content.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' ')).map(str::trim);

        if indent == 0 && item.is_none() {
            finish(&mut found, entry.take(), region);
            let (key, value) = content.split_once(':').ok_or_else(|| wrong("a service and a colon are expected"))?;
            in_service = scalar(key).eq_ignore_ascii_case(service);
            if in_service && !value.trim().is_empty() {
                return Err(wrong("the regions of a service are a list on the lines below it"));
            }
            continue;
        }
        if !in_service {
            continue;
        }
        // An item of `endpoints:` is a plain value; an item of the service, which stands further left, starts a region.
        if let Some(entry) = entry.as_mut() {
            match (entry.under, item) {
                (Some(Under::Endpoints(column)), Some(value)) if indent >= column => {
                    entry.endpoints.push(scalar(value));
                    continue;
                }
                (Some(Under::Unknown(column)), _) if indent > column || (indent == column && item.is_some()) => {
                    continue;
                }
                _ => {}
            }
        }
        let content = match item {
            Some(rest) => {
                finish(&mut found, entry.replace(Entry::default()), region);
                rest
            }
            None => content,
        };
        if content.is_empty() {
            continue;
        }
        let entry = entry.as_mut().ok_or_else(|| wrong("a region starts with a dash"))?;
        let (key, value) = content.split_once(':').ok_or_else(|| wrong("a key and a colon are expected"))?;
        let column = line.len() - content.len();
        entry.under = None;
        match (scalar(key).as_str(), value.trim()) {
            ("id", value) => entry.id = scalar(value),
            ("endpoint", value) => entry.endpoint = Some(scalar(value)),
            ("endpoints", "") => entry.under = Some(Under::Endpoints(column)),
            ("endpoints", list) => {
                let inner = list.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
                let inner = inner.ok_or_else(|| wrong("endpoints are a list"))?;
                entry.endpoints = inner.split(',').map(scalar).filter(|endpoint| !endpoint.is_empty()).collect();
            }
            // Whatever else a later SDK writes there.
            _ => entry.under = Some(Under::Unknown(column)),
        }
    }
    finish(&mut found, entry, region);
    Ok(found)
}

/// Takes over an entry if it is that of the region.
fn finish(found: &mut Option<Vec<String>>, entry: Option<Entry>, region: &str) {
    if let Some(entry) = entry.filter(|entry| entry.id == region) {
        let endpoints = entry.into_endpoints();
        if !endpoints.is_empty() {
            *found = Some(endpoints);
        }
    }
}

/// A comment starts with a `#` at the line's start or behind a blank; an address may have one inside.
fn without_comment(line: &str) -> &str {
    let starts = |at: &usize| *at == 0 || line.as_bytes().get(at - 1).is_some_and(u8::is_ascii_whitespace);
    let comment = line.match_indices('#').map(|(at, _)| at).find(starts);
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}

/// A value without its quotes.
fn scalar(text: &str) -> String {
    let text = text.trim();
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, region: &str) -> Result<Option<Vec<String>>, String> {
        find(text, Path::new("r.yaml"), "CTS", region).map_err(|error| error.to_string())
    }

    #[test]
    fn the_documented_forms() {
        let text = "\u{feff}# mine\nECS:\n  - id: a\n    endpoint: https://ecs\nCts:   # any case\r\n- id: 'a'\n  endpoint: 'https://a#1'   # first\n  \
                    - id: \"b\"\n    endpoints:\n      - 'https://b1'\n      - https://b2\n    endpoint: https://b3\n    tier: 1\n\
                    \n  -\n    id: c\n    endpoints:\n    - https://c1\n  - endpoints: [https://d1, 'https://d2']\n    id: d\n\
                    VPC:\n  - id: c\n    endpoint: https://vpc\n";
        for (region, expected) in [
            ("a", vec!["https://a#1"]),
            ("b", vec!["https://b1", "https://b2", "https://b3"]),
            ("c", vec!["https://c1"]),
            ("d", vec!["https://d1", "https://d2"]),
        ] {
            assert_eq!(read(text, region).unwrap().unwrap(), expected, "{region}");
        }
        assert_eq!(read(text, "e"), Ok(None));
        assert_eq!(read("", "a"), Ok(None));
        assert_eq!(read("CTS:\n  - id: a\n", "a"), Ok(None));
    }

    #[test]
    fn what_is_below_an_unknown_key_is_passed_over() {
        let text = "CTS:\n  - tags:\n      - x\n      - id: z\n        endpoint: https://z\n    id: a\n    notes: |\n      any text\n      \
                    - id: y\n    labels:\n    - id: x\n    owner:\n      id: w\n      names: [v]\n    endpoint: https://a\n  \
                    - id: b\n    endpoints:\n      - https://b\n    tags:\n      - c\n  -   tags:\n      - d\n      id: c\n      \
                    endpoint: https://c\n";
        for (region, endpoint) in [("a", "https://a"), ("b", "https://b"), ("c", "https://c")] {
            assert_eq!(read(text, region), Ok(Some(vec![endpoint.to_owned()])), "{region}");
        }
        for region in ["w", "x", "y", "z", "d", ""] {
            assert_eq!(read(text, region), Ok(None), "{region}");
        }
    }

    #[test]
    fn the_usual_file_may_be_out_of_reach_and_a_named_one_may_not() {
        for kind in [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory, io::ErrorKind::PermissionDenied] {
            let refused = |is_named| unreadable("r.yaml".into(), is_named, kind.into()).is_err();
            assert_eq!((refused(true), refused(false)), (true, false), "{kind}");
        }
        assert!(unreadable("r.yaml".into(), false, io::ErrorKind::InvalidInput.into()).is_err());
        // Service accounts have `/dev/null` for a home.
        let under_a_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").join("regions.yaml");
        assert!(endpoints(None, Some(under_a_file.clone()), "CTS", "a").unwrap().is_none());
        endpoints(Some(under_a_file), None, "CTS", "a").unwrap_err();
        let directory = endpoints(None, Some(env!("CARGO_MANIFEST_DIR").into()), "CTS", "a").unwrap_err();
        assert!(directory.to_string().ends_with("can't be read: it is not a regular file"), "{directory}");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, line) in [
            ("CTS: {a: b}\n", 1),
            ("CTS\n", 1),
            ("CTS:\n\t- id: a\n", 2),
            ("CTS:\n  id: a\n", 2),
            ("CTS:\n  - id: a\n    nonsense\n", 3),
            ("CTS:\n  - id: a\n    endpoints: https://a\n", 3),
        ] {
            let said = read(text, "a").unwrap_err();
            assert!(said.starts_with(&format!("line {line} of the regions file r.yaml is not understood: ")), "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(CTS:\n)?([ \\-#:'\"a\t\n\\[\\],]|id: |endpoints?:|\\PC){0,80}") {
            let _ = read(&text, "a");
        }
    }
}
