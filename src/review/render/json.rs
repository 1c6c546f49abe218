//! The review for programs: one JSON document, described by `docs/review.schema.json`.

use super::{Frame, headline};
use crate::cargo2::block::{BlockEntry, Origin};
use crate::finding::{Finding, Severity};
use crate::report::Status;
use crate::review::advisories::AdvisoryNote;
use crate::review::evidence::ScriptChange;
use crate::review::inputs::{InputChange, InputDiff};
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Point, Review, Semver, SourceMove};
use schemars::JsonSchema;
use serde::Serialize;

/// The version of the format. It grows when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// The report of `cargo2-bot review`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    /// The version of this format: 1.
    schema: u32,
    /// `cargo2-bot`.
    tool: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The verdict, one line. Names are between backticks.
    verdict: String,
    /// The findings that are new against the base and need a human, most severe first.
    findings: Vec<FindingView<'a>>,
    /// The number of findings that were there before and still are.
    before: usize,
    /// The crate lists that changed or whose elements did.
    elements: Vec<ElementView<'a>>,
    /// What differs in the inputs of Rust elements beside their crate lists.
    inputs: Vec<InputView<'a>>,
    /// The advisories that the change frees the lists from, and those that stay.
    advisories: &'a [AdvisoryNote],
    /// What runs at the build of changed crates and differs: build scripts, and what they include or run.
    scripts: Vec<ScriptView<'a>>,
    /// The checklist of the packaging guide.
    checklist: &'a [Point],
    /// The facts that were not looked up, and why.
    #[serde(rename = "unasked")]
    not_looked_up: &'a [String],
    /// Commands that reproduce the report on a checkout.
    reproduce: &'a [String],
}

/// A finding.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Finding")]
struct FindingView<'a> {
    /// The rule's id.
    rule: &'static str,
    /// `notice`, `warning` or `error`.
    severity: Severity,
    /// The message.
    message: &'a str,
    /// The element.
    element: Option<&'a str>,
    /// The crate.
    #[serde(rename = "crate")]
    krate: Option<&'a str>,
    /// The file, below the project folder.
    file: Option<&'a str>,
    /// The line, from 1.
    line: Option<usize>,
    /// More facts.
    notes: &'a [String],
    /// The remedy.
    help: Option<&'a str>,
}

/// One crate list, before and after.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Element")]
struct ElementView<'a> {
    /// The element.
    element: &'a str,
    /// The file that holds the list, below the project folder.
    file: &'a str,
    /// The line of its source; null where the list is gone.
    line: Option<usize>,
    /// The state of the new list.
    status: Status,
    /// Where the new lock came from.
    lock: Option<&'a str>,
    /// The number of crates that the list named before.
    crates_before: usize,
    /// The number of crates that it names.
    crates_after: usize,
    /// The pinned sources that differ.
    sources: &'a [SourceMove],
    /// The crates that differ, what needs attention first.
    changes: Vec<ChangeView<'a>>,
}

/// A crate that differs.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Change")]
struct ChangeView<'a> {
    /// Its name.
    name: &'a str,
    /// The kind of its difference.
    kind: Kind,
    /// For `up` and `down`: how far apart the versions are, as cargo sees compatibility.
    class: Option<Semver>,
    /// Its entry before.
    before: Option<CrateView<'a>>,
    /// Its entry after.
    after: Option<CrateView<'a>>,
    /// The attention that it needs.
    attention: Attention,
    /// The facts about it.
    facts: Vec<String>,
    /// The crates of the lock that require it.
    brought_by: &'a [String],
}

/// A file that differs.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Input")]
struct InputView<'a> {
    /// The file, below the project folder.
    path: &'a str,
    /// The Rust elements that are built from it.
    elements: &'a [String],
    /// The lines of its difference, as a unified diff has them; null where it is no text or cannot be read.
    lines: Option<&'a [String]>,
    /// Why it cannot be compared, where it cannot.
    unreadable: Option<&'a str>,
}

/// A file that runs with the build script of a changed crate, and differs.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Script")]
struct ScriptView<'a> {
    /// The crate.
    #[serde(rename = "crate")]
    krate: &'a str,
    /// Its version before; empty for a new crate.
    before: &'a str,
    /// Its new version.
    after: &'a str,
    /// The file, below the crate's folder.
    path: &'a str,
    /// The lines of its difference, as a unified diff has them; null where it cannot be read.
    lines: Option<&'a [String]>,
    /// Why it cannot be compared, where it cannot.
    unreadable: Option<&'a str>,
}

