//! A YAML document as a tree whose nodes know their lines.
//!
//! The parser is that of `saphyr`. The tree of that crate is not used, because it needs six more
//! packages and copies the target of an alias. Here an alias is the node itself, so a tree is never
//! larger than its document.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

/// A YAML document.
#[derive(Debug, Default)]
pub(super) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
}

/// The index of a node in a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NodeId(usize);

#[derive(Debug)]
pub(super) struct Node<'t> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) value: Value<'t>,
}

#[derive(Debug)]
pub(super) enum Value<'t> {
    /// Nothing, `~` or `null`.
    Null,
    String(Cow<'t, str>),
    /// A number, a boolean, or a value with a tag of its own, as it is written.
    Other(Cow<'t, str>),
    List(Vec<NodeId>),
    /// Keys and values, alternating.
    Map(Vec<NodeId>),
}

/// The reason why this is not a YAML document. Contains nothing of the document.
#[derive(Debug)]
pub(super) struct BadYaml {
    pub(super) line: usize,
    pub(super) reason: String,
}

impl From<ScanError> for BadYaml {
    fn from(error: ScanError) -> Self {
        Self {
            line: error.marker().line(),
            reason: format!("it is not valid YAML: {}", error.info()),
        }
    }
}

impl<'t> Tree<'t> {
    /// Parses a stream of one document, or of none.
    pub(super) fn parse(contents: &'t str) -> Result<Self, BadYaml> {
        let mut tree = Self::default();
        let mut open: Vec<NodeId> = Vec::new();
        let mut anchors: HashMap<usize, NodeId> = HashMap::new();
        let mut parser = Parser::new_from_str(contents);
        while let Some(event) = parser.next_event() {
            let (event, span) = event?;
            let line = span.start.line();
            let (value, anchor) = match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if !tree.nodes.is_empty() => {
                    return Err(BadYaml {
                        line,
                        reason: "a second document starts here, but only one is read".to_owned(),
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    continue;
                }
                Event::Alias(anchor) => {
                    if let (Some(&id), Some(&parent)) = (anchors.get(&anchor), open.last()) {
                        tree.attach(id, parent);
                    }
                    continue;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    (scalar(text, style, tag.as_deref()), anchor)
                }
                Event::SequenceStart(anchor, _) => (Value::List(Vec::new()), anchor),
                Event::MappingStart(anchor, _) => (Value::Map(Vec::new()), anchor),
                _ => continue,
            };
            let id = NodeId(tree.nodes.len());
            let is_open = matches!(value, Value::List(_) | Value::Map(_));
            tree.nodes.push(Node { line, value });
            if let Some(&parent) = open.last() {
                tree.attach(id, parent);
            }
            anchors.insert(anchor, id);
            if is_open {
                open.push(id);
            }
        }
        Ok(tree)
    }

    fn attach(&mut self, id: NodeId, parent: NodeId) {
        if let Some(Node { value: Value::List(children) | Value::Map(children), .. }) =
            self.nodes.get_mut(parent.0)
        {
            children.push(id);
        }
    }

    pub(super) fn root(&self) -> Option<&Node<'t>> {
        self.nodes.first()
    }

    pub(super) fn get(&self, id: NodeId) -> Option<&Node<'t>> {
        self.nodes.get(id.0)
    }

    /// Returns the keys of a map with their values.
    pub(super) fn pairs<'s>(
        &'s self,
        children: &'s [NodeId],
    ) -> impl Iterator<Item = (&'s Node<'t>, &'s Node<'t>)> {
        children.chunks_exact(2).filter_map(|pair| match pair {
            [key, value] => Some((self.get(*key)?, self.get(*value)?)),
            _ => None,
        })
    }
}

/// Returns the value of a scalar. Only a plain one can be anything but a string.
fn scalar<'t>(scalar: Cow<'t, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value<'t> {
    if let Some(Tag { handle, suffix }) = tag {
        let is_string = matches!((&**handle, &**suffix), ("", "!") | ("!", "")) // "not what it looks like"
            || (handle == "tag:yaml.org,2002:" && suffix == "str")
            || (handle.is_empty() && suffix == "tag:yaml.org,2002:str");
        return if is_string { Value::String(scalar) } else { Value::Other(scalar) };
    }
    if style != ScalarStyle::Plain {
        return Value::String(scalar);
    }
    match &*scalar {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Value::Other(scalar),
        number if number.parse::<f64>().is_ok() => Value::Other(scalar),
        _ => Value::String(scalar),
    }
}
