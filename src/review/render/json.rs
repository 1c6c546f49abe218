//! The review for programs: one JSON document, described by `docs/review.schema.json`.

use super::words::verdict;
use crate::cargo2::block::{BlockEntry, Origin};
use crate::finding::{Finding, Severity};
use crate::report::Status;
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Pin, PointState, Review, Semver};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the format. It grows when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// The report of `cargo2-bot review`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    /// The version of this format: 1.
    schema: u32,
    /// `cargo2-bot`.
    tool: String,
    /// The version of the program.
    version: String,
    /// The verdict, one line. Names stand between backticks.
    verdict: String,
    /// What is new against the base and needs a human, weightiest first.
    findings: Vec<FindingView>,
    /// How many findings were there before and still are.
    before: usize,
    /// The crate lists that changed or whose elements did.
    elements: Vec<Element>,
    /// The checklist of the packaging guide.
    checklist: Vec<Point>,
    /// What was not looked up, and why.
    unasked: Vec<String>,
    /// Commands that show the same on a checkout.
    reproduce: Vec<String>,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FindingView {
    /// The rule's id.
    rule: String,
    /// `notice`, `warning` or `error`.
    severity: Weight,
    /// What happened.
    message: String,
    /// The element.
    element: Option<String>,
    /// The crate.
    #[serde(rename = "crate")]
    krate: Option<String>,
    /// The file, below the project folder.
    file: Option<String>,
    /// The line, from 1.
    line: Option<usize>,
    /// More facts.
    notes: Vec<String>,
    /// What to do.
    help: Option<String>,
}

/// How much a finding weighs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Weight {
    Notice,
    Warning,
    Error,
}

/// One crate list, before and after.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Element {
    /// The element.
    element: String,
    /// The file that holds the list, below the project folder.
    file: String,
    /// The line of its source; null where the list is gone.
    line: Option<usize>,
    /// What is known of the new list.
    status: State,
    /// Where the new lock came from.
    lock: Option<String>,
    /// How many crates the list named before.
    crates_before: usize,
    /// How many it names.
    crates_after: usize,
    /// The pinned sources that differ.
    sources: Vec<Source>,
    /// The crates that differ, what needs attention first.
    changes: Vec<Change>,
}

/// What is known of a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It is what the lock asks for.
    Right,
    /// It was mended and is now.
    Mended,
    /// It is not.
    Drifted,
    /// It could not be judged.
    Unverified,
    /// It is not judged, by configuration.
    Exempt,
}

/// A pinned source that differs.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Source {
    /// Before; null where it is new.
    old: Option<Pinned>,
    /// After; null where it is gone.
    new: Option<Pinned>,
}

/// What a source is pinned to.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pinned {
    /// The repository or file.
    url: String,
    /// The `ref` as written.
    #[serde(rename = "ref")]
    pinned: String,
    /// The commit, where it is one.
    commit: Option<String>,
    /// What is tracked.
    track: Option<String>,
}

/// A crate that differs.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Its name.
    name: String,
    /// How it differs.
    kind: Kind,
    /// For `up` and `down`: how far apart the versions are, as cargo sees compatibility.
    class: Option<Class>,
    /// Its entry before.
    before: Option<Crate>,
    /// Its entry after.
    after: Option<Crate>,
    /// How much it asks for a look.
    attention: Look,
    /// What is known about it.
    facts: Vec<String>,
    /// Which crates of the lock ask for it.
    brought_by: Vec<String>,
}

/// How a crate differs.
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

/// How far apart two versions are.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Class {
    Major,
    Minor,
    Patch,
    Other,
}

/// How much a change asks for a look.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Look {
    High,
    Medium,
    Low,
    Elsewhere,
}

/// An entry of a list.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Crate {
    Registry { version: String, sha: String },
    Git { version: String, repo: String, commit: String, query: BTreeMap<String, String> },
}

/// A point of the checklist.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Point {
    /// What is to be so.
    text: String,
    /// Whether it is: `open` is for the reviewer.
    state: Answer,
    /// By what that is known.
    by: String,
}

/// Whether a point is met.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Yes,
    No,
    Open,
}

