//! The file `regions.yaml`, with the endpoints of regions.
//!
//! ```yaml
//! CTS:                       # the service, in any case
//!   - id: 'my-region-1'
//!     endpoint: 'https://cts.my-region-1.example.com'
//!   - id: 'my-region-2'
//!     endpoints:
//!       - 'https://cts.my-region-2.example.com'
//! ```
//!
//! It is YAML, as for the official SDKs. They silently ignore some mistakes, and then use another
//! endpoint than the intended one. Here these are errors.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Resolved;
use super::yaml::{BadYaml, Node, NodeId, Tree, Value};
use crate::file;
use crate::text::debug_as_display;

/// An error of a regions file. `Debug` prints the same line as `Display`.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RegionsFileError {
    /// The file can't be read.
    #[error("the regions file {} can't be read: {reason}", file::shown(path))]
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        reason: Arc<io::Error>,
    },
    /// A line is not YAML, or not of the documented form.
    #[error("line {line} of the regions file {} is invalid: {reason}", file::shown(path))]
    #[non_exhaustive]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it, without any contents of the file.
        reason: String,
    },
}

// The path may be a secret that was set by mistake, and `Display` masks it.
debug_as_display!(RegionsFileError);

/// Returns the endpoints of a service in a region. The file `named` must exist and be readable, the
/// file `usual` need not.
pub(super) fn endpoints(
    named: Option<PathBuf>,
    usual: Option<PathBuf>,
    service: &str,
    region: &str,
) -> Result<Vec<Resolved>, RegionsFileError> {
    let is_named = named.is_some();
    let Some(path) = named.or(usual) else { return Ok(Vec::new()) };
    let contents = match file::read(&path) {
        Ok(contents) => contents,
        Err(reason) => return unreadable(path, is_named, reason).map(|()| Vec::new()),
    };
    let found = decoded(&contents).and_then(|contents| find(contents, service, region));
    let found = found.map_err(|Wrong { line, reason }| RegionsFileError::Line {
        path: path.clone(),
        line,
        reason,
    })?;
    let origin = |line| Some(format!("line {line} of the regions file {}", file::shown(&path)));
    Ok(found
        .into_iter()
        .map(|(line, endpoint)| Resolved { endpoint, origin: origin(line) })
        .collect())
}

fn unreadable(path: PathBuf, is_named: bool, reason: io::Error) -> Result<(), RegionsFileError> {
    if is_named || !file::counts_as_absent(&reason) {
        return Err(RegionsFileError::Unreadable { path, reason: Arc::new(reason) });
    }
    Ok(())
}

/// What is wrong, and in which line.
#[derive(Debug)]
struct Wrong {
    line: usize,
    reason: String,
}

impl From<BadYaml> for Wrong {
    fn from(BadYaml { line, reason }: BadYaml) -> Self {
        Self { line, reason }
    }
}

fn wrong(node: &Node<'_>, reason: impl Into<String>) -> Wrong {
    Wrong { line: node.line, reason: reason.into() }
}

fn decoded(contents: &[u8]) -> Result<&str, Wrong> {
    let decoded = std::str::from_utf8(contents).map_err(|error| {
        let before = contents.iter().take(error.valid_up_to());
        Wrong {
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            reason: "it is not valid UTF-8".to_owned(),
        }
    })?;
    Ok(decoded.strip_prefix('\u{feff}').unwrap_or(decoded))
}

/// Returns the endpoints of a region, best first, with their lines; none if the file does not list
/// the region.
fn find(contents: &str, service: &str, region: &str) -> Result<Vec<(usize, String)>, Wrong> {
    let tree = Tree::parse(contents)?;
    let Some(root) = tree.root() else { return Ok(Vec::new()) };
    let services = match &root.value {
        Value::Null => return Ok(Vec::new()),
        Value::Map(services) => services,
        _ => {
            return Err(wrong(
                root,
                "services are expected, such as \"CTS:\" with a list of regions below it",
            ));
        }
    };
    let mut regions = None;
    for (key, value) in tree.pairs(services) {
        if is_string(key, |name| name == "<<") {
            return Err(wrong(key, MERGE));
        }
        if is_string(key, |name| name.eq_ignore_ascii_case(service))
            && regions.replace(value).is_some()
        {
            return Err(wrong(key, format!("{service} is listed a second time")));
        }
    }
    let items = match regions {
        None | Some(Node { value: Value::Null, .. }) => return Ok(Vec::new()),
        Some(Node { value: Value::List(items), .. }) => items,
        Some(other) => {
            return Err(wrong(
                other,
                "the regions of a service are a list: start each with a dash",
            ));
        }
    };
    let mut found = None;
    // An alias can repeat an item, and a file with many of them would take forever to read.
    let mut seen = HashSet::new();
    for (item, node) in items.iter().filter_map(|item| Some((item, tree.get(*item)?))) {
        if !seen.insert(item) {
            return Err(wrong(node, "this region is repeated by an alias"));
        }
        let mut entry = Entry::read(&tree, node)?;
        if entry.is(region)? && found.replace(entry.endpoints(&tree)?).is_some() {
            return Err(wrong(node, format!("the region {region:?} is listed a second time")));
        }
    }
    Ok(found.unwrap_or_default())
}

const MERGE: &str = "merge keys (<<) are not supported: write out what they stand for";

