//! The matrix of a job: its entries, what each tracks and what it says about merging.

use super::words::{Target, Word};
use crate::text::Span;
use crate::yaml::Node;

/// The kinds of matrices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// None, or one that tracks nothing.
    None,
    /// Entries that are written in the file.
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
    /// The words that it tracks.
    pub words: Vec<Word>,
}

/// The key of a row of a bundle that says what is special about it: that a person reviews it.
pub(crate) const NOTE: &str = "note";

/// The policy for merging an entry's pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It merges by itself.
    Auto,
    /// A human merges it.
    Manual,
    /// Nothing is said.
    Open,
}

/// The keys that say whether an entry merges by itself.
const FLAG_KEYS: [&str; 5] = ["auto_merge", "automerge", "auto-merge", "autoMerge", "merge"];

/// Returns the policy that a group's name states. Groups in the wild are called `auto-merge` and `manual-merge`.
#[must_use]
pub(crate) fn policy_of_group(name: &str) -> Policy {
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

    /// Returns whether its note says that a person reviews it.
    #[must_use]
    pub fn is_for_review(&self) -> bool {
        self.text(NOTE).is_some_and(|note| note.to_ascii_lowercase().contains("review"))
    }

    /// Returns the policy that its group, its flag and its note state. A flag that is on wins: it is what scripts look at. A note
    /// counts where nothing else says it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let group = self.group().and_then(Node::as_str).map_or(Policy::Open, policy_of_group);
        match self.flag() {
            Some((_, true)) => Policy::Auto,
            Some((_, false)) if group == Policy::Open => Policy::Manual,
            _ if group == Policy::Open && self.is_for_review() => Policy::Manual,
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