/// The review as JSON, complete: nothing is cut.
#[must_use]
pub fn json(review: &Review) -> serde_json::Value {
    let mut findings: Vec<&Finding> = review.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    let document = Document {
        schema: SCHEMA,
        tool: "cargo2-bot".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        verdict: verdict(review),
        findings: findings.into_iter().map(told).collect(),
        before: review.before,
        elements: review.elements.iter().map(element).collect(),
        checklist: review.checklist.iter().map(point).collect(),
        unasked: review.unasked.clone(),
        reproduce: review.reproduce.clone(),
    };
    // Plain data cannot fail to be written.
    serde_json::to_value(document).unwrap_or_default()
}

/// The JSON schema of [`json`], from the same struct.
#[must_use]
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Document)).map(|text| text + "\n").unwrap_or_default()
}

fn told(finding: &Finding) -> FindingView {
    let place = finding.location.as_ref();
    FindingView {
        rule: finding.rule.id.into(),
        severity: match finding.severity {
            Severity::Notice => Weight::Notice,
            Severity::Warning => Weight::Warning,
            Severity::Error => Weight::Error,
        },
        message: finding.message.clone(),
        element: finding.element.clone(),
        krate: finding.krate.clone(),
        file: place.map(|p| p.path.to_string()),
        line: place.map(|p| p.line).filter(|line| *line > 0),
        notes: finding.notes.clone(),
        help: finding.help.clone(),
    }
}

fn element(element: &ElementReview) -> Element {
    Element {
        element: element.element.clone(),
        file: element.file.clone(),
        line: Some(element.line).filter(|line| *line > 0),
        status: match element.status {
            Status::Right => State::Right,
            Status::Mended => State::Mended,
            Status::Drifted => State::Drifted,
            Status::Unverified => State::Unverified,
            Status::Exempt => State::Exempt,
        },
        lock: element.lock.clone(),
        crates_before: element.crates.0,
        crates_after: element.crates.1,
        sources: element
            .sources
            .iter()
            .map(|s| Source { old: s.old.as_ref().map(pinned), new: s.new.as_ref().map(pinned) })
            .collect(),
        changes: element.changes.iter().map(change).collect(),
    }
}

fn pinned(pin: &Pin) -> Pinned {
    Pinned { url: pin.url.clone(), pinned: pin.pinned.clone(), commit: pin.commit.clone(), track: pin.track.clone() }
}

fn change(change: &CrateChange) -> Change {
    let (kind, class) = kind(change.kind);
    Change {
        name: change.name.clone(),
        kind,
        class,
        before: change.before.as_ref().map(entry),
        after: change.after.as_ref().map(entry),
        attention: match change.attention {
            Attention::High => Look::High,
            Attention::Medium => Look::Medium,
            Attention::Low => Look::Low,
            Attention::Elsewhere => Look::Elsewhere,
        },
        facts: change.facts.clone(),
        brought_by: change.brought_by.clone(),
    }
}

fn kind(kind: ChangeKind) -> (Kind, Option<Class>) {
    let class = |semver: Semver| {
        Some(match semver {
            Semver::Major => Class::Major,
            Semver::Minor => Class::Minor,
            Semver::Patch => Class::Patch,
            Semver::Other => Class::Other,
        })
    };
    match kind {
        ChangeKind::Added => (Kind::Added, None),
        ChangeKind::Removed => (Kind::Removed, None),
        ChangeKind::Up(semver) => (Kind::Up, class(semver)),
        ChangeKind::Down(semver) => (Kind::Down, class(semver)),
        ChangeKind::Checksum => (Kind::Checksum, None),
        ChangeKind::Commit => (Kind::Commit, None),
        ChangeKind::Repository => (Kind::Repository, None),
        ChangeKind::ToGit => (Kind::ToGit, None),
        ChangeKind::ToRegistry => (Kind::ToRegistry, None),
        ChangeKind::Query => (Kind::Query, None),
    }
}

fn entry(entry: &BlockEntry) -> Crate {
    let version = entry.version.clone();
    match &entry.from {
        Origin::Registry { sha } => Crate::Registry { version, sha: sha.clone() },
        Origin::Git { commit, repo, query } => {
            Crate::Git { version, repo: repo.clone(), commit: commit.clone(), query: query.iter().cloned().collect() }
        }
    }
}

fn point(point: &crate::review::Point) -> Point {
    Point {
        text: point.text.clone(),
        state: match point.state {
            PointState::Yes => Answer::Yes,
            PointState::No => Answer::No,
            PointState::Open => Answer::Open,
        },
        by: point.by.clone(),
    }
}