/// A region in the file.
struct Entry<'n> {
    node: &'n Node<'n>,
    id: Option<&'n Node<'n>>,
    endpoint: Option<&'n Node<'n>>,
    endpoints: Option<&'n Node<'n>>,
    /// What is wrong with a key. It is an error only if the region is the wanted one.
    wrong: Option<Wrong>,
}

impl<'n> Entry<'n> {
    fn read(tree: &'n Tree<'_>, node: &'n Node<'_>) -> Result<Self, Wrong> {
        let Value::Map(children) = &node.value else {
            return Err(wrong(node, "a region is expected: \"id:\", and \"endpoint:\" below it"));
        };
        let mut entry = Self { node, id: None, endpoint: None, endpoints: None, wrong: None };
        for (key, value) in tree.pairs(children) {
            let Value::String(name) = &key.value else { continue };
            let field = match &**name {
                "id" => &mut entry.id,
                "endpoint" => &mut entry.endpoint,
                "endpoints" => &mut entry.endpoints,
                "<<" => return Err(wrong(key, MERGE)),
                // Keys of a later SDK.
                other => {
                    if let Some(meant) = meant(other) {
                        entry.wrong.get_or_insert(wrong(
                            key,
                            format!("the key is unknown: did you mean \"{meant}\"?"),
                        ));
                    }
                    continue;
                }
            };
            if field.replace(value).is_some() {
                let twice = wrong(key, "the key is set a second time in this region");
                if name == "id" {
                    return Err(twice);
                }
                entry.wrong.get_or_insert(twice);
            }
        }
        Ok(entry)
    }

    /// Returns `true` if this is the region of that id.
    fn is(&mut self, region: &str) -> Result<bool, Wrong> {
        match self.id.map(|id| (id, &id.value)) {
            // Even if it looks like a number or a boolean, it is an id.
            Some((node, Value::String(id) | Value::Other(id))) => match id.trim() {
                "" => Err(wrong(node, "the id is empty")),
                id if id == region => Ok(true),
                id if id.eq_ignore_ascii_case(region) => Err(wrong(
                    node,
                    format!("the id differs from {region:?} in case: write it in the same way"),
                )),
                _ => Ok(false),
            },
            Some((node, Value::Null)) => Err(wrong(node, "the id is empty")),
            Some((node, Value::List(_) | Value::Map(_))) => {
                Err(wrong(node, "the id of a region is a string"))
            }
            None => {
                Err(self.wrong.take().unwrap_or_else(|| wrong(self.node, "this region has no id")))
            }
        }
    }

    /// Returns the endpoints of both keys. `endpoint` comes last, as in the Python and Java SDKs.
    fn endpoints(self, tree: &Tree<'_>) -> Result<Vec<(usize, String)>, Wrong> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let mut found = Vec::new();
        match self.endpoints.map(|node| (node, &node.value)) {
            None | Some((_, Value::Null)) => {}
            Some((_, Value::List(items))) => {
                // An alias to the same endpoint adds nothing.
                let mut seen: HashSet<NodeId> = HashSet::new();
                for node in items
                    .iter()
                    .filter(|item| seen.insert(**item))
                    .filter_map(|item| tree.get(*item))
                {
                    found.push(endpoint(node)?);
                }
            }
            Some((node, _)) => {
                return Err(wrong(node, "\"endpoints\" is a list: for one, write \"endpoint\""));
            }
        }
        match self.endpoint {
            None | Some(Node { value: Value::Null, .. }) => {}
            Some(node) => found.push(endpoint(node)?),
        }
        if found.is_empty() {
            return Err(wrong(self.node, "this region has no endpoint"));
        }
        Ok(found)
    }
}

fn endpoint(node: &Node<'_>) -> Result<(usize, String), Wrong> {
    match &node.value {
        Value::String(value) if !value.trim().is_empty() => {
            Ok((node.line, value.trim().to_owned()))
        }
        Value::String(_) | Value::Null => Err(wrong(node, "the endpoint is empty")),
        Value::Other(_) => {
            Err(wrong(node, "an endpoint is a string, such as \"https://cts.example.com\""))
        }
        Value::List(_) | Value::Map(_) => {
            Err(wrong(node, "an endpoint is a string: for several, write \"endpoints\""))
        }
    }
}

fn is_string(node: &Node<'_>, matches: impl Fn(&str) -> bool) -> bool {
    matches!(&node.value, Value::String(value) if matches(value))
}

/// Returns the key that a misspelt one probably stands for.
fn meant(key: &str) -> Option<&'static str> {
    let key: String = key
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let is_slip = |known: &&str| {
        let before = known.chars().zip(key.chars()).take_while(|(a, b)| a == b).count();
        let after = known.chars().rev().zip(key.chars().rev()).take_while(|(a, b)| a == b).count();
        let (known, key) = (known.len(), key.chars().count());
        let same = (before + after).min(known).min(key);
        // A letter inserted, left out or replaced, or two neighbours replaced, as if they were
        // swapped.
        matches!((known - same, key - same), (0 | 1, 0 | 1) | (2, 2))
    };
    ["id", "endpoint", "endpoints"]
        .into_iter()
        .find(|known| *known == key)
        .or_else(|| ["endpoint", "endpoints"].into_iter().find(is_slip))
}

#[cfg(test)]
mod tests;
