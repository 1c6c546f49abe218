//! The tracker workflow of a project, checked against its Rust elements: nothing that moves one may merge by itself.
//!
//! ```text
//! workflow ─> entries (words) ─┐
//!    └─> scripts (script, expressions) ─> merging ─┴─> Facts ─> rules ─> findings with fixes (fixes, new_entry)
//! ```
//! The forms of trackers are those seen in the wild: an entry for each element, lists of elements, one bundle pull
//! request, folders, a job for each element, a matrix that is made while running, and no matrix at all.

mod base_branches;
pub(crate) mod expressions;
pub(crate) mod facts;
pub(crate) mod fixes;
pub(crate) mod job;
pub(crate) mod listed;
pub(crate) mod matrix;
pub(crate) mod merging;
pub(crate) mod new_entry;
pub mod reader;
pub mod rules;
pub(crate) mod script;
pub(crate) mod trackers;
pub(crate) mod tracking;
pub(crate) mod untracked;
pub(crate) mod values;
pub(crate) mod words;

use crate::finding::read::Read;
use crate::finding::{self, Finding};
use crate::text::{Location, SourceText};
pub(crate) use base_branches::base_branches;
use matrix::Policy;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use crate::yaml::splice::apply;
pub use facts::{Facts, Place, Tracker};
pub use listed::ReadScript;

/// The folder in which GitHub looks for workflows, from the repository's root.
pub const WORKFLOWS: &str = ".github/workflows/";

/// The folder of trackers.
pub const TRACKER: &str = ".github/workflows/track-bst-sources.yml";

/// The check run that holds a pull request until a human approved it.
pub const HOLD: &str = "cargo2 manual merge";

/// The group of pull requests that a human merges.
pub const MANUAL_GROUP: &str = "manual-merge";

/// A Rust element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustElement {
    /// The name that BuildStream uses.
    pub name: String,
    /// Whether a source of it has `track:`, so that trackers can move it.
    pub tracked: bool,
    /// Its file, below the project folder.
    pub path: String,
    /// What its file says about why it is not tracked, if it does.
    pub untracked: Option<String>,
}

/// The workflows and elements to lint.
pub struct Project<'a> {
    /// The Rust elements.
    pub rust: &'a [RustElement],
    /// Whether an element exists, by the name that BuildStream uses.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The folder of the elements, without a slash at its end; empty for the project folder itself.
    pub element_path: &'a str,
    /// The tracker.
    pub tracker: Read<&'a Arc<SourceText>>,
    /// All other workflows: `(path, text)`.
    pub others: &'a [(String, Read<Arc<SourceText>>)],
    /// The scripts and lists of the repository.
    pub scripts: &'a ReadScript<'a>,
}

/// Reads no script: nothing is listed.
pub fn no_scripts(_: &str) -> Read<Arc<SourceText>> {
    Read::Absent
}

/// The form of a tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// There is no tracker.
    Missing,
    /// It cannot be read.
    Unreadable,
    /// Its matrix is made when it runs.
    Dynamic,
    /// An entry for each element, with a branch of its own.
    PerElement,
    /// Entries with several elements each.
    Lists,
    /// Entries without branch or group: one pull request for all.
    Bundle,
    /// Entries that name folders.
    Folders,
    /// A job for each element.
    Jobs,
    /// Lists in scripts, which are read as texts.
    Listed,
    /// Nothing says which elements go together.
    NoMatrix,
}

impl Form {
    /// The name that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Dynamic => "dynamic",
            Self::PerElement => "per-element",
            Self::Lists => "lists",
            Self::Bundle => "bundle",
            Self::Folders => "folders",
            Self::Jobs => "jobs",
            Self::Listed => "listed",
            Self::NoMatrix => "no-matrix",
        }
    }
}

/// An entry, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The words that name its elements.
    pub elements: Vec<String>,
    /// Its group.
    pub group: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
    /// The policy for merging it.
    pub policy: Policy,
    /// Its place.
    pub location: Location,
}

/// The result of linting the workflows.
#[derive(Clone, Debug)]
pub struct LintedWorkflows {
    /// The findings, in the order of the files.
    pub findings: Vec<Finding>,
    /// The form of the tracker.
    pub style: Form,
    /// The entries of its matrices.
    pub entries: Vec<Row>,
    /// How many Rust elements are named in lists of scripts alone.
    pub listed: usize,
    /// The Rust elements of which each entry says that a person merges them, and no step of its job merges.
    pub merged_by_people: BTreeSet<String>,
}

/// How many entries of a workflow track something, where it is a tracker by what it does: a step of it or a script runs `source track`,
/// or its entries have the branches of a tracker. None where it is none, or cannot be read.
#[must_use]
pub(crate) fn tracked_entries(file: &Arc<SourceText>, element_path: &str, scripts: &ReadScript<'_>) -> Option<usize> {
    let workflow = reader::read(file, element_path).ok()?;
    let branch = |entry: &matrix::MatrixEntry| entry.text("branch").is_some_and(|name| name.starts_with("auto/track"));
    let tracks = |job: &job::Job| job.tracks != job::Tracks::Nothing || job.entries.iter().any(branch);
    let tracking: Vec<&job::Job> = workflow.jobs.iter().filter(|job| tracks(job)).collect();
    let by_scripts = || listed::Lists::read([&workflow], element_path, scripts).tracks != job::Tracks::Nothing;
    (!tracking.is_empty() || by_scripts()).then(|| tracking.iter().map(|job| job.entries.len()).sum())
}

/// Lints the tracker of a project, and the other workflows as far as they merge. Cannot fail: what cannot be read
/// is a finding. Without Rust elements there is nothing to lint.
#[must_use]
pub fn lint_workflows(project: &Project<'_>) -> LintedWorkflows {
    let facts = Facts::read(project);
    let mut findings = Vec::new();
    if !project.rust.is_empty() {
        for check in rules::CHECKS {
            findings.extend(check(&facts));
        }
    }
    finding::sort_and_dedup(&mut findings);
    let (style, entries, listed) = (facts.form(), facts.rows(), facts.listed().count());
    LintedWorkflows { findings, style, entries, listed, merged_by_people: facts.merged_by_people() }
}

#[cfg(test)]
mod tests;
