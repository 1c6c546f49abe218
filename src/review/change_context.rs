//! The input of a rule of the review: one change of a crate, and the evidence about it.

use super::evidence::{Advisory, ArchiveDelta, ArchiveFacts, Evidence, IndexCrate, IndexVersion};
use super::names::Names;
use super::publisher::{Published, PublishedVersion};
use super::settings::Settings;
use super::{CrateChange, ElementReview};
use crate::cargo2::block::{BlockEntry, Origin};
use crate::config::Date;
pub use crate::encode::short;
use crate::finding::read::Unreadable;
use crate::finding::{Finding, Rule};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// Seconds of an hour.
pub const HOUR: i64 = 3_600;

/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// A list, arranged for looking things up in it.
pub struct Lookup<'a> {
    by_name: HashMap<&'a str, Vec<&'a BlockEntry>>,
    changed: HashSet<&'a BlockEntry>,
    names: OnceCell<Names>,
}

impl<'a> Lookup<'a> {
    /// Arranges an element's new list.
    #[must_use]
    pub fn of(element: &'a ElementReview) -> Self {
        let mut by_name: HashMap<&str, Vec<&BlockEntry>> = HashMap::new();
        for entry in &element.list {
            by_name.entry(&entry.name).or_default().push(entry);
        }
        let changed = element.changes.iter().filter_map(|c| c.after.as_ref()).collect();
        Self { by_name, changed, names: OnceCell::new() }
    }

    /// The entries of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> &[&'a BlockEntry] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns whether an entry is new or changed.
    #[must_use]
    pub fn is_changed(&self, entry: &BlockEntry) -> bool {
        self.changed.contains(entry)
    }

    /// The entries that are as before and that an advisory is about, with it: by their versions, or by their archives.
    #[must_use]
    pub fn unchanged_affected<'e>(&self, evidence: &'e Evidence) -> Vec<(&'a BlockEntry, &'e Advisory)> {
        let Some(all) = evidence.advisories.got().filter(|all| !all.list.is_empty()) else { return Vec::new() };
        let unchanged = self.by_name.values().flatten().filter(|entry| !self.is_changed(entry));
        let affected = unchanged.flat_map(|entry| all.of(entry).map(move |advisory| (*entry, advisory)));
        let mut affected: Vec<_> = affected.collect();
        affected.sort_by(|(a, one), (b, other)| (&a.name, &a.version, &one.id).cmp(&(&b.name, &b.version, &other.id)));
        affected
    }

    /// The names of the list.
    #[must_use]
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(self.by_name.keys().copied()))
    }
}

/// A change with its evidence.
#[derive(Clone, Copy)]
pub struct ChangeContext<'a> {
    /// The element whose list it is in.
    pub element: &'a ElementReview,
    /// The change.
    pub change: &'a CrateChange,
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The project's settings for reviews.
    pub settings: &'a Settings,
    /// The new list.
    pub lookup: &'a Lookup<'a>,
}

impl<'a> ChangeContext<'a> {
    /// The new entry and its checksum, where it comes from the registry.
    #[must_use]
    pub fn registry(&self) -> Option<(&'a BlockEntry, &'a str)> {
        registry(self.change.after.as_ref())
    }

