//! The words that all readers get: plain text, with names between backticks.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::finding::{Finding, Severity};
use crate::report::Status;
use crate::report::markdown::{middle, quoted};
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Pin, Review, Semver};

/// The number of names that a sentence lists.
const NAMES: usize = 4;

/// Returns the verdict, in one line without a full stop: `2 crates need a look: …`. Names are between backticks.
#[must_use]
pub fn verdict(review: &Review) -> String {
    let needs = needs(review);
    let blocks = blocks(review);
    let trouble = troubled(review) > 0;
    let mut parts = Vec::new();
    match (trouble, needs) {
        (true, needs) => parts.extend([Some(blocks), needs].into_iter().flatten()),
        (false, Some(needs)) => parts.extend([needs, blocks]),
        (false, None) => parts.extend([blocks, moved(review) + ", nothing unusual"]),
    }
    parts.retain(|part| !part.is_empty());
    capital(&parts.join("; "))
}

/// Returns whether a reviewer has nothing to look at but routine updates.
pub(super) fn harmless(review: &Review) -> bool {
    review.findings.is_empty() && troubled(review) == 0
}

/// Counts the crate lists that are not known to match their `Cargo.lock`.
fn troubled(review: &Review) -> usize {
    review.elements.iter().filter(|e| matches!(e.status, Status::Drifted | Status::Unverified)).count()
}

/// Names what needs a look. None where nothing does.
fn needs(review: &Review) -> Option<String> {
    let serious: Vec<&Finding> = review.findings.iter().filter(|f| f.severity > Severity::Notice).collect();
    let names = distinct(serious.iter().filter_map(|f| f.krate.as_deref()));
    let others = serious.iter().filter(|f| f.krate.is_none()).count();
    let need = if names.len() + others == 1 { "needs" } else { "need" };
    let other = |n: usize| count(n, "other finding");
    match (names.len(), others) {
        (0, 0) if review.findings.is_empty() => None,
        (0, 0) => Some(format!("{} to read", count(review.findings.len(), "notice"))),
        (0, n) => Some(format!("{} {need} a look", count(n, "finding"))),
        (n, 0) => Some(format!("{} {need} a look: {}", count(n, "crate"), listed(&names, NAMES))),
        (n, m) => Some(format!("{} and {} {need} a look: {}", count(n, "crate"), other(m), listed(&names, NAMES))),
    }
}

/// Says which crate lists match their `Cargo.lock`, and which do not.
fn blocks(review: &Review) -> String {
    let (gone, there): (Vec<&ElementReview>, Vec<&ElementReview>) = review.elements.iter().partition(|e| is_gone(e));
    let gone: Vec<&str> = gone.into_iter().map(|e| e.element.as_str()).collect();
    let total = there.len();
    let of = |status: Status| -> Vec<&str> {
        there.iter().filter(|e| e.status == status).map(|e| e.element.as_str()).collect()
    };
    let (drifted, unverified) = (of(Status::Drifted), of(Status::Unverified));
    let (regenerated, exempt) = (of(Status::Regenerated).len(), of(Status::Exempt).len());
    let mut parts = Vec::new();
    if !drifted.is_empty() {
        parts.push(format!("{} Cargo.lock", subject(&drifted, "does not match", "do not match")));
    }
    if !unverified.is_empty() {
        parts.push(format!("{} not verified", subject(&unverified, "is", "are")));
    }
    if !gone.is_empty() {
        parts.push(format!("{} gone", subject(&gone, "is", "are")));
    }
    if drifted.is_empty() && unverified.is_empty() && (total > 0 || gone.is_empty()) {
        parts.push(match (total, regenerated, exempt) {
            (0, ..) => "no crate list is touched".into(),
            (n, _, e) if e > 0 && e == n => {
                format!(
                    "{} not compared, by configuration",
                    if n == 1 { "the crate list is" } else { "the crate lists are" }
                )
            }
            (n, _, e) if e > 0 => {
                format!("{} of {n} crate lists match Cargo.lock, the others are not compared, by configuration", n - e)
            }
            (1, 0, _) => "the crate list matches Cargo.lock".into(),
            (1, ..) => "the crate list was regenerated and matches Cargo.lock".into(),
            (n, 0, _) => format!("all {n} crate lists match Cargo.lock"),
            (n, m, _) => format!("all {n} crate lists match Cargo.lock, {m} of them regenerated"),
        });
    }
    parts.join("; ")
}

/// Returns a subject with its verb: `the crate list of `a` is`, `3 crate lists (`a`, `b`, `c`) are`.
fn subject(names: &[&str], one_does: &str, many_do: &str) -> String {
    match names {
        [one] => format!("the crate list of {} {one_does}", quoted(one)),
        many => format!("{} crate lists ({}) {many_do}", many.len(), listed(many, NAMES)),
    }
}

/// Returns whether a crate list is no longer there: it has no place.
fn is_gone(element: &ElementReview) -> bool {
    element.line == 0 && element.list.is_empty() && element.crates.1 == 0
}

/// Counts the crates that moved, in all lists.
fn moved(review: &Review) -> String {
    let changes: Vec<&CrateChange> = review.elements.iter().flat_map(|e| &e.changes).collect();
    match changes.len() {
        0 => "no crate moved".into(),
        _ => counts(&changes),
    }
}

/// `12 crates moved, 1 added, 2 removed`.
pub(super) fn counts(changes: &[&CrateChange]) -> String {
    let of = |test: fn(ChangeKind) -> bool| changes.iter().filter(|c| test(c.kind)).count();
    let (added, removed) = (of(|k| k == ChangeKind::Added), of(|k| k == ChangeKind::Removed));
    let down = of(|k| matches!(k, ChangeKind::Down(_)));
    let moved = changes.len() - added - removed;
    let mut parts = vec![format!("{} moved", count(moved, "crate"))];
    if down > 0 {
        parts.push(format!("{down} of them down"));
    }
    if added > 0 {
        parts.push(format!("{added} added"));
    }
    if removed > 0 {
        parts.push(format!("{removed} removed"));
    }
    parts.join(", ")
}

