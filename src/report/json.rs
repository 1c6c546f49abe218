//! For machines: one JSON document, described by `docs/report.schema.json`.

use super::{BlockReport, RefMove, Report};
use crate::finding::fixes;
use crate::finding::{Finding, Severity};
use serde::Serialize;

/// The version of the format. It grows when a field changes its meaning or goes away.
pub(crate) const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    exit: i32,
    blocks: &'a [BlockReport],
    findings: Vec<FindingView<'a>>,
    changes: Vec<FileChange<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    moves: &'a [RefMove],
}

/// A file that was or would be written.
#[derive(Serialize)]
struct FileChange<'a> {
    file: &'a str,
    diff: String,
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'static str,
    severity: Severity,
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
pub(crate) fn report(report: &Report) -> String {
    let document = Document {
        schema: SCHEMA,
        tool: "cargo2-bot",
        version: env!("CARGO_PKG_VERSION"),
        exit: report.exit() as i32,
        blocks: &report.blocks,
        findings: report.findings.iter().map(finding).collect(),
        changes: report.changes.iter().map(|c| FileChange { file: &c.old.path, diff: fixes::diff(c) }).collect(),
        moves: &report.moves,
    };
    // Plain data cannot fail to be written.
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

fn finding(finding: &Finding) -> FindingView<'_> {
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