    /// The crate in the index, where the index answered.
    #[must_use]
    pub fn index(&self) -> Option<&'a IndexCrate> {
        self.evidence.index.got()?.get(&self.change.name)?.as_ref().ok()
    }

    /// The new version in the index.
    #[must_use]
    pub fn indexed(&self) -> Option<&'a IndexVersion> {
        self.index()?.version(&self.registry()?.0.version)
    }

    /// The version before in the index.
    #[must_use]
    pub fn indexed_before(&self) -> Option<&'a IndexVersion> {
        self.index()?.version(&registry(self.change.before.as_ref())?.0.version)
    }

    /// Returns the contents of the new archive, where it was read.
    #[must_use]
    pub fn archive(&self) -> Option<&'a ArchiveFacts> {
        self.archive_of(self.registry()?.0)?.as_ref().ok()
    }

    /// Returns the contents of the archive before.
    #[must_use]
    pub fn archive_before(&self) -> Option<&'a ArchiveFacts> {
        self.archive_of(registry(self.change.before.as_ref())?.0)?.as_ref().ok()
    }

    /// Returns the facts about an entry's archive.
    #[must_use]
    pub fn archive_of(&self, entry: &BlockEntry) -> Option<&'a Result<ArchiveFacts, Unreadable>> {
        self.evidence.archives.facts.get(&(entry.name.clone(), entry.version.clone()))
    }

    /// Returns how the archive differs from the one before, where both were read.
    #[must_use]
    pub fn delta(&self) -> Option<&'a ArchiveDelta> {
        let (after, _) = self.registry()?;
        let before = registry(self.change.before.as_ref()).map_or_else(String::new, |(entry, _)| entry.version.clone());
        self.evidence.archives.deltas.get(&(after.name.clone(), before, after.version.clone()))
    }

    /// Returns what the build script newly reaches for, where there was one before and all of both is known.
    #[must_use]
    pub fn script_news(&self) -> Option<&'a [String]> {
        self.delta()?.script_news.as_deref()
    }

    /// Returns what is known of the publishers of the crate, and who published the new version and the one before.
    #[must_use]
    pub fn publishers(&self) -> Option<(&'a Published, &'a PublishedVersion, &'a PublishedVersion)> {
        let published = self.published()?;
        let of = |entry: Option<&BlockEntry>| published.versions.get(&registry(entry)?.0.version);
        Some((published, of(self.change.after.as_ref())?, of(self.change.before.as_ref())?))
    }

    /// Returns what is known of the publishers of the crate.
    #[must_use]
    pub fn published(&self) -> Option<&'a Published> {
        self.evidence.publishers.got()?.get(&self.change.name)?.as_ref().ok()
    }

    /// Returns when the first version of the crate was published. Not known where the index's first line has no time: what
    /// comes later says nothing about how old the crate is.
    #[must_use]
    pub fn born(&self) -> Option<i64> {
        let versions = &self.index()?.versions;
        versions.first()?.published?;
        versions.iter().filter_map(|v| v.published).min()
    }

    /// Returns the native library that the new version claims, where that is news: the version before claimed none or another
    /// one, or the crate is new and has no history in which it always did.
    #[must_use]
    pub fn new_links(&self) -> Option<&'a str> {
        let links = self.indexed()?.links.as_deref()?;
        let same = |version: &IndexVersion| version.links.as_deref() == Some(links);
        let known = match self.indexed_before() {
            Some(before) => same(before),
            None => !self.unproven() && self.index()?.versions.iter().all(same),
        };
        (!known).then_some(links)
    }

    /// Returns how many seconds ago something was; 0 for what lies ahead.
    #[must_use]
    pub fn age(&self, time: i64) -> i64 {
        self.evidence.now.saturating_sub(time).max(0)
    }

    /// Returns whether the crate has no history: its first version is younger than 30 days, or it has at most two, and
    /// none of them is known to be older than a year.
    #[must_use]
    pub fn unproven(&self) -> bool {
        let age = self.born().map(|born| self.age(born));
        let few = self.index().is_some_and(|c| c.versions.len() <= 2);
        age.is_some_and(|age| age < 30 * DAY) || (few && age.is_none_or(|age| age < 365 * DAY))
    }

    /// A finding about the crate.
    #[must_use]
    pub fn finding(&self, rule: &'static Rule, message: impl Into<String>) -> Finding {
        let mut finding = Finding::new(rule, message).of(&self.element.element).about(&self.change.name);
        finding.cause = Some(cause(&finding));
        if let [_, ..] = self.change.brought_by[..] {
            finding = finding.note(format!("required by {}", listed(&self.change.brought_by, 6)));
        }
        finding
    }

    /// Name and new version, as messages show them; the version before where it is gone.
    #[must_use]
    pub fn who(&self) -> String {
        let entry = self.change.after.as_ref().or(self.change.before.as_ref());
        entry.map_or_else(|| shown(&self.change.name), |e| shown(&e.to_string()))
    }
}

/// The cause of a finding on a version of a crate: the same is said in each element that has it, and is one thing to look at.
#[must_use]
pub fn cause(finding: &Finding) -> String {
    format!("{}: {}", finding.rule.id, finding.message)
}

/// An entry with its checksum, where it comes from the registry.
#[must_use]
pub fn registry(entry: Option<&BlockEntry>) -> Option<(&BlockEntry, &str)> {
    match entry {
        Some(entry @ BlockEntry { from: Origin::Registry { sha }, .. }) => Some((entry, sha)),
        _ => None,
    }
}

/// Text from outside, as messages show it: escaped, bounded, between backticks.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let cut: String = text.chars().take(LONGEST).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", cut.replace('`', "'").escape_debug())
}

/// Several texts from outside: the first ones, and how many more.
#[must_use]
pub fn listed<T: AsRef<str>>(all: &[T], most: usize) -> String {
    let first: Vec<String> = all.iter().take(most).map(|text| shown(text.as_ref())).collect();
    match all.len().saturating_sub(most) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// A day, from seconds since 1970.
#[must_use]
pub fn day(time: i64) -> String {
    Date::of_unix(u64::try_from(time).unwrap_or(0).min(LAST)).to_string()
}

/// The last second of the year 9999: what is later is no date of a registry.
const LAST: u64 = 253_402_300_799;

/// A text for reading: a long run of hex digits at its end keeps the first twelve.
pub(crate) fn shortened(text: &str) -> String {
    let head = text.trim_end_matches(|c: char| c.is_ascii_hexdigit());
    let hex = &text[head.len()..];
    if hex.len() >= 40 { format!("{head}{}", &hex[..12]) } else { text.to_owned() }
}

/// Returns the revision that a git entry requests: `tag=v1`; `the default branch` where it requests none.
#[must_use]
pub fn requested(query: &[(String, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{k}={}", shortened(v))).collect();
    if pairs.is_empty() { "the default branch".into() } else { shown(&pairs.join(" ")) }
}
