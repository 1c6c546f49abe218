//! The headline: the verdict, the element, its step, and what to look at. Plain text, names between backticks.

use super::words::{self, count, listed, step};
use super::{Frame, known};
use crate::finding::{Finding, Severity};
use crate::report::Status;
use crate::report::markdown::{middle, quoted};
use crate::review::looked::Look;
use crate::review::verdict::{Tally, Verdict};
use crate::review::{ElementReview, Review, distinct};
use std::collections::HashSet;

/// The number of crates that a headline names.
const NAMES: usize = 3;

/// The number of things to look at that a headline lists.
const PARTS: usize = 4;

/// The number of characters of a finding in a headline.
const CLAIM: usize = 160;

impl Verdict {
    /// The sign before a headline.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Routine => "✅",
            Self::Look => "👀",
            Self::NotVerified => "❔",
            Self::Alarm => "⛔",
        }
    }
}

/// Returns the headline without its sign, in one line without a full stop. Names are between backticks.
#[must_use]
pub fn headline(review: &Review, frame: &Frame) -> String {
    if review.elements.is_empty() && review.findings.is_empty() && review.inputs.is_empty() {
        return frame
            .reasons
            .first()
            .map_or_else(|| "No Rust element is changed".into(), |reason| middle(reason, CLAIM));
    }
    let subject = subject(review);
    match verdict(review, frame) {
        // What decides is beside the Rust elements.
        Verdict::Look if Verdict::of(review) == Verdict::Routine => {
            frame.reasons.first().map_or_else(|| routine(review), |reason| middle(reason, CLAIM))
        }
        Verdict::Routine => [routine(review), known::fixes(review)]
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        Verdict::Look => {
            let fixes = known::fixes(review);
            let fixes = if fixes.is_empty() { fixes } else { format!(" ({fixes})") };
            format!("{subject}{fixes}: {}", to_look_at(review))
        }
        Verdict::NotVerified => format!("Not verified: {}", not_verified(review)),
        Verdict::Alarm => alarm(review, &subject),
    }
}

/// The verdict on a review and on what decides beside it.
#[must_use]
pub fn verdict(review: &Review, frame: &Frame) -> Verdict {
    let beside = if frame.reasons.is_empty() { Verdict::Routine } else { Verdict::Look };
    Verdict::of(review).max(beside)
}

/// The element with its step, or how many there are.
fn subject(review: &Review) -> String {
    match review.elements.as_slice() {
        [] => {
            let names = distinct(review.findings.iter().filter_map(|f| f.element.as_deref()));
            if names.is_empty() { "This change".into() } else { listed(&names, NAMES) }
        }
        [one] => match step(one) {
            Some(step) => format!("{} {step}", quoted(&one.element)),
            None => quoted(&one.element),
        },
        many => count(many.len(), "Rust element"),
    }
}

fn routine(review: &Review) -> String {
    match review.elements.as_slice() {
        [one] => match step(one) {
            Some(step) => format!("Routine update of {}: {step}", quoted(&one.element)),
            None => format!("Routine update of {}: {}", quoted(&one.element), updates(one)),
        },
        many => {
            let names: Vec<&str> = many.iter().map(|e| e.element.as_str()).collect();
            format!("Routine update of {}", listed(&names, NAMES))
        }
    }
}

fn updates(element: &ElementReview) -> String {
    match element.changes.len() {
        0 => "no crate changes".into(),
        n => format!("{} updated or removed", count(n, "crate")),
    }
}

