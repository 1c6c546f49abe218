//! What has one cause is one finding: crates of one repository, a source that goes back, an index that does not answer.

use super::change_context::{listed, shown};
use super::rules::{
    commit_moved, downgraded, not_verified, repository_changed, repository_spelling, tag_moved, to_git,
};
use super::{ChangeKind, ElementReview, Pin, SourceMove};
use crate::finding::{Finding, Rule};
use semver::Version;
use std::collections::{BTreeSet, HashMap};

/// The number of downgrades from which on they are one revert.
const MANY: usize = 3;

/// The number of names in a line.
const LINE: usize = 16;

/// Combines the findings on one list that have one cause.
pub(super) fn together(element: &ElementReview, findings: Vec<Finding>) -> Vec<Finding> {
    outage(element, reverted(element, of_one_repository(findings)))
}

/// Crates of one repository move together: what is the same for several of them is reported once.
fn of_one_repository(findings: Vec<Finding>) -> Vec<Finding> {
    let rules =
        [&repository_changed::RULE, &repository_spelling::RULE, &to_git::RULE, &tag_moved::RULE, &commit_moved::RULE];
    let mut first: HashMap<(&str, String), usize> = HashMap::new();
    let mut others: HashMap<usize, Vec<String>> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let evidence = finding.notes.iter().rfind(|_| rules.contains(&finding.rule)).cloned();
        if let (Some(evidence), Some(krate)) = (evidence, &finding.krate) {
            let at = *first.entry((finding.rule.id, evidence)).or_insert(merged.len());
            if at < merged.len() {
                others.entry(at).or_default().push(krate.clone());
                continue;
            }
        }
        merged.push(finding);
    }
    for (at, crates) in others {
        merged[at].message.push_str(&format!(", and {} other crates with it", crates.len()));
        merged[at].notes.push(format!("the others: {}", listed(&crates, 8)));
    }
    merged
}

/// Crates that go back because a source of the element does are one finding: going back is what the change is for.
fn reverted(element: &ElementReview, findings: Vec<Finding>) -> Vec<Finding> {
    let Some((old, new)) = element.sources.iter().find_map(|source| goes_back(element, source)) else {
        return findings;
    };
    let (down, mut rest) = split(findings, &downgraded::RULE);
    if down.1.len() < MANY {
        return restored(down, rest);
    }
    let moved = |pin: &Pin| shown(pin.tag().unwrap_or_else(|| pin.pinned.get(..12).unwrap_or(&pin.pinned)));
    let message = format!("{} crates go back, as {} is reverted", down.1.len(), shown(&new.url));
    let cause = format!("revert {} {}", new.url, new.pinned);
    let mut finding = Finding::new(&downgraded::RULE, message).of(&element.element).because_of(cause);
    finding.notes.push(format!("{} → {}", moved(old), moved(new)));
    finding.notes.extend(lines(down.1.iter().map(|finding| finding.message.clone())));
    finding.help = Some("find out why it is taken back, and whether what the newer crates fixed is needed".into());
    rest.insert(down.0.min(rest.len()), finding);
    rest
}

/// Returns the pins of a source that goes back, as far as that shows: to a lower tag, or by crates that mostly go back.
fn goes_back<'a>(element: &ElementReview, source: &'a SourceMove) -> Option<(&'a Pin, &'a Pin)> {
    let (old, new) = (source.old.as_ref()?, source.new.as_ref()?);
    // A file beside the sources, such as a patch, has no pin that could go back.
    if old.pinned == new.pinned || new.pinned.is_empty() || old.home() != new.home() {
        return None;
    }
    let count = |down: bool| {
        let kinds = element.changes.iter().map(|change| change.kind);
        kinds
            .filter(|kind| if down { matches!(kind, ChangeKind::Down(_)) } else { matches!(kind, ChangeKind::Up(_)) })
            .count()
    };
    let back = match (old.tag().and_then(version), new.tag().and_then(version)) {
        (Some(old), Some(new)) if old != new => new < old,
        _ => count(true) > count(false),
    };
    back.then_some((old, new))
}

/// The version in a tag: behind the first digit.
fn version(tag: &str) -> Option<Version> {
    let from = tag.find(|c: char| c.is_ascii_digit())?;
    Version::parse(&tag[from..]).ok()
}

/// An index that does not answer for many crates is one finding, which names them all; so are archives that cannot be read.
fn outage(element: &ElementReview, findings: Vec<Finding>) -> Vec<Finding> {
    let findings = silent(element, findings, not_verified::SILENT, "index unreachable", not_verified::CAUSE);
    silent(element, findings, not_verified::UNREAD, "archives unreadable", not_verified::UNREAD)
}

/// Combines the findings on crates of which the same is not known, if there are many.
fn silent(element: &ElementReview, findings: Vec<Finding>, end: &str, what: &str, cause: &str) -> Vec<Finding> {
    let silent = |finding: &Finding| finding.rule == &not_verified::RULE && finding.message.ends_with(end);
    if findings.iter().filter(|finding| silent(finding)).count() < MANY {
        return findings;
    }
    let (silent, mut rest): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(silent);
    let message = format!("{what}: {} crates not verified", silent.len());
    let mut finding = Finding::new(&not_verified::RULE, message).of(&element.element).because_of(cause);
    let reasons: BTreeSet<&String> =
        silent.iter().flat_map(|finding| &finding.notes).filter(|note| note.starts_with("reason: ")).collect();
    finding.notes.extend(reasons.iter().take(MANY).map(ToString::to_string));
    if reasons.len() > MANY {
        finding.notes.push(format!("and {} more reasons", reasons.len() - MANY));
    }
    let names = silent.iter().filter_map(|finding| finding.message.split(" is not verified").next());
    finding.notes.extend(lines(names.map(str::to_owned)));
    finding.help = Some("run again".into());
    rest.push(finding);
    rest
}

/// Takes out the findings of a rule, with the place of the first.
fn split(findings: Vec<Finding>, rule: &Rule) -> ((usize, Vec<Finding>), Vec<Finding>) {
    let at = findings.iter().position(|finding| finding.rule == rule).unwrap_or(findings.len());
    let (of, rest) = findings.into_iter().partition(|finding| finding.rule == rule);
    ((at, of), rest)
}

/// Puts findings back.
fn restored((at, of): (usize, Vec<Finding>), mut rest: Vec<Finding>) -> Vec<Finding> {
    let at = at.min(rest.len());
    rest.splice(at..at, of);
    rest
}

/// Several texts in each line.
fn lines(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<Vec<_>>().chunks(LINE).map(|some| some.join(", ")).collect()
}
