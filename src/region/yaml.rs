//! A YAML text as a tree whose nodes know their lines.
//!
//! The parser of `saphyr` reads the text, without that crate's own tree, which needs six more packages and copies what an
//! alias stands for. Here an alias is the node itself, so a tree is never larger than its text.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

/// A YAML document.
#[derive(Debug, Default)]
pub(super) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
}

/// Names a node of a [`Tree`].
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
    Text(Cow<'t, str>),
    /// A number, a truth value, or a value with a tag of its own: as it is written.
    Other(Cow<'t, str>),
    List(Vec<NodeId>),
    /// Keys and values in turn.
    Map(Vec<NodeId>),
}

/// Why a text is no YAML document. Holds nothing of the text.
#[derive(Debug)]
pub(super) struct BadYaml {
    pub(super) line: usize,
    pub(super) reason: String,
}

impl From<ScanError> for BadYaml {
    fn from(error: ScanError) -> Self {
        Self { line: error.marker().line(), reason: format!("it is not valid YAML: {}", error.info()) }
    }
}

impl<'t> Tree<'t> {
    /// Reads a text of one document, or of none.
    pub(super) fn parse(text: &'t str) -> Result<Self, BadYaml> {
        let mut tree = Self::default();
        let mut open: Vec<NodeId> = Vec::new();
        let mut anchors: HashMap<usize, NodeId> = HashMap::new();
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event?;
            let line = span.start.line();
            let (value, anchor) = match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if !tree.nodes.is_empty() => {
                    return Err(BadYaml { line, reason: "a second document starts here, and one is read".to_owned() });
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
                Event::Scalar(text, style, anchor, tag) => (scalar(text, style, tag.as_deref()), anchor),
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
        if let Some(Node { value: Value::List(children) | Value::Map(children), .. }) = self.nodes.get_mut(parent.0) {
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
    pub(super) fn pairs<'s>(&'s self, children: &'s [NodeId]) -> impl Iterator<Item = (&'s Node<'t>, &'s Node<'t>)> {
        children.chunks_exact(2).filter_map(|pair| match pair {
            [key, value] => Some((self.get(*key)?, self.get(*value)?)),
            _ => None,
        })
    }
}

/// Returns what a scalar is. Only a plain one can be anything but text.
fn scalar<'t>(text: Cow<'t, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value<'t> {
    if let Some(Tag { handle, suffix }) = tag {
        let is_text = matches!((&**handle, &**suffix), ("", "!") | ("!", "")) // "not what it looks like"
            || (handle == "tag:yaml.org,2002:" && suffix == "str")
            || (handle.is_empty() && suffix == "tag:yaml.org,2002:str");
        return if is_text { Value::Text(text) } else { Value::Other(text) };
    }
    if style != ScalarStyle::Plain {
        return Value::Text(text);
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Value::Other(text),
        number if number.parse::<f64>().is_ok() => Value::Other(text),
        _ => Value::Text(text),
    }
}
