//! The things that have to be looked at, one cause one item, and all findings in a fold.

use super::display_budget::DisplayBudget;
use super::words::{self, capital, count, listed};
use super::{Frame, links};
use crate::finding::{Finding, Severity};
use crate::report::markdown::{code, fold, link, text, text_to};
use crate::review::rules::{is_told_in_line, vulnerable};
use crate::review::{Review, distinct};
use std::collections::HashMap;

/// The number of items that are shown; the rest is counted.
const ITEMS: usize = 6;

/// The number of characters of evidence in an item.
const EVIDENCE: usize = 320;

/// The number of facts of one finding that are shown.
const NOTES: usize = 12;

/// Findings with one cause.
pub(super) struct Item<'a> {
    /// They are there in the order of the review.
    pub(super) findings: Vec<&'a Finding>,
    /// The highest severity among them.
    pub(super) severity: Severity,
}

impl Item<'_> {
    /// What it says: the claim of its first finding, without details, and what else it is about.
    pub(super) fn claim(&self) -> String {
        let first = self.findings[0];
        let elements = distinct(self.findings.iter().filter_map(|f| f.element.as_deref()));
        let crates = distinct(self.findings.iter().filter_map(|f| f.krate.as_deref()));
        let message = words::claim(&first.message).0;
        match (crates.len(), elements.len()) {
            (0 | 1, 0 | 1) => message.to_owned(),
            (0 | 1, n) => format!("{message}, in {n} elements ({})", listed(&elements, 3)),
            (n, _) => format!(
                "{message}; so are {} with the same cause: {}",
                count(n - 1, "more crate"),
                listed(&crates[1..], 4)
            ),
        }
    }
}

/// The items, the most severe first. What differs only in the element, or has the same cause, is one.
pub(super) fn items(review: &Review) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    let (mut causes, mut claims) = (HashMap::new(), HashMap::new());
    for finding in sorted(review) {
        let claim = (finding.rule.id, &finding.krate, &finding.message);
        let cause = finding.cause.as_deref();
        let known = cause.and_then(|cause| causes.get(cause)).or_else(|| claims.get(&claim)).copied();
        let at = known.unwrap_or(items.len());
        match items.get_mut(at) {
            Some(item) => item.findings.push(finding),
            None => items.push(Item { severity: finding.severity, findings: vec![finding] }),
        }
        claims.entry(claim).or_insert(at);
        if let Some(cause) = cause {
            causes.entry(cause).or_insert(at);
        }
    }
    items
}

/// The most severe come first; among equals the given order is kept.
pub(super) fn sorted(review: &Review) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = review.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    findings
}

/// Whether an item is shown by itself: errors and warnings, and notices that are about no crate, which has a row.
fn is_shown(item: &Item<'_>) -> bool {
    item.severity > Severity::Notice || item.findings[0].krate.is_none()
}

/// The numbered list.
pub(super) fn list(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let all = items(review);
    let shown: Vec<&Item<'_>> = all.iter().filter(|item| is_shown(item)).collect();
    let most = ITEMS.min(room.top);
    let mut out = String::new();
    for (at, item) in shown.iter().take(most).enumerate() {
        out.push_str(&format!("{}. {}\n", at + 1, one(item, review, frame)));
    }
    let hidden: Vec<&str> = shown.iter().skip(most).map(|item| item.findings[0].rule.id).collect();
    if !hidden.is_empty() {
        let rules = distinct(hidden.iter().copied());
        out.push_str(&format!("\n{} below: {}.\n", count(hidden.len(), "more point"), text(&listed(&rules, 5))));
    }
    out
}

/// One item: the claim, the evidence, where one reads it, what to do.
fn one(item: &Item<'_>, review: &Review, frame: &Frame) -> String {
    let first = item.findings[0];
    let evidence = text_to(&evidence(first), EVIDENCE);
    let evidence =
        if evidence.is_empty() { String::new() } else { format!(" {}.", capital(evidence.trim_end_matches('.'))) };
    let sign = match item.severity {
        Severity::Error => "⛔ ",
        Severity::Warning | Severity::Notice => "",
    };
    let mut out = format!("{sign}**{}.**{evidence} {}", capital(&text(&item.claim())), rule(first, frame));
    if let Some(read) = read_at(first, review, frame) {
        out.push_str(&format!(" · {read}"));
    }
    if let Some(help) = &first.help {
        out.push_str(&format!("\n   Do: {}", text(help)));
    }
    out
}

/// What a finding says beside its claim.
fn evidence(finding: &Finding) -> String {
    let details = words::claim(&finding.message).1;
    let all = [details].into_iter().chain(finding.notes.iter().map(String::as_str));
    all.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The rule, linked to its page.
pub(super) fn rule(finding: &Finding, frame: &Frame) -> String {
    let label = code(finding.rule.id);
    links::rule(&frame.links, finding.rule.id).map_or(label.clone(), |href| link(&label, &href))
}

/// Where one reads what a finding is about: the difference of the crate, or the place in the element.
fn read_at(finding: &Finding, review: &Review, frame: &Frame) -> Option<String> {
    let mut changes = review.elements.iter().flat_map(|e| &e.changes);
    let change = finding.krate.as_ref().and_then(|name| changes.find(|c| c.name == *name));
    if let Some(href) = change.and_then(|change| links::change(&frame.links, change)) {
        return Some(link("difference", &href));
    }
    if let Some(href) = change.and_then(|change| links::page(&frame.links, change.after.as_ref()?)) {
        return Some(link("crate", &href));
    }
    let place = finding.location.as_ref()?;
    let href = links::file(&frame.links, &place.path, place.line)?;
    Some(link(&code(&format!("{}:{}", place.path, place.line)), &href))
}

/// All findings with all facts, folded; where the list does not say all.
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    // What stays affected has a fold of its own.
    let stays =
        |f: &&Finding| !(is_told_in_line(f) || (f.severity == Severity::Notice && f.rule.id == vulnerable::RULE.id));
    let findings: Vec<&Finding> = sorted(review).into_iter().filter(stays).collect();
    let groups = items(review);
    let shown = groups.iter().filter(|item| is_shown(item)).count();
    let long = |f: &&&Finding| evidence(f).chars().count() > EVIDENCE;
    let complete = shown <= ITEMS.min(room.top) && shown == findings.len() && !findings.iter().any(|f| long(&f));
    if room.evidence == 0 || findings.is_empty() || complete {
        return String::new();
    }
    let mut out = String::new();
    for finding in findings.iter().take(room.evidence) {
        facts(finding, frame, &mut out);
    }
    if findings.len() > room.evidence {
        let n = findings.len() - room.evidence;
        out.push_str(&format!("- {} {} left out\n", count(n, "more finding"), if n == 1 { "is" } else { "are" }));
    }
    let title = match findings.len() {
        1 => "The finding with its evidence".to_owned(),
        n => format!("All {n} findings with their evidence"),
    };
    fold(&title, &out)
}

/// One finding with all that is known.
fn facts(finding: &Finding, frame: &Frame, out: &mut String) {
    let severity = finding.severity.name();
    let element = finding.element.as_ref().filter(|name| !finding.message.contains(name.as_str()));
    let element = element.map(|name| format!("{}: ", code(name))).unwrap_or_default();
    out.push_str(&format!("- {severity} {} {element}{}\n", rule(finding, frame), text(&finding.message)));
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
        out.push_str(&format!("  - {} left out\n", count(finding.notes.len() - NOTES, "more fact")));
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("  - Do: {}\n", text(help)));
    }
}
