//! The evidence about changed crates: the index, the advisories, the archives. Values only.

use crate::finding::read::Unreadable;
use semver::{Version, VersionReq};
use std::collections::{BTreeMap, BTreeSet};

/// The look-ups that a review needs: the registry crates that changed, and nothing where nothing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Crates whose index entry is requested. At most one request each.
    pub names: BTreeSet<String>,
    /// Archives that a deep review reads: name, version and the sha256 that the block names; of both sides of a change.
    pub archives: BTreeSet<(String, String, String)>,
    /// Crates whose advisories are read: all registry crates of the lists in which something changed. What stays may be known to
    /// do harm by now.
    pub listed: BTreeSet<String>,
}

impl Needs {
    /// Returns whether nothing has to be looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.archives.is_empty()
    }
}

/// All the evidence.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The registry's index: one answer for each name that was requested. A name without an answer is not verified.
    pub index: Source<BTreeMap<String, Result<IndexCrate, Unreadable>>>,
    /// The advisories on the crates that changed, or on all crates.
    pub advisories: Source<Advisories>,
    /// The contents of the archives, by name and version, or why that is not known. Empty unless the review is deep.
    pub archives: BTreeMap<(String, String), Result<ArchiveFacts, Unreadable>>,
    /// The time of the report, in seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// The time of the bump: when GitHub got it, or the date of its commit. Not later than the time at which this was collected. None
    /// where it is not known.
    pub bumped: Option<i64>,
}

impl Evidence {
    /// Lists what was not looked up, and why: one line each.
    #[must_use]
    pub fn not_looked_up(&self) -> Vec<String> {
        let line = |what: &str, why: &str| format!("{what}: {why}");
        let index = match &self.index {
            Source::NotRequested(why) => Some(line("the index", why)),
            _ => None,
        };
        let advisories = match &self.advisories {
            Source::NotRequested(why) => Some(line("advisories", why)),
            _ => None,
        };
        index.into_iter().chain(advisories).collect()
    }
}

/// A place that facts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<T> {
    /// It was not requested, and why: `--offline` for instance.
    NotRequested(String),
    /// It did not answer, and why.
    Failed(String),
    /// The answer.
    Got(T),
}

impl<T> Source<T> {
    /// Returns the answer.
    #[must_use]
    pub const fn got(&self) -> Option<&T> {
        match self {
            Self::Got(value) => Some(value),
            Self::NotRequested(_) | Self::Failed(_) => None,
        }
    }

    /// Returns why there is no answer.
    #[must_use]
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Got(_) => None,
            Self::NotRequested(why) | Self::Failed(why) => Some(why),
        }
    }
}

/// A crate in the index. One that the index does not have, has no versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexCrate {
    /// Its versions in the index's order, which is the order of their publication.
    pub versions: Vec<IndexVersion>,
}

impl IndexCrate {
    /// A version by its text. Build metadata counts: `1.0.0+a` is not `1.0.0`.
    #[must_use]
    pub fn version(&self, version: &str) -> Option<&IndexVersion> {
        self.versions.iter().find(|v| v.version == version)
    }
}

/// A version of a crate in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexVersion {
    /// The version.
    pub version: String,
    /// The sha256 of its archive, in hex.
    pub checksum: String,
    /// Whether it was withdrawn from use.
    pub yanked: bool,
    /// When it was published, in seconds since 1970, where the index says so.
    pub published: Option<i64>,
    /// The native library that it claims.
    pub links: Option<String>,
    /// Its dependencies.
    pub dependencies: Vec<IndexDependency>,
}

/// A dependency as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDependency {
    /// The name of the package, also where it is renamed.
    pub name: String,
    /// The kind of build that needs it.
    pub kind: DependencyKind,
    /// Whether it is optional: a feature has to enable it.
    pub optional: bool,
    /// The platforms that need it: `cfg(windows)` or a target's name. None for all.
    pub target: Option<String>,
}

/// The kind of build that needs a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// The crate itself.
    Normal,
    /// Its build script.
    Build,
    /// Its tests.
    Dev,
}

/// The advisories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advisories {
    /// One each, in any order.
    pub list: Vec<Advisory>,
}

/// An advisory of the RustSec database.
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
}

impl Advisory {
    /// Returns whether a version has the problem. What cannot be read counts as affected: [`Self::unreadable`] says what.
    ///
    /// A version is affected unless a requirement under `patched` or `unaffected` holds for it. A pre-release is inside
    /// a range only if its release and the release before are, so that `2.0.0-rc.1` does not count as patched by `>=2.0.0`.
    #[must_use]
    pub fn affects(&self, version: &str) -> bool {
        let Ok(version) = Version::parse(version) else {
            return !self.withdrawn;
        };
        let holds = |req: &String| VersionReq::parse(req).is_ok_and(|req| within(&req, &version));
        !self.withdrawn && !self.patched.iter().chain(&self.unaffected).any(holds)
    }

    /// Says which part of the version and the ranges cannot be read, so that the version counts as affected by it.
    #[must_use]
    pub fn unreadable(&self, version: &str) -> Option<String> {
        if Version::parse(version).is_err() {
            return Some(format!("the version `{}` cannot be compared", version.escape_debug()));
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

/// The contents of a crate's archive, whose sha256 was that of the block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// Whether cargo runs a build script.
    pub build_script: bool,
    /// The sha256 of the build script.
    pub build_script_digest: Option<String>,
    /// Whether it is a procedural macro, which runs while crates that use it are built.
    pub proc_macro: bool,
    /// The native library that it claims.
    pub links: Option<String>,
    /// `package.license` of its manifest: an SPDX expression.
    pub license: Option<String>,
    /// Size of the unpacked files together, in bytes.
    pub size: u64,
    /// The number of files.
    pub files: u32,
    /// Paths of files that sources do not need and that a build for Linux could use: binaries, libraries, archives.
    pub odd_files: Vec<String>,
    /// Paths of such files that are for tests, or for other systems only.
    pub odd_elsewhere: Vec<String>,
    /// The commit that it claims to be made from.
    pub vcs_commit: Option<String>,
    /// `package.repository` of its manifest.
    pub repository: Option<String>,
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
