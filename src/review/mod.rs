//! The evidence: what moved between two states of a project, and what of that needs a human.
//!
//! ```text
//! two sets of crate lists ─> compare ─> needs ─> (workspace: index, advisories, archives) ─> evaluate ─> render
//! ```

pub mod advisories;
pub(crate) mod advisory;
pub mod archive;
pub mod change_context;
pub mod checklist;
pub mod compare;
pub mod evaluate;
pub mod evidence;
pub mod fact;
mod facts;
pub mod graph;
mod grouping;
pub(crate) mod index_line;
pub mod inputs;
pub mod looked;
pub(crate) mod names;
pub(crate) mod osv;
mod published;
pub mod publisher;
pub mod ref_proof;
pub mod render;
pub mod rules;
pub mod settings;
pub mod sources;
pub mod verdict;
mod versions;

use crate::cargo2::block::BlockEntry;
use crate::finding::Finding;
use crate::report::Status;
use advisories::AdvisoryNote;
use evidence::ScriptChange;
use fact::Fact;
use inputs::InputChange;
use looked::Looked;
use ref_proof::SourceProof;
use schemars::JsonSchema;
use serde::Serialize;

/// The evidence for a reviewer's decision.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The crate lists that changed or whose elements did, in the order of their elements.
    pub elements: Vec<ElementReview>,
    /// The findings that are new against the base and need a human, most severe first.
    pub findings: Vec<Finding>,
    /// The number of findings that were there before and still are.
    pub before: usize,
    /// The checklist of the packaging guide.
    pub checklist: Vec<Point>,
    /// What differs in the inputs of Rust elements beside their crate lists, and beside the refs of their sources.
    pub inputs: Vec<InputChange>,
    /// The advisories that the change frees the lists from, and those that stay.
    pub advisories: Vec<AdvisoryNote>,
    /// The build scripts that differ, what needs attention first.
    pub scripts: Vec<ScriptChange>,
    /// What was looked at.
    pub looked: Looked,
    /// The facts that were not looked up, and why: one line each. Never a changed crate, which is a finding.
    pub not_looked_up: Vec<String>,
    /// Commands that reproduce the report on a checkout, one a line.
    pub reproduce: Vec<String>,
}

impl Review {
    /// The number of changed crates for which the index has no publish time.
    #[must_use]
    pub fn ages_unknown(&self) -> usize {
        let changes = self.elements.iter().flat_map(|element| &element.changes);
        changes.filter(|change| change.facts.contains(&Fact::PublishTimeUnknown)).count()
    }
}

/// A point of the checklist.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The condition to be met.
    pub text: String,
    /// Whether it is.
    pub state: PointState,
    /// By what that is known: `verified`, the check's name, …; empty where nothing is.
    pub by: String,
}

/// The state of a point.
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
    /// Whether the new list matches `Cargo.lock`.
    pub status: Status,
    /// Where the new lock came from.
    pub lock: Option<String>,
    /// The number of crates that the lists name, before and after.
    pub crates: (usize, usize),
    /// The pinned sources of the element, as far as they differ.
    pub sources: Vec<SourceMove>,
    /// The crates that differ, what needs attention first.
    pub changes: Vec<CrateChange>,
    /// The crates of the new list, changed or not.
    pub list: Vec<BlockEntry>,
}

/// A pinned source that differs.
#[derive(Clone, Debug, Default, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceMove {
    /// Before. None where it is new.
    pub old: Option<Pin>,
    /// After. None where it is gone.
    pub new: Option<Pin>,
    /// What the refs of its repository say of the new commit.
    pub proof: SourceProof,
}

/// The pin of a source.
#[derive(Clone, Debug, Default, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The repository or file, aliases replaced.
    pub url: String,
    /// The `ref` as written: a commit, `v1.2-0-g<commit>`, a sha256.
    #[serde(rename = "ref")]
    pub pinned: String,
    /// The commit, where it is one.
    pub commit: Option<String>,
    /// The tracked branch or pattern.
    pub track: Option<String>,
    /// The patterns of branches and tags that are not tracked.
    #[serde(skip)]
    pub exclude: Vec<String>,
    /// Whether `track` is a pattern of branches and tags, as for `git_repo`; else it is a branch.
    #[serde(skip)]
    pub is_pattern: bool,
}

/// A crate that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateChange {
    /// Its name.
    pub name: String,
    /// The kind of its difference.
    pub kind: ChangeKind,
    /// Its entry before.
    pub before: Option<BlockEntry>,
    /// Its entry after.
    pub after: Option<BlockEntry>,
    /// The attention that it needs.
    pub attention: Attention,
    /// The facts about it, in a stable order.
    pub facts: Vec<Fact>,
    /// The crates of the lock that require it.
    pub brought_by: Vec<String>,
}

/// The kind of a difference of a crate.
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
    /// From git, another branch, tag or revision is requested.
    Query,
}

/// The distance of two versions, as cargo sees compatibility.
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

/// The attention that a change needs from a reviewer.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Attention {
    /// A warning or an error is about it.
    High,
    /// Something is unusual.
    Medium,
    /// Routine.
    Low,
    /// Only other platforms build it.
    Elsewhere,
}

/// Each name once, in the order in which they come.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod alarm_tests;
#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod laboratory;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod ref_attack_tests;
#[cfg(test)]
mod testing;
