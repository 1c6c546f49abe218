//! The evidence about changed crates: the index, the advisories, the archives. Values only.

pub use super::advisories::{Advisories, Advisory, Affected, RangeEvent, is_same_crate};
use super::inputs::InputDiff;
use super::publisher::Published;
use crate::finding::read::Unreadable;
use std::collections::{BTreeMap, BTreeSet};

/// The look-ups that a review needs: the registry crates that changed, and nothing where nothing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Crates whose index entry is requested. At most one request each.
    pub names: BTreeSet<String>,
    /// Archives that are read, those of which least is known first.
    pub archives: Vec<ArchiveNeed>,
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

/// The archives of both sides of a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArchiveNeed {
    /// The crate.
    pub name: String,
    /// The version before and the sha256 that the block named, where it came from the registry.
    pub before: Option<(String, String)>,
    /// The new version and its sha256.
    pub after: (String, String),
}

impl ArchiveNeed {
    /// Both archives, by version and sha256.
    pub fn sides(&self) -> impl Iterator<Item = &(String, String)> {
        self.before.iter().chain([&self.after])
    }
}

/// What is known of archives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archives {
    /// The contents of archives, by name and version, or why they are not known.
    pub facts: BTreeMap<(String, String), Result<ArchiveFacts, Unreadable>>,
    /// How the new version differs from the one before, by the name and both; the one before is empty for a new crate.
    pub deltas: BTreeMap<(String, String, String), ArchiveDelta>,
    /// The limit that ended the reading, where one did.
    pub limit: Option<String>,
    /// Why none were read, where none should be.
    pub off: Option<String>,
}

/// A crate whose publishers are asked for: new, or with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublisherNeed {
    /// The crate.
    pub name: String,
    /// The new version, the one before, and some of those before them.
    pub versions: Vec<String>,
    /// Whether it was not there before, so that its owners are counted.
    pub is_new: bool,
}

/// Who published crates, by their names, or why that is not known.
pub type Publishers = BTreeMap<String, Result<Published, Unreadable>>;

/// All the evidence.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The registry's index: one answer for each name that was requested. A name without an answer is not verified.
    pub index: Source<BTreeMap<String, Result<IndexCrate, Unreadable>>>,
    /// The advisories on the crates that changed, or on all crates.
    pub advisories: Source<Advisories>,
    /// The archives of both sides of the changes.
    pub archives: Archives,
    /// Who published crates that are new or have findings.
    pub publishers: Source<Publishers>,
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
            Source::NotRequested(why) => vec![line("advisories", why)],
            Source::Got(known) => known.left_out.clone(),
            Source::Failed(_) => Vec::new(),
        };
        let archives = self.archives.off.iter().map(|why| line("archives", why));
        let publishers = match &self.publishers {
            Source::NotRequested(why) | Source::Failed(why) => Some(line("publishers", why)),
            Source::Got(_) => None,
        };
        index.into_iter().chain(advisories).chain(archives).chain(publishers).collect()
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
    /// What runs with the build script, itself included: each file with its sha256.
    pub script_code: BTreeMap<String, String>,
    /// The other files of the archive that the build script names.
    pub script_reads: BTreeSet<String>,
    /// The number of places where its code leaves what the compiler proves.
    pub unsafe_uses: u32,
    /// The commit that it claims to be made from.
    pub vcs_commit: Option<String>,
    /// Whether it says that there were changes which are in no commit.
    pub vcs_dirty: bool,
    /// `package.repository` of its manifest.
    pub repository: Option<String>,
}

impl ArchiveFacts {
    /// The files that run with the build script and that the one before did not run, or not so.
    #[must_use]
    pub fn helpers_since(&self, before: &Self) -> Vec<String> {
        let differs = |(path, sha256): &(&String, &String)| before.script_code.get(*path) != Some(*sha256);
        self.script_code.iter().filter(differs).map(|(path, _)| path.clone()).collect()
    }
}

/// How the archives of two versions differ; of a new crate, what it brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveDelta {
    /// The number of lines of code that only the new one has. A line that moved within its file is in both.
    pub added: u64,
    /// The number of lines that only the old one had.
    pub removed: u64,
    /// The number of files of code that differ.
    pub files: u32,
    /// The files that run with the build script, as far as they differ.
    pub scripts: Vec<ScriptDiff>,
    /// What the build script newly reaches for: words, texts and files. None where it is not known, or one of both has no script.
    pub script_news: Option<Vec<String>>,
}

/// The build script of a changed crate, as far as it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptChange {
    /// The crate.
    pub krate: String,
    /// The version before; empty for a new crate.
    pub old: String,
    /// The new version.
    pub new: String,
    /// The files that differ, the script first.
    pub files: Vec<ScriptDiff>,
}

/// How a file that runs with a build script differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptDiff {
    /// The file, below the crate's folder.
    pub path: String,
    /// How it differs.
    pub diff: InputDiff,
}
