//! The evidence: what moved between two states of a project, and what of that needs a human.
//!
//! ```text
//! two sets of crate lists ─> compare ─> needs ─> (workspace: index, advisories, archives) ─> judge ─> render
//! ```

pub(crate) mod advisory;
pub mod archive;
pub mod change_context;
pub mod checklist;
pub mod compare;
pub mod evaluate;
pub mod evidence;
mod facts;
pub mod graph;
pub(crate) mod index_line;
pub(crate) mod names;
pub mod render;
pub mod rules;
pub mod settings;
pub mod sources;
mod versions;

use crate::cargo2::block::BlockEntry;
use crate::finding::Finding;
use crate::report::Status;
use schemars::JsonSchema;
use serde::Serialize;

/// What a reviewer decides from.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The crate lists that changed or whose elements did, in the order of their elements.
    pub elements: Vec<ElementReview>,
    /// What is new against the base and needs a human, weightiest first.
    pub findings: Vec<Finding>,
    /// How many findings were there before and still are.
    pub before: usize,
    /// The checklist of the packaging guide.
    pub checklist: Vec<Point>,
    /// What was not looked up, and why: one line each. Never a changed crate, which is a finding.
    pub unasked: Vec<String>,
    /// Commands that show the same on a checkout, one a line.
    pub reproduce: Vec<String>,
}

/// A point of the checklist.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What is to be so.
    pub text: String,
    /// Whether it is.
    pub state: PointState,
    /// By what that is known: `verified`, the check's name, …; empty where nothing is.
    pub by: String,
}

/// What is known about a point.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PointState {
    /// It is so.
    Yes,
    /// It is not.
    No,
    /// The reviewer has to look.
    Open,
}

/// One crate list, before and after.
#[derive(Clone, Debug)]
pub struct ElementReview {
    /// The element, by the name that BuildStream uses; the first where several share the list.
    pub element: String,
    /// The file that holds the list, below the project folder.
    pub file: String,
    /// The line on which its source begins, in the new file; 0 where the list is gone.
    pub line: usize,
    /// Whether the new list is what the lock asks for.
    pub status: Status,
    /// Where the new lock came from.
    pub lock: Option<String>,
    /// How many crates the lists name, before and after.
    pub crates: (usize, usize),
    /// The pinned sources of the element, as far as they differ.
    pub sources: Vec<SourceMove>,
    /// The crates that differ, what needs attention first.
    pub changes: Vec<CrateChange>,
    /// The crates of the new list, changed or not.
    pub list: Vec<BlockEntry>,
}

/// A pinned source that differs.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceMove {
    /// Before. None where it is new.
    pub old: Option<Pin>,
    /// After. None where it is gone.
    pub new: Option<Pin>,
}

/// What a source is pinned to.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The repository or file, aliases replaced.
    pub url: String,
    /// The `ref` as written: a commit, `v1.2-0-g<commit>`, a sha256.
    #[serde(rename = "ref")]
    pub pinned: String,
    /// The commit, where it is one.
    pub commit: Option<String>,
    /// What is tracked.
    pub track: Option<String>,
}

/// A crate that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateChange {
    /// Its name.
    pub name: String,
    /// How it differs.
    pub kind: ChangeKind,
    /// Its entry before.
    pub before: Option<BlockEntry>,
    /// Its entry after.
    pub after: Option<BlockEntry>,
    /// How much it asks for a look.
    pub attention: Attention,
    /// What is known about it, one short text each, in a stable order: `yanked`, `first version`, `build script added`.
    pub facts: Vec<String>,
    /// Which crates of the lock ask for it.
    pub brought_by: Vec<String>,
}

/// How a crate differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// A higher version.
    Up(Semver),
    /// A lower version.
    Down(Semver),
    /// The same version with another checksum.
    Checksum,
    /// From git, another commit of the same repository.
    Commit,
    /// From git, another repository.
    Repository,
    /// From the registry to git.
    ToGit,
    /// From git to the registry.
    ToRegistry,
    /// From git, another branch, tag or revision is asked for.
    Query,
}

/// How far apart two versions are, as cargo sees compatibility.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Semver {
    /// Cargo takes them as incompatible.
    Major,
    /// Compatible, with new parts.
    Minor,
    /// Compatible.
    Patch,
    /// At least one is no semantic version, or only what is behind `+` differs.
    Other,
}

/// How much a change asks for a look.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Attention {
    /// A warning or an error is about it.
    High,
    /// Something is unusual.
    Medium,
    /// As ever.
    Low,
    /// Only other platforms build it.
    Elsewhere,
}

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod testing;
