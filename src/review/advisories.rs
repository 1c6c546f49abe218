//! What is known against versions of crates.

use crate::cargo2::block::{BlockEntry, Origin};
use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::Serialize;
use std::collections::BTreeSet;

/// The advisories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advisories {
    /// One each, in any order.
    pub list: Vec<Advisory>,
    /// Those that cannot be read, and why: one line each.
    pub unreadable: Vec<String>,
    /// What did not answer, and why: one line each. Of it nothing is known, good or bad.
    pub missing: Vec<String>,
    /// What was left out, and why: one line each.
    pub left_out: Vec<String>,
}

impl Advisories {
    /// The advisories on an entry of a list: those that affect its version, and those that know its archive as malicious, whatever
    /// name they have for it. One and the same comes once.
    pub fn of<'e>(&'e self, entry: &BlockEntry) -> impl Iterator<Item = &'e Advisory> {
        let mut known = BTreeSet::new();
        let found =
            self.list.iter().filter(|a| (a.is_about(&entry.name) && a.affects(&entry.version)) || a.knows(entry));
        found.filter(move |advisory| known.insert(&advisory.id))
    }

    /// Adds what another source knows.
    pub fn add(&mut self, other: Self) {
        self.list.extend(other.list);
        self.unreadable.extend(other.unreadable);
        self.missing.extend(other.missing);
        self.left_out.extend(other.left_out);
    }
}

/// Returns whether two names are of one crate: the registry takes `-` and `_`, and capitals, as the same.
#[must_use]
pub fn is_same_crate(a: &str, b: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().map(plain).eq(b.bytes().map(plain))
}

/// An advisory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advisory {
    /// `RUSTSEC-2026-0001`.
    pub id: String,
    /// The crate.
    pub krate: String,
    /// Its subject, in a line.
    pub title: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Whether it is about code that was put there to do harm.
    pub malicious: bool,
    /// `unmaintained`, `unsound`, `notice`: what it is when it is no vulnerability.
    pub informational: Option<String>,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// Requirements on versions that have the problem no more.
    pub patched: Vec<String>,
    /// Requirements on versions that never had it.
    pub unaffected: Vec<String>,
    /// The severity or the CVSS vector, as the database writes it.
    pub severity: Option<String>,
    /// Its other names: `CVE-2026-0001`.
    pub aliases: Vec<String>,
    /// What is affected, where that is said by ranges; `patched` and `unaffected` decide nothing then.
    pub affected: Option<Affected>,
    /// The sha256 of archives that are known to be malicious, in lower-case hex, whatever the name of their crate is.
    pub archives: Vec<String>,
}

/// An advisory that a change frees a list from, or that stays as it was.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdvisoryNote {
    /// Whether it affects no version of the new lists any more.
    pub fixed: bool,
    /// Its id.
    pub id: String,
    /// Its name among the common vulnerabilities and exposures, where it has one.
    pub cve: Option<String>,
    /// Its subject, in a line.
    pub title: String,
    /// The crate.
    #[serde(rename = "crate")]
    pub krate: String,
    /// The version that is affected: the one before where it is fixed.
    pub version: String,
}

/// The versions that an advisory is about, as OSV has them: those of the list, and those within a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Single versions.
    pub versions: Vec<String>,
    /// Ranges, each with its events in any order.
    pub ranges: Vec<Vec<RangeEvent>>,
}

/// Where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeEvent {
    /// The first version that has the problem; `0` for the first of all.
    Introduced(String),
    /// The first version that has it no more.
    Fixed(String),
    /// The last version that has it.
    LastAffected(String),
}

impl RangeEvent {
    fn version(&self) -> &str {
        match self {
            Self::Introduced(version) | Self::Fixed(version) | Self::LastAffected(version) => version,
        }
    }

    /// The version in its order: none for the first of all.
    fn parsed(&self) -> Result<Option<Version>, semver::Error> {
        match self.version() {
            "0" => Ok(None),
            version => Version::parse(version).map(Some),
        }
    }
}

