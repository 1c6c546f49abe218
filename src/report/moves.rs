//! Refs that were moved by tracking, or would be.

use serde::Serialize;

/// A ref of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefMove {
    /// The element, by the name that BuildStream uses.
    pub element: String,
    /// The file that holds the ref, below the project folder.
    pub file: String,
    /// The line of the ref, or of the source where it had none.
    pub line: usize,
    /// The repository.
    pub url: String,
    /// The branch, tag or pattern; empty for a submodule.
    pub track: String,
    /// The ref before, where there was one.
    pub from: Option<String>,
    /// The ref after.
    pub to: String,
    /// Whether it was written.
    pub written: bool,
}
