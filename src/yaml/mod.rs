//! YAML as BuildStream reads it: strings, lists and mappings, each with its place.
//!
//! Every scalar is text: nothing is taken for a number or a date. What BuildStream's loader refuses (duplicate keys,
//! anchors, several documents) is refused here too, with its place. The tree is built without recursion and its
//! depth is bounded, so that hostile input costs an error and nothing else.

mod characters;
pub(crate) mod lift;
pub(crate) mod quote;
mod read;
pub(crate) mod splice;

use crate::text::{SourceText, Span};
use std::sync::Arc;

pub use read::{Error, MAX_DEPTH, MAX_FILE, parse, parse_whole};

/// A node of a YAML file, with the file that it came from: includes mix nodes of several files.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is: for a scalar its raw text with quotes, for a collection from its first child to its last leaf.
    pub span: Span,
    /// The file.
    pub file: Arc<SourceText>,
}

/// The three kinds of YAML nodes, and the one that is read later.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, and whether it was written without quotes.
    Scalar(Box<str>, Style),
    /// A list.
    List(Vec<Node>, Form),
    /// A mapping, in its own order. Keys are scalars.
    Map(Vec<(Node, Node)>, Form),
    /// A crate list in the plain form, not read yet: see `lift`. The node's span is its lines.
    Lifted(lift::Lifted),
}

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Nothing was written.
    Empty,
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// As `|` or `>`.
    Block,
}

/// The style of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By indentation.
    Block,
    /// In brackets.
    Flow,
}

/// A text without the white space around it, as BuildStream (Python) sees white space.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f'))
}

impl Node {
    /// The text of a scalar. None for a collection.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The items of a list. None for anything else.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items, _) => Some(items),
            _ => None,
        }
    }

    /// The pairs of a mapping. None for anything else.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match &self.value {
            Value::Map(pairs, _) => Some(pairs),
            _ => None,
        }
    }

    /// The value of `key` in a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pair(key).map(|(_, value)| value)
    }

    /// Key and value of `key` in a mapping.
    #[must_use]
    pub fn pair(&self, key: &str) -> Option<(&Self, &Self)> {
        self.as_map()?.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(k, v)| (k, v))
    }

    /// The text of `key` in a mapping, without the white space around it, which BuildStream takes off every value.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().map(stripped)
    }

    /// Returns whether nothing was written: `key:` alone.
    #[must_use]
    pub fn is_empty_scalar(&self) -> bool {
        matches!(&self.value, Value::Scalar(_, Style::Empty))
    }

    /// The place, for a message.
    #[must_use]
    pub fn location(&self) -> crate::text::Location {
        self.file.locate(self.span)
    }

    /// An empty mapping that is in no file.
    #[must_use]
    pub fn empty_map(file: &Arc<SourceText>) -> Self {
        Self { value: Value::Map(Vec::new(), Form::Block), span: Span::default(), file: file.clone() }
    }

    /// Returns whether both mean the same, wherever and however they are written.
    #[must_use]
    pub fn same_value(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a, _), Value::Scalar(b, _)) => a == b,
            (Value::List(a, _), Value::List(b, _)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Value::Map(a, _), Value::Map(b, _)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka.same_value(kb) && va.same_value(vb))
            }
            (Value::Lifted(_), Value::Lifted(_)) => self.lifted_text() == other.lifted_text(),
            _ => false,
        }
    }

    /// The lines of a lifted list.
    #[must_use]
    pub fn lifted_text(&self) -> &str {
        &self.file.text[self.span.start..self.span.end]
    }
}
