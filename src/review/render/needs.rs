//! The findings that need a human, with their evidence.

use super::display_budget::DisplayBudget;
use super::words::{count, distinct, listed};
use super::{Frame, links};
use crate::finding::{Finding, Severity};
use crate::report::markdown::{code, fold, ident, link, text, text_to};
use crate::review::Review;

/// From how many findings on those of one rule share a line: a flood of one kind hides no other.
const SINGLES: usize = 5;

/// The number of characters of evidence that follow a finding.
const EVIDENCE: usize = 260;

/// The number of facts of one finding that are shown.
const NOTES: usize = 12;

/// The lines that come first: one for each finding, or for each rule.
pub(super) fn top(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let findings = sorted(review);
    let Some(worst) = findings.first().map(|f| f.severity) else { return String::new() };
    let groups = groups(&findings);
    let mut out = format!("> [!{}]\n", alert(worst));
    for group in groups.iter().take(room.top) {
        let line = match group.as_slice() {
            [one] => single(one, review, frame),
            many => several(many),
        };
        out.push_str(&format!("> - {line}\n"));
    }
    let hidden: usize = groups.iter().skip(room.top).map(Vec::len).sum();
    if hidden > 0 {
        out.push_str(&format!("> - {}: `cargo2-bot review --format json` has all.\n", count_more(hidden, "finding")));
    }
    out
}

/// All facts, folded.
pub(super) fn evidence(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let findings = sorted(review);
    let silent = findings.iter().all(|f| f.notes.is_empty() && f.help.is_none() && f.location.is_none());
    if room.evidence == 0 || silent {
        return String::new();
    }
    let mut out = String::new();
    for finding in findings.iter().take(room.evidence) {
        facts(finding, review, frame, &mut out);
    }
    if findings.len() > room.evidence {
        out.push_str(&format!("- {}.\n", count_more(findings.len() - room.evidence, "finding")));
    }
    out.push_str("\n`cargo2-bot explain RULE` explains a rule.");
    fold(&format!("Evidence and what to do: {}", count(findings.len(), "finding")), &out)
}

/// The most severe come first; among equals the given order is kept.
pub(super) fn sorted(review: &Review) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = review.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    findings
}

/// Findings that share a line.
pub(super) fn groups<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut out: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let twin =
            |group: &&mut Vec<&Finding>| group[0].rule.id == finding.rule.id && group[0].severity == finding.severity;
        match out.iter_mut().find(twin) {
            Some(group) if findings.len() > SINGLES => group.push(finding),
            _ => out.push(vec![finding]),
        }
    }
    out
}

fn single(finding: &Finding, review: &Review, frame: &Frame) -> String {
    let evidence = finding.notes.join("; ");
    let evidence = if evidence.is_empty() { String::new() } else { format!(" — {}", text_to(&evidence, EVIDENCE)) };
    let (severity, subject) = (finding.severity.name(), subject(finding, review, frame));
    format!("**{severity}** {subject}{}{evidence} ({})", text(&finding.message), code(finding.rule.id))
}

fn several(group: &[&Finding]) -> String {
    let first = group[0];
    let names = distinct(group.iter().filter_map(|f| f.krate.as_deref().or(f.element.as_deref())));
    let names = if names.is_empty() { String::new() } else { format!(": {}", listed(&names, 6)) };
    let message = text_to(&first.message, EVIDENCE);
    format!("**{}** {} × {}{} — {message}", first.severity.name(), group.len(), code(first.rule.id), text(&names))
}

/// The crate and the element, as far as the message does not name them.
fn subject(finding: &Finding, review: &Review, frame: &Frame) -> String {
    let krate = finding.krate.as_ref().filter(|name| !finding.message.contains(name.as_str()));
    let only = |name: &str| review.elements.len() == 1 && review.elements[0].element == name;
    let element = finding.element.as_ref().filter(|name| !only(name) && !finding.message.contains(name.as_str()));
    let page = |name: &str| {
        let mut changes = review.elements.iter().flat_map(|e| &e.changes);
        links::page(&frame.links, changes.find(|c| c.name == name)?.after.as_ref()?)
    };
    let krate = krate.map(|name| match page(name) {
        Some(href) => link(&code(&ident(name)), &href),
        None => code(&ident(name)),
    });
    match (krate, element) {
        (Some(krate), Some(element)) => format!("{krate} in {}: ", code(element)),
        (Some(one), None) => format!("{one}: "),
        (None, Some(element)) => format!("{}: ", code(element)),
        (None, None) => String::new(),
    }
}

/// One finding with all that is known.
fn facts(finding: &Finding, review: &Review, frame: &Frame, out: &mut String) {
    let (severity, rule) = (finding.severity.name(), code(finding.rule.id));
    let message = text(&finding.message);
    out.push_str(&format!("- **{severity}** {rule} {}{message}\n", subject(finding, review, frame)));
    if let Some(place) = &finding.location {
        let label = code(&place.to_string());
        let place =
            links::file(&frame.links, &place.path, place.line).map_or(label.clone(), |href| link(&label, &href));
        out.push_str(&format!("  - at {place}\n"));
    }
    for note in finding.notes.iter().take(NOTES).filter(|n| !n.trim().is_empty()) {
        out.push_str(&format!("  - {}\n", text(note)));
    }
    if finding.notes.len() > NOTES {
        out.push_str(&format!("  - {}\n", count_more(finding.notes.len() - NOTES, "fact")));
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("  - to do: {}\n", text(help)));
    }
}

/// `12 more findings are left out`.
fn count_more(n: usize, what: &str) -> String {
    format!("{} {} left out", count(n, &format!("more {what}")), if n == 1 { "is" } else { "are" })
}

fn alert(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "CAUTION",
        Severity::Warning => "WARNING",
        Severity::Notice => "NOTE",
    }
}
