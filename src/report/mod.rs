//! What a run tells: one value, and a renderer for each kind of reader.

pub(crate) mod blocks;
pub mod github;
pub mod human;
pub(crate) mod json;
pub mod markdown;
pub mod sarif;

use crate::cargo2::block::Layout;
use crate::cargo2::drift::Drift;
use crate::finding::fixes::Change;
use crate::finding::{Finding, Severity};
use schemars::JsonSchema;
use serde::Serialize;

/// What a run found and did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The crate lists, in the order of their files.
    pub blocks: Vec<BlockReport>,
    /// What a user must know.
    pub findings: Vec<Finding>,
    /// What was written, or would be.
    pub changes: Vec<Change>,
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
    /// How it is written.
    pub layout: Layout,
    /// What became of it.
    pub status: Status,
    /// How many crates the lock asks for, where that is known.
    pub crates: Option<usize>,
    /// Where the lock came from.
    pub lock: Option<String>,
    /// What differed.
    pub drift: Drift,
}

/// What became of a crate list.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was right.
    Right,
    /// It drifted and was mended.
    Mended,
    /// It drifted and was left.
    Drifted,
    /// It could not be judged.
    Unverified,
    /// It is not judged, by configuration.
    Exempt,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to do, or all mended.
    Done = 0,
    /// The bot itself failed.
    Failed = 1,
    /// Bad usage or configuration.
    Usage = 2,
    /// Findings of severity error.
    Findings = 3,
}

impl Report {
    /// Adds what another part of the run tells.
    pub fn add(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.findings.extend(other.findings);
        self.changes.extend(other.changes);
    }
    /// The worst that was found decides.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let error = self.findings.iter().any(|f| f.severity == Severity::Error);
        let open = self.blocks.iter().any(|b| matches!(b.status, Status::Drifted | Status::Unverified));
        if error || open { Exit::Findings } else { Exit::Done }
    }

    /// How many blocks have a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.blocks.iter().filter(|b| b.status == status).count()
    }
}
