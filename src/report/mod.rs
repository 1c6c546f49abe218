//! The report of a run: one value, and a renderer for each kind of reader.

pub(crate) mod blocks;
pub mod github;
pub mod gitlab;
pub mod human;
pub(crate) mod json;
pub mod markdown;
mod moves;
pub mod sarif;
mod seen;

use crate::cargo2::block::Layout;
use crate::cargo2::drift::Drift;
use crate::finding::fixes::Change;
use crate::finding::{Finding, Severity};
pub use moves::RefMove;
use schemars::JsonSchema;
pub use seen::{Seen, SeenCargo, SeenElement};
use serde::Serialize;

/// The results of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The crate lists, in the order of their files.
    pub blocks: Vec<BlockReport>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// The changes of files that were written, or would be.
    pub changes: Vec<Change>,
    /// The refs that tracking moved, or would move.
    pub moves: Vec<RefMove>,
    /// What the lints could look at. Empty where they did not run.
    pub seen: Seen,
}

/// One crate list.
#[derive(Clone, Debug, Serialize)]
pub struct BlockReport {
    /// The file that holds it, below the project folder.
    pub file: String,
    /// The line on which its source begins.
    pub line: usize,
    /// The elements that use it.
    pub elements: Vec<String>,
    /// The layout in which it is written.
    pub layout: Layout,
    /// The result.
    pub status: Status,
    /// The number of crates in the lock that belong in the list, where that is known.
    pub crates: Option<usize>,
    /// The origin of the lock, if one was read.
    pub lock: Option<String>,
    /// The difference that was found.
    pub drift: Drift,
}

impl BlockReport {
    /// Returns whether the list is not the one that its lock requires, or that is not known. Another spelling of a git URL is not
    /// another list: what is reported of it decides.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.status {
            Status::Drifted => !self.drift.is_spelling(),
            Status::Unverified => true,
            Status::Right | Status::Regenerated | Status::Exempt => false,
        }
    }
}

/// The result for a crate list.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It matches its lock.
    Right,
    /// It drifted and was regenerated. Reports call it `mended`.
    #[serde(rename = "mended")]
    Regenerated,
    /// It drifted and was left unchanged.
    Drifted,
    /// It could not be verified.
    Unverified,
    /// It is exempt by configuration.
    Exempt,
}

/// The exit code of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// There was nothing to do, or everything was fixed.
    Done = 0,
    /// The bot itself failed.
    Failed = 1,
    /// Bad usage or configuration.
    Usage = 2,
    /// Findings of severity error.
    Findings = 3,
}

impl Report {
    /// Adds the report of another part of the run.
    pub fn add(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.findings.extend(other.findings);
        self.changes.extend(other.changes);
        self.moves.extend(other.moves);
    }
    /// The exit code: the most severe result decides.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let error = self.findings.iter().any(|f| f.severity == Severity::Error);
        let open = self.blocks.iter().any(BlockReport::is_open);
        if error || open { Exit::Findings } else { Exit::Done }
    }

    /// Returns the number of blocks that have a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.blocks.iter().filter(|b| b.status == status).count()
    }
}
