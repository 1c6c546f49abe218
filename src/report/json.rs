//! For machines: one JSON document, described by `docs/report.schema.json`.

use super::{BlockReport, Report, Status};
use crate::cargo2::block::{BlockEntry, Layout, Origin};
use crate::finding::Finding;
use crate::finding::fixes;
use serde::Serialize;

/// The version of the format. It grows when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    exit: i32,
    blocks: Vec<Block<'a>>,
    findings: Vec<FindingView<'a>>,
    changes: Vec<FileChange<'a>>,
}

/// A file that was or would be written.
#[derive(Serialize)]
struct FileChange<'a> {
    file: &'a str,
    diff: String,
}

#[derive(Serialize)]
struct Block<'a> {
    file: &'a str,
    line: usize,
    elements: &'a [String],
    layout: Layout,
    status: Status,
    crates: Option<usize>,
    lock: Option<&'a str>,
    drift: Drifted<'a>,
}

#[derive(Serialize)]
struct Drifted<'a> {
    added: Vec<Crate<'a>>,
    removed: Vec<Crate<'a>>,
    doubled: Vec<Crate<'a>>,
    changed: Vec<Changed<'a>>,
    flawed: &'a [String],
    reordered: bool,
}

#[derive(Serialize)]
struct Changed<'a> {
    // The keys that readers of the report know.
    #[serde(rename = "held")]
    current: Crate<'a>,
    #[serde(rename = "wanted")]
    expected: Crate<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Crate<'a> {
    Registry {
        name: &'a str,
        version: &'a str,
        sha: &'a str,
    },
    Git {
        name: &'a str,
        version: &'a str,
        repo: &'a str,
        commit: &'a str,
        query: std::collections::BTreeMap<&'a str, &'a str>,
    },
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'static str,
    severity: crate::finding::Severity,
    message: &'a str,
    element: Option<&'a str>,
    #[serde(rename = "crate")]
    krate: Option<&'a str>,
    location: Option<Place<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fixable: bool,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    excerpt: Option<&'a str>,
}

/// Renders a report.
#[must_use]
pub fn report(report: &Report) -> String {
    let document = Document {
        schema: SCHEMA,
        tool: "cargo2-bot",
        version: env!("CARGO_PKG_VERSION"),
        exit: report.exit() as i32,
        blocks: report.blocks.iter().map(block).collect(),
        findings: report.findings.iter().map(told).collect(),
        changes: report.changes.iter().map(|c| FileChange { file: &c.old.path, diff: fixes::diff(c) }).collect(),
    };
    // Plain data cannot fail to be written.
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

fn block(block: &BlockReport) -> Block<'_> {
    Block {
        file: &block.file,
        line: block.line,
        elements: &block.elements,
        layout: block.layout,
        status: block.status,
        crates: block.crates,
        lock: block.lock.as_deref(),
        drift: Drifted {
            added: block.drift.added.iter().map(krate).collect(),
            removed: block.drift.removed.iter().map(krate).collect(),
            doubled: block.drift.doubled.iter().map(krate).collect(),
            changed: block
                .drift
                .changed
                .iter()
                .map(|(current, expected)| Changed { current: krate(current), expected: krate(expected) })
                .collect(),
            flawed: &block.drift.flawed,
            reordered: block.drift.reordered,
        },
    }
}

fn krate(entry: &BlockEntry) -> Crate<'_> {
    let BlockEntry { name, version, from } = entry;
    match from {
        Origin::Registry { sha } => Crate::Registry { name, version, sha },
        Origin::Git { commit, repo, query } => {
            let query = query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            Crate::Git { name, version, repo, commit, query }
        }
    }
}

fn told(finding: &Finding) -> FindingView<'_> {
    let some = |n: usize| (n > 0).then_some(n);
    FindingView {
        rule: finding.rule.id,
        severity: finding.severity,
        message: &finding.message,
        element: finding.element.as_deref(),
        krate: finding.krate.as_deref(),
        location: finding.location.as_ref().map(|place| Place {
            file: &place.path,
            line: some(place.line),
            column: some(place.column),
            excerpt: (place.line > 0).then_some(&place.excerpt),
        }),
        notes: &finding.notes,
        help: finding.help.as_deref(),
        fixable: finding.fixable,
    }
}
