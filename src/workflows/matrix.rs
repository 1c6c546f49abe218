//! The matrix of a job: its entries, what each tracks and what it says about merging.

use super::reader::Job;
use super::words::{self, Target, Word};
use crate::text::Span;
use crate::yaml::Node;

/// The kinds of matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// None, or one that tracks nothing.
    None,
    /// Entries that stand in the file.
    Static,
    /// It is made when the workflow runs: this says how.
    Dynamic(Span),
}

/// An entry of a matrix.
#[derive(Clone, Debug)]
pub struct MatrixEntry {
    /// All of it.
    pub node: Node,
    /// Which key names the elements.
    pub key: Option<String>,
    /// What it tracks.
    pub words: Vec<Word>,
}

/// What is said about merging an entry's pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It merges by itself.
    Auto,
    /// A human merges it.
    Manual,
    /// Nothing is said.
    Open,
}

/// The keys that name what an entry tracks, in the order of their right.
const ELEMENT_KEYS: [&str; 6] = ["element", "elements", "paths", "path", "bst", "target"];

/// The keys that say whether an entry merges by itself.
const FLAG_KEYS: [&str; 5] = ["auto_merge", "automerge", "auto-merge", "autoMerge", "merge"];

/// What a group's name says. Groups in the wild are called `auto-merge` and `manual-merge`.
#[must_use]
pub fn policy_of_group(name: &str) -> Policy {
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if name.contains("manual") || name.contains("review") {
        Policy::Manual
    } else if name.contains("automerge") || name == "auto" || name == "automatic" {
        Policy::Auto
    } else {
        Policy::Open
    }
}

impl MatrixEntry {
    /// The node that names the group.
    #[must_use]
    pub fn group(&self) -> Option<&Node> {
        self.node.get("group").filter(|n| n.as_str().is_some())
    }

    /// The node that says whether it merges by itself, and what it says.
    #[must_use]
    pub fn flag(&self) -> Option<(&Node, bool)> {
        let node = FLAG_KEYS.iter().find_map(|key| self.node.get(key))?;
        match node.as_str()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some((node, true)),
            "false" | "no" | "off" => Some((node, false)),
            _ => None,
        }
    }

    /// What its group and its flag say. A flag that is on wins: it is what scripts look at.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let group = self.group().and_then(Node::as_str).map_or(Policy::Open, policy_of_group);
        match self.flag() {
            Some((_, true)) => Policy::Auto,
            Some((_, false)) if group == Policy::Open => Policy::Manual,
            _ => group,
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.node.get_str(key)
    }

    /// The elements that it names, folders and patterns aside.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(|w| if let Target::Element(name) = &w.target { Some(name.as_str()) } else { None })
    }
}

/// Reads the entries that track something.
pub(super) fn read(job: &mut Job, matrix: &Node, element_path: &str) {
    let dynamic = |n: &Node| n.as_str().is_some_and(|t| t.contains("${{"));
    let mut parts = vec![matrix];
    parts.extend(matrix.as_map().unwrap_or_default().iter().map(|(_, v)| v));
    for part in parts {
        if dynamic(part) {
            job.matrix = Matrix::Dynamic(part.span);
        }
    }
    for item in matrix.get("include").and_then(Node::as_list).unwrap_or_default() {
        let found = ELEMENT_KEYS.iter().find_map(|key| Some((*key, item.get(key)?)));
        if let Some((key, value)) = found {
            let words = words::read(value, element_path);
            job.entries.push(MatrixEntry { node: item.clone(), key: Some(key.to_owned()), words });
        }
    }
    for (key, axis) in matrix.as_map().unwrap_or_default() {
        if key.as_str().is_some_and(|k| ELEMENT_KEYS.contains(&k)) {
            let items = axis.as_list().unwrap_or_default().iter();
            let entries =
                items.map(|i| MatrixEntry { node: i.clone(), key: None, words: words::read(i, element_path) });
            job.entries.extend(entries);
        }
    }
    if !job.entries.is_empty() && job.matrix == Matrix::None {
        job.matrix = Matrix::Static;
    }
    let undecided = job.entries.iter().flat_map(|e| &e.words).find(|w| w.target == Target::Dynamic);
    if let (Some(word), Matrix::Static) = (undecided, &job.matrix) {
        job.matrix = Matrix::Dynamic(word.span);
    }
}
