//! The review for check runs, and for runs that may write nothing.

use super::comment::brief;
use super::display_budget::Unit;
use super::{Frame, headline};
use crate::finding::{Finding, Severity};
use crate::github::ids::AnnotationLevel;
use crate::github::plan::Annotation;
use crate::report::markdown::{middle, visible};
use crate::report::{self, Report};
use crate::review::Review;

/// The length that a summary of a check run may have for sure, in bytes: GitHub takes 65,535 characters.
pub const CHECK_LIMIT: usize = 65_000;

/// The maximum length of the title of a check run, in characters: a commit status takes no more.
pub const TITLE_LIMIT: usize = 140;

/// The maximum length of a message of an annotation, in bytes: GitHub takes 64 KiB.
const MESSAGE: usize = 60_000;

/// The number of annotations of a level that the runner takes from one step.
const COMMANDS: usize = 10;

/// The headline as plain text of at most [`TITLE_LIMIT`] characters.
#[must_use]
pub fn check_title(review: &Review) -> String {
    middle(&visible(&headline(review, &Frame::default())), TITLE_LIMIT)
}

/// The report for a check run, of at most `limit` bytes ([`CHECK_LIMIT`]): the headline, the proof and what has to be looked at.
/// The tables are in the comment.
#[must_use]
pub fn check_summary(review: &Review, frame: &Frame, limit: usize) -> String {
    brief(review, frame, limit, Unit::Bytes)
}

/// Findings that have a place, as annotations, the most severe first. `prefix` is the project's folder below the
/// repository's root, empty where it is the root.
#[must_use]
pub fn annotations(findings: &[Finding], prefix: &str) -> Vec<Annotation> {
    let annotation = |finding: &Finding| {
        let place = finding.location.as_ref()?;
        Some(Annotation {
            path: below(prefix, &place.path),
            line: place.line.max(1),
            level: level(finding.severity),
            title: middle(&visible(&title(finding)), 255),
            message: message(finding),
        })
    };
    sorted(findings).into_iter().filter_map(annotation).collect()
}

/// Findings as workflow commands, for pull requests where nothing may be written. The runner takes ten of a level: the
/// the most severe come first, and where there are more, the tenth says how many.
#[must_use]
pub fn commands(findings: &[Finding], prefix: &str) -> String {
    let mut shown = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        let all: Vec<&Finding> = sorted(findings).into_iter().filter(|f| f.severity == severity).collect();
        let fit = if all.len() > COMMANDS { COMMANDS - 1 } else { all.len() };
        shown.extend(all.iter().take(fit).map(|f| moved(f, prefix)));
        if let Some(first) = all.get(fit) {
            let rest = all.len() - fit;
            let mut sum = Finding::new(first.rule, format!("{rest} more of this level: the step summary has them"));
            sum.severity = severity;
            shown.push(sum);
        }
    }
    report::github::report(&Report { findings: shown, ..Report::default() })
}

/// The finding with its place below the repository's root.
fn moved(finding: &Finding, prefix: &str) -> Finding {
    let mut finding = finding.clone();
    if let Some(place) = &mut finding.location {
        place.path = below(prefix, &place.path).into();
    }
    finding
}

/// Sorts the most severe first; among equals the given order is kept.
fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| std::cmp::Reverse(f.severity));
    sorted
}

fn below(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() || prefix == "." { path.to_owned() } else { format!("{prefix}/{path}") }
}

fn title(finding: &Finding) -> String {
    match &finding.krate {
        Some(krate) => format!("{}: {krate}", finding.rule.id),
        None => finding.rule.id.to_owned(),
    }
}

/// The finding with its facts, one a line.
fn message(finding: &Finding) -> String {
    let first = match &finding.element {
        Some(element) => format!("{element}: {}", finding.message),
        None => finding.message.clone(),
    };
    let mut out = visible(&first);
    for line in finding.notes.iter().chain(&finding.help) {
        out.push('\n');
        out.push_str(&visible(line));
    }
    let mut end = out.len().min(MESSAGE);
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out
}

const fn level(severity: Severity) -> AnnotationLevel {
    match severity {
        Severity::Error => AnnotationLevel::Failure,
        Severity::Warning => AnnotationLevel::Warning,
        Severity::Notice => AnnotationLevel::Notice,
    }
}
