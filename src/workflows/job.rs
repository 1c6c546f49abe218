//! A job as it concerns tracking.

use super::matrix::{Matrix, MatrixEntry};
use crate::text::Span;
use crate::yaml::Node;
use std::collections::BTreeSet;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub name: String,
    /// The place of its id.
    pub key: Span,
    /// All of it.
    pub node: Node,
    /// Its matrix.
    pub matrix: Matrix,
    /// The entries that track something.
    pub entries: Vec<MatrixEntry>,
    /// The elements that its scripts name.
    pub named: BTreeSet<String>,
    /// The elements that its scripts leave out.
    pub excluded: BTreeSet<String>,
    /// The elements that its scripts track by themselves.
    pub tracks: Tracks,
    /// Whether its scripts look into folders below folders.
    pub deep: bool,
}

impl Job {
    /// Returns whether its scripts open pull requests.
    #[must_use]
    pub fn opens(&self) -> bool {
        let text = self.node.file.text.get(self.node.span.start..self.node.span.end).unwrap_or_default();
        text.contains("gh pr create") || text.contains("create-pull-request")
    }
}

/// The elements that the scripts of a job track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tracks {
    /// Nothing, or what entries name.
    #[default]
    Nothing,
    /// The elements that they name.
    Named,
    /// All elements of the project.
    All,
}