/// The kind of a difference of a crate.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Added,
    Removed,
    Up,
    Down,
    Checksum,
    Commit,
    Repository,
    ToGit,
    ToRegistry,
    Query,
}

/// An entry of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Crate")]
struct CrateView<'a> {
    /// Its version.
    version: &'a str,
    #[serde(flatten)]
    from: &'a Origin,
}

/// The review as JSON, complete: nothing is cut.
#[must_use]
pub fn json(review: &Review) -> serde_json::Value {
    let mut findings: Vec<&Finding> = review.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    let document = Document {
        schema: SCHEMA,
        tool: "cargo2-bot",
        version: env!("CARGO_PKG_VERSION"),
        verdict: headline(review, &Frame::default()),
        findings: findings.into_iter().map(finding).collect(),
        before: review.before,
        elements: review.elements.iter().map(element).collect(),
        inputs: review.inputs.iter().map(input).collect(),
        advisories: &review.advisories,
        scripts: review.scripts.iter().flat_map(scripts).collect(),
        checklist: &review.checklist,
        not_looked_up: &review.not_looked_up,
        reproduce: &review.reproduce,
    };
    // Plain data cannot fail to be written.
    serde_json::to_value(document).unwrap_or_default()
}

/// The JSON schema of [`json`], from the same struct.
#[must_use]
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Document<'_>)).map(|text| text + "\n").unwrap_or_default()
}

fn finding(finding: &Finding) -> FindingView<'_> {
    let place = finding.location.as_ref();
    FindingView {
        rule: finding.rule.id,
        severity: finding.severity,
        message: &finding.message,
        element: finding.element.as_deref(),
        krate: finding.krate.as_deref(),
        file: place.map(|p| &*p.path),
        line: place.map(|p| p.line).filter(|line| *line > 0),
        notes: &finding.notes,
        help: finding.help.as_deref(),
    }
}

fn element(element: &ElementReview) -> ElementView<'_> {
    ElementView {
        element: &element.element,
        file: &element.file,
        line: Some(element.line).filter(|line| *line > 0),
        status: element.status,
        lock: element.lock.as_deref(),
        crates_before: element.crates.0,
        crates_after: element.crates.1,
        sources: &element.sources,
        changes: element.changes.iter().map(change).collect(),
    }
}

fn change(change: &CrateChange) -> ChangeView<'_> {
    let (kind, class) = kind(change.kind);
    ChangeView {
        name: &change.name,
        kind,
        class,
        before: change.before.as_ref().map(krate),
        after: change.after.as_ref().map(krate),
        attention: change.attention,
        facts: change.facts.iter().map(ToString::to_string).collect(),
        brought_by: &change.brought_by,
    }
}

fn scripts(change: &ScriptChange) -> impl Iterator<Item = ScriptView<'_>> {
    change.files.iter().map(|file| {
        let (lines, unreadable) = difference(&file.diff);
        let ScriptChange { krate, old: before, new: after, .. } = change;
        ScriptView { krate, before, after, path: &file.path, lines, unreadable }
    })
}

/// The lines of a difference, or why there are none.
fn difference(diff: &InputDiff) -> (Option<&[String]>, Option<&str>) {
    match diff {
        InputDiff::Lines { lines, .. } => (Some(lines.as_slice()), None),
        InputDiff::Content(..) => (None, None),
        InputDiff::Unreadable(why) => (None, Some(why.as_str())),
    }
}

fn input(input: &InputChange) -> InputView<'_> {
    let (lines, unreadable) = difference(&input.diff);
    InputView { path: &input.path, elements: &input.elements, lines, unreadable }
}

fn krate(entry: &BlockEntry) -> CrateView<'_> {
    CrateView { version: &entry.version, from: &entry.from }
}

const fn kind(kind: ChangeKind) -> (Kind, Option<Semver>) {
    match kind {
        ChangeKind::Added => (Kind::Added, None),
        ChangeKind::Removed => (Kind::Removed, None),
        ChangeKind::Up(semver) => (Kind::Up, Some(semver)),
        ChangeKind::Down(semver) => (Kind::Down, Some(semver)),
        ChangeKind::Checksum => (Kind::Checksum, None),
        ChangeKind::Commit => (Kind::Commit, None),
        ChangeKind::Repository => (Kind::Repository, None),
        ChangeKind::ToGit => (Kind::ToGit, None),
        ChangeKind::ToRegistry => (Kind::ToRegistry, None),
        ChangeKind::Query => (Kind::Query, None),
    }
}