/// What there is to look at, the most important first.
fn to_look_at(review: &Review) -> String {
    let tally = Tally::of(review);
    let about = |f: &&Finding| f.krate.is_none() && f.severity == Severity::Warning;
    let others = claims(review.findings.iter().filter(about));
    let notices = review.findings.iter().filter(|f| f.severity == Severity::Notice && f.krate.is_none()).count();
    let exempt = review.elements.iter().filter(|e| e.status == Status::Exempt).count();
    let n = |n: usize, one: &str, many: &str| (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }));
    let parts: Vec<String> = [
        (!tally.doubtful.is_empty()).then(|| format!("look at {}", listed(&tally.doubtful, NAMES))),
        match others.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(count(many.len(), "warning")),
        },
        n(review.inputs.len(), "input changed beside the crates", "inputs changed beside the crates"),
        n(tally.repositories_new, "new git repository", "new git repositories"),
        n(tally.repositories_moved, "git repository moved", "git repositories moved"),
        n(tally.down, "crate goes back", "crates go back"),
        n(tally.added, "new crate", "new crates"),
        n(tally.build_scripts_new, "new build script", "new build scripts"),
        n(tally.build_scripts_changed, "build script changed", "build scripts changed"),
        n(exempt, "crate list is not compared, by configuration", "crate lists are not compared, by configuration"),
        n(tally.dirty, "crate packed with changes in no commit", "crates packed with changes in no commit"),
        n(tally.grown, "crate grew tenfold", "crates grew tenfold"),
        n(tally.others, "crate to read about", "crates to read about"),
        n(notices, "notice", "notices"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match parts.len() {
        0 => "read the change".into(),
        n if n > PARTS => format!("{} and {} more points", parts[..PARTS].join(", "), n - PARTS),
        _ => parts.join(", "),
    }
}

/// The different claims of findings, without details: those of one cause are one.
fn claims<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    let (mut claims, mut messages, mut causes) = (Vec::new(), HashSet::new(), HashSet::new());
    for finding in findings {
        let news = finding.cause.as_deref().is_none_or(|cause| causes.insert(cause));
        if messages.insert(finding.message.as_str()) && news {
            claims.push(middle(words::claim(&finding.message).0, CLAIM));
        }
    }
    claims
}

fn not_verified(review: &Review) -> String {
    let claims = claims(review.findings.iter().filter(|f| review.is_unknown(f)));
    let unverified = |e: &&ElementReview| e.status == Status::Unverified;
    let names: Vec<&str> = review.elements.iter().filter(unverified).map(|e| e.element.as_str()).collect();
    match (claims.as_slice(), names.as_slice()) {
        ([one, rest @ ..], []) => format!("{}: {one}{}", subject(review), more(rest.len())),
        (_, [_, ..]) => format!("the crate list of {}", listed(&names, NAMES)),
        ([], []) => format!("{}: {}", subject(review), not_looked_at(review)),
    }
}

/// What could not be looked at, where no finding says so.
fn not_looked_at(review: &Review) -> String {
    let failed = review.looked.all().into_iter().find_map(|(name, look)| match look {
        Look::Failed(why) => Some(format!("{name}: {why}")),
        Look::Done | Look::NotNeeded | Look::NotRequested(_) => None,
    });
    failed.unwrap_or_else(|| "not everything could be looked at".to_owned())
}

fn more(n: usize) -> String {
    if n == 0 { String::new() } else { format!(", and {}", count(n, "more point")) }
}

fn alarm(review: &Review, subject: &str) -> String {
    let drifted: Vec<&str> =
        review.elements.iter().filter(|e| e.status == Status::Drifted).map(|e| e.element.as_str()).collect();
    let tally = Tally::of(review);
    if !tally.wrong.is_empty() {
        return format!("Do not merge yet: {} in {subject}", listed(&tally.wrong, NAMES));
    }
    if !drifted.is_empty() {
        return format!("The crate list of {} does not match Cargo.lock", listed(&drifted, NAMES));
    }
    let errors = claims(review.findings.iter().filter(|f| f.severity == Severity::Error && !review.is_unknown(f)));
    let first = errors.first().cloned().unwrap_or_else(|| "something is wrong".into());
    format!("Do not merge yet: {subject}: {first}{}", more(errors.len().saturating_sub(1)))
}