impl Affected {
    /// Returns whether a version is affected. Events that cannot be read count as if nothing were fixed, and a version
    /// that cannot be read counts as each.
    fn holds(&self, version: &Version) -> bool {
        let listed = |text: &String| Version::parse(text).map_or(true, |listed| listed == *version);
        self.versions.iter().any(listed) || self.ranges.iter().any(|range| Self::within(range, version))
    }

    /// The last event that is not beyond the version decides.
    fn within(range: &[RangeEvent], version: &Version) -> bool {
        let parsed: Result<Vec<_>, _> = range.iter().map(|event| Ok((event.parsed()?, event))).collect();
        let Ok(mut events) = parsed as Result<Vec<(Option<Version>, &RangeEvent)>, semver::Error> else { return true };
        // Where a range ends and the next one begins, the later one counts.
        events.sort_by(|(a, one), (b, other)| (a, rank(one)).cmp(&(b, rank(other))));
        let reached = |(at, event): &&(Option<Version>, &RangeEvent)| match event {
            RangeEvent::LastAffected(_) => at.as_ref() < Some(version),
            RangeEvent::Introduced(_) | RangeEvent::Fixed(_) => at.as_ref() <= Some(version),
        };
        let last = events.iter().rfind(reached);
        // A range that does not say where it begins has no beginning.
        let begun = !range.iter().any(|event| matches!(event, RangeEvent::Introduced(_)));
        last.map_or(begun, |(_, event)| matches!(event, RangeEvent::Introduced(_)))
    }

    fn unreadable(&self) -> Option<&str> {
        let event = self.ranges.iter().flatten().find(|event| event.parsed().is_err()).map(RangeEvent::version);
        event.or_else(|| self.versions.iter().find(|text| Version::parse(text).is_err()).map(String::as_str))
    }
}

const fn rank(event: &RangeEvent) -> u8 {
    match event {
        RangeEvent::Fixed(_) | RangeEvent::LastAffected(_) => 0,
        RangeEvent::Introduced(_) => 1,
    }
}

impl Advisory {
    /// What is to be said of it beside a crate.
    #[must_use]
    pub fn note(&self, entry: &BlockEntry, fixed: bool) -> AdvisoryNote {
        let (id, title, cve) = (self.id.clone(), self.title.clone(), self.cve().map(str::to_owned));
        AdvisoryNote { fixed, id, cve, title, krate: entry.name.clone(), version: entry.version.clone() }
    }

    /// Returns whether it is about a crate, by its name in any spelling.
    #[must_use]
    pub fn is_about(&self, krate: &str) -> bool {
        is_same_crate(&self.krate, krate)
    }

    /// Returns whether it knows the archive of an entry as malicious.
    #[must_use]
    pub fn knows(&self, entry: &BlockEntry) -> bool {
        let Origin::Registry { sha } = &entry.from else { return false };
        self.malicious && !self.withdrawn && self.archives.iter().any(|known| known.eq_ignore_ascii_case(sha))
    }

    /// Its name among the common vulnerabilities and exposures.
    #[must_use]
    pub fn cve(&self) -> Option<&str> {
        self.aliases.iter().map(String::as_str).find(|alias| alias.starts_with("CVE-"))
    }

    /// Returns whether a version has the problem. What cannot be read counts as affected: [`Self::unreadable`] says what.
    ///
    /// A version is affected unless a requirement under `patched` or `unaffected` holds for it. A pre-release is inside
    /// a range only if its release and the release before are, so that `2.0.0-rc.1` does not count as patched by `>=2.0.0`.
    #[must_use]
    pub fn affects(&self, version: &str) -> bool {
        let Ok(version) = Version::parse(version) else {
            return !self.withdrawn;
        };
        if let Some(affected) = &self.affected {
            return !self.withdrawn && affected.holds(&version);
        }
        let holds = |req: &String| VersionReq::parse(req).is_ok_and(|req| within(&req, &version));
        !self.withdrawn && !self.patched.iter().chain(&self.unaffected).any(holds)
    }

