//! The words that all readers get: plain text, with names between backticks.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::report::Status;
use crate::report::markdown::{middle, quoted, visible};
use crate::review::change_context::shortened;
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Pin, Semver, SourceMove};

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

/// A claim that is longer than a line is cut at its first colon outside of names: what is said, and the details.
pub(super) fn claim(message: &str) -> (&str, &str) {
    const LINE: usize = 100;
    let mut quotes = 0;
    let colon = message.char_indices().find(|(at, c)| {
        quotes += usize::from(*c == '`');
        quotes % 2 == 0 && message[*at..].starts_with(": ")
    });
    match colon.filter(|_| message.chars().nth(LINE).is_some()) {
        Some((at, _)) => (&message[..at], &message[at + 2..]),
        None => (message, ""),
    }
}

/// Names between backticks, the first `max` of them.
pub(super) fn listed<T: AsRef<str>>(names: &[T], max: usize) -> String {
    let mut out: Vec<String> = names.iter().take(max).map(|name| quoted(name.as_ref())).collect();
    if names.len() > max {
        out.push(format!("and {} more", names.len() - max));
    }
    out.join(", ")
}

/// With a capital letter, unless it begins with code.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Returns whether a crate list is no longer there: it has no place.
pub(super) fn is_gone(element: &ElementReview) -> bool {
    element.line == 0 && element.list.is_empty() && element.crates.1 == 0
}

/// A pin as people write it: the tag, or the first digits of the commit or checksum.
pub(super) fn version(pin: &Pin) -> String {
    pin.tag().map_or_else(|| short(&pin.pinned), short)
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

/// The step of an element's version, as people write it: `v1.16.8 → v1.16.9`. None where no source moved from one pin to
/// another.
pub(super) fn step(element: &ElementReview) -> Option<String> {
    let both = |moved: &SourceMove| {
        let (old, new) = (moved.old.as_ref()?, moved.new.as_ref()?);
        let step = (version(old), version(new));
        (step.0 != step.1 && new.commit.is_some()).then_some(step)
    };
    let (old, new) = element.sources.iter().find_map(both)?;
    Some(format!("{} → {}", visible(&old), visible(&new)))
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
    shortened(&middle(pinned, 200))
}

/// Describes how a pin differs apart from its ref: `tracks `a` → `b``.
pub(super) fn track(old: &Pin, new: &Pin) -> Option<String> {
    let name = |track: &Option<String>| track.as_ref().map_or("nothing".into(), |t| quoted(t));
    (old.track != new.track).then(|| format!("tracks {} → {}", name(&old.track), name(&new.track)))
}

/// Lists the facts about a crate, for a cell or line.
pub(super) fn known(facts: &[String], attention: Attention) -> String {
    const FACTS: usize = 6;
    let mut parts: Vec<String> = facts.iter().take(FACTS).map(|fact| middle(fact, 120)).collect();
    if facts.len() > FACTS {
        parts.push(format!("and {} more", facts.len() - FACTS));
    }
    if attention == Attention::Elsewhere {
        parts.push("other platforms only".into());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_claim_ends_where_its_details_begin() {
        let error =
            "cannot get commit 9e02 of https://git.example/tool; tried it by its id (timed out) ünd again and again";
        let long = format!("`a: b.lock` cannot be read: {error}: twice");
        assert_eq!(claim(&long), ("`a: b.lock` cannot be read", format!("{error}: twice").as_str()));
        assert_eq!(claim("`a` is not verified: the index did not answer").1, "", "it is a line");
        let whole = "ä".repeat(101);
        assert_eq!(claim(&whole), (whole.as_str(), ""));
    }
}