/// `1 crate`, `2 crates`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Names between backticks, the first `max` of them.
pub(super) fn listed<T: AsRef<str>>(names: &[T], max: usize) -> String {
    let mut out: Vec<String> = names.iter().take(max).map(|name| quoted(name.as_ref())).collect();
    if names.len() > max {
        out.push(format!("and {} more", names.len() - max));
    }
    out.join(", ")
}

/// Each name once, in the order in which they come.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::HashSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

/// With a capital letter, unless it begins with code.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Returns the state of a crate list, without a subject.
pub(super) fn status(element: &ElementReview) -> &'static str {
    match element.status {
        _ if is_gone(element) => "gone",
        Status::Right => "matches Cargo.lock",
        Status::Regenerated => "regenerated, matches Cargo.lock",
        Status::Drifted => "does not match Cargo.lock",
        Status::Unverified => "not verified",
        Status::Exempt => "not compared, by configuration",
    }
}

/// `115 → 117 crates`.
pub(super) fn sizes(element: &ElementReview) -> String {
    match element.crates {
        (old, new) if old == new => count(new, "crate"),
        (old, new) => format!("{old} → {}", count(new, "crate")),
    }
}

/// Describes how a crate differs, without its name.
pub(super) fn change(change: &CrateChange) -> String {
    let (old, new) = (change.before.as_ref(), change.after.as_ref());
    let version = |entry: Option<&BlockEntry>| quoted(entry.map_or("?", |e| &e.version));
    let versions = || match (old, new) {
        (Some(a), Some(b)) if a.version == b.version => version(old),
        _ => format!("{} → {}", version(old), version(new)),
    };
    match change.kind {
        ChangeKind::Added => format!("new {}{}", version(new), source(new)),
        ChangeKind::Removed => format!("gone {}{}", version(old), source(old)),
        ChangeKind::Up(class) => format!("{}{}", versions(), semver(class)),
        ChangeKind::Down(class) => format!("down {}{}", versions(), semver(class)),
        ChangeKind::Checksum => format!("{} with another checksum: {} → {}", versions(), origin(old), origin(new)),
        ChangeKind::Commit => format!("{}, commit {} → {}", versions(), origin(old), origin(new)),
        ChangeKind::Repository => format!("{}, repository {} → {}", versions(), repository(old), repository(new)),
        ChangeKind::ToGit => format!("{}, registry → git {}", versions(), repository(new)),
        ChangeKind::ToRegistry => format!("{}, git {} → registry", versions(), repository(old)),
        ChangeKind::Query => format!("{}, git {} → {}", versions(), query(old), query(new)),
    }
}

/// Names the distance of two versions, where cargo knows it.
fn semver(class: Semver) -> &'static str {
    match class {
        Semver::Major => ", major",
        Semver::Minor => ", minor",
        Semver::Patch => ", patch",
        Semver::Other => "",
    }
}

/// Names the origin of an entry, where that is not the registry.
fn source(entry: Option<&BlockEntry>) -> String {
    match entry.map(|e| &e.from) {
        Some(Origin::Git { .. }) => format!(" from git {}", repository(entry)),
        _ => String::new(),
    }
}

/// The checksum or commit, short.
fn origin(entry: Option<&BlockEntry>) -> String {
    match entry.map(|e| &e.from) {
        Some(Origin::Registry { sha }) => quoted(&short(sha)),
        Some(Origin::Git { commit, .. }) => quoted(&short(commit)),
        None => "nothing".into(),
    }
}

fn repository(entry: Option<&BlockEntry>) -> String {
    match entry.map(|e| &e.from) {
        Some(Origin::Git { repo, .. }) => quoted(repo),
        _ => "nothing".into(),
    }
}

fn query(entry: Option<&BlockEntry>) -> String {
    match entry.map(|e| &e.from) {
        Some(Origin::Git { query, .. }) if !query.is_empty() => {
            let parts: Vec<String> = query.iter().take(4).map(|(key, value)| format!("{key}={value}")).collect();
            quoted(&parts.join("&"))
        }
        _ => "the default branch".into(),
    }
}

/// A pin for reading: long runs of hex digits keep their first twelve.
pub(super) fn short(pinned: &str) -> String {
    let pinned = middle(pinned, 200);
    let head = pinned.trim_end_matches(|c: char| c.is_ascii_hexdigit());
    let hex = &pinned[head.len()..];
    if hex.len() >= 40 { format!("{head}{}", &hex[..12]) } else { pinned }
}

/// Describes how a pin differs apart from its ref: `tracks `a` → `b``.
pub(super) fn track(old: &Pin, new: &Pin) -> Option<String> {
    let name = |track: &Option<String>| track.as_ref().map_or("nothing".into(), |t| quoted(t));
    (old.track != new.track).then(|| format!("tracks {} → {}", name(&old.track), name(&new.track)))
}

/// Lists the facts about a crate, for a cell or line.
pub(super) fn known(change: &CrateChange) -> String {
    const FACTS: usize = 6;
    let mut parts: Vec<String> = change.facts.iter().take(FACTS).map(|fact| middle(fact, 120)).collect();
    if change.facts.len() > FACTS {
        parts.push(format!("and {} more", change.facts.len() - FACTS));
    }
    if change.attention == Attention::Elsewhere {
        parts.push("other platforms only".into());
    }
    parts.join(", ")
}