    /// Says which part of the version and the ranges cannot be read, so that the version counts as affected by it.
    #[must_use]
    pub fn unreadable(&self, version: &str) -> Option<String> {
        if Version::parse(version).is_err() {
            return Some(format!("the version `{}` cannot be compared", version.escape_debug()));
        }
        if let Some(affected) = &self.affected {
            let event = affected.unreadable()?;
            return Some(format!("the version `{}` of the advisory cannot be read", event.escape_debug()));
        }
        let ranges = || self.patched.iter().chain(&self.unaffected);
        let range = ranges().find(|req| VersionReq::parse(req).is_err())?;
        Some(format!("the range `{}` of the advisory cannot be read", range.escape_debug()))
    }
}

/// Returns whether a version lies within a requirement, pre-releases in order with the releases around them.
fn within(req: &VersionReq, version: &Version) -> bool {
    if req.matches(version) {
        return true;
    }
    if version.pre.is_empty() {
        return false;
    }
    let release = Version::new(version.major, version.minor, version.patch);
    before(&release).is_some_and(|before| req.matches(&before)) && req.matches(&release)
}

/// The release right before a release; none before `0.0.0`.
fn before(v: &Version) -> Option<Version> {
    match (v.major, v.minor, v.patch) {
        (0, 0, 0) => None,
        (major, 0, 0) => Some(Version::new(major - 1, u64::MAX, u64::MAX)),
        (major, minor, 0) => Some(Version::new(major, minor - 1, u64::MAX)),
        (major, minor, patch) => Some(Version::new(major, minor, patch - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affects(patched: &[&str], unaffected: &[&str], version: &str) -> bool {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let advisory = Advisory { patched: texts(patched), unaffected: texts(unaffected), ..Advisory::default() };
        advisory.affects(version)
    }

    #[test]
    fn a_version_is_affected_unless_a_range_frees_it() {
        assert!(affects(&[">=1.2.3"], &["<1.0"], "1.1.0"));
        assert!(!affects(&[">=1.2.3"], &["<1.0"], "1.2.3"));
        assert!(!affects(&[">=1.2.3"], &["<1.0"], "0.9.0"));
        assert!(!affects(&["^1.0.5", ">=1.1.2"], &[], "1.0.7"));
        assert!(affects(&[], &[], "1.0.0"), "nothing is patched");
    }

    #[test]
    fn pre_releases_are_inside_a_range_with_their_neighbours_only() {
        assert!(!affects(&[">=1.2.3"], &[], "2.0.0-rc.1"));
        assert!(affects(&[">=2.0.0"], &[], "2.0.0-rc.1"));
        assert!(!affects(&[">=2.0.0-rc.1"], &[], "2.0.0-rc.2"));
        assert!(affects(&["^1.2.3"], &[], "2.0.0-rc.1"));
        assert!(affects(&[">=0.0.0"], &[], "0.0.0-rc.1"));
    }

    #[test]
    fn what_cannot_be_read_counts_as_affected_and_is_reported() {
        let advisory = Advisory { patched: vec!["newest".into()], ..Advisory::default() };
        assert!(advisory.affects("1.0.0"));
        assert_eq!(advisory.unreadable("1.0.0").unwrap(), "the range `newest` of the advisory cannot be read");
        assert!(affects(&[">=1"], &[], "1.0"));
        assert_eq!(Advisory::default().unreadable("1.0").unwrap(), "the version `1.0` cannot be compared");
        assert_eq!(Advisory::default().unreadable("1.0.0"), None);
    }

    #[test]
    fn an_advisory_that_was_taken_back_affects_nothing() {
        let advisory = Advisory { withdrawn: true, ..Advisory::default() };
        assert!(!advisory.affects("1.0.0") && !advisory.affects("?"));
    }
}
