//! The facts about a changed crate, each with the attention that it needs.
//!
//! The list is closed: a new kind of fact does not compile until [`Fact::weight`] says whether it is routine.

use super::change_context::{day, requested, short};
use super::{ChangeKind, Semver};
use std::fmt;

/// Whether a person has to look at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A person looks at it.
    Look,
    /// It is so in most updates.
    Routine,
}

/// A fact about a change of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A new crate from git: its repository and commit.
    NewFromGit(String, String),
    /// Another commit of a repository, before and after.
    CommitMoved(String, String),
    /// Another branch, tag or revision is requested, before and after.
    RequestChanged(Vec<(String, String)>, Vec<(String, String)>),
    /// A new crate of which this other version is in the list already.
    SecondVersion(String),
    /// Versions of which nobody can say which is higher.
    VersionsUnclear,
    /// Only the build metadata of the version differs, which cargo takes as the same version.
    BuildMetadata,
    /// The version was withdrawn from use.
    Yanked,
    /// The version before was withdrawn from use.
    YankedBefore,
    /// When the version was published, in seconds since 1970.
    Published(i64),
    /// The index does not say when the version was published, but does for another version of the crate.
    PublishTimeLost,
    /// The index does not say for any version of the crate when it was published.
    PublishTimeUnknown,
    /// The history of a new crate: when its first version was published, where that is known, and how many versions it has.
    History(Option<i64>, usize),
    /// The first version of the crate.
    FirstVersion,
    /// The crate newly links to this native library.
    Links(String),
    /// The advisory that does not affect the crate any more.
    Fixes(String),
    /// A new crate has a build script.
    BuildScript,
    /// The build script was added.
    BuildScriptAdded,
    /// The build script changed.
    BuildScriptChanged,
    /// The build script is gone.
    BuildScriptGone,
    /// A new crate is a procedural macro, which runs in the compiler.
    ProcMacro,
    /// The crate became a procedural macro.
    ProcMacroAdded,
    /// The licence changed, before and after.
    Licence(Option<String>, Option<String>),
    /// The commit that the crate was made from, as its uploader says.
    MadeFrom(String),
    /// The crate does not say which commit it was made from.
    NoCommit,
    /// The version before said which commit it was made from, and this one does not.
    CommitLost,
}

impl Fact {
    /// Says whether a person has to look.
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::NewFromGit(..)
            | Self::CommitMoved(..)
            | Self::RequestChanged(..)
            | Self::VersionsUnclear
            | Self::BuildMetadata
            | Self::Yanked
            | Self::PublishTimeLost
            | Self::FirstVersion
            | Self::Links(_)
            | Self::BuildScript
            | Self::BuildScriptAdded
            | Self::BuildScriptChanged
            | Self::ProcMacro
            | Self::ProcMacroAdded
            | Self::Licence(..)
            | Self::CommitLost => Weight::Look,
            // What the index says of no version of a crate is no sign. The proof line says how many ages are unknown.
            Self::PublishTimeUnknown
            | Self::SecondVersion(_)
            | Self::YankedBefore
            | Self::Published(_)
            | Self::History(..)
            | Self::Fixes(_)
            | Self::BuildScriptGone
            | Self::MadeFrom(_)
            | Self::NoCommit => Weight::Routine,
        }
    }
}

impl ChangeKind {
    /// Says whether a person has to look at every change of this kind, whatever else is known of it.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::Removed | Self::Up(Semver::Major | Semver::Minor | Semver::Patch) => Weight::Routine,
            Self::Added
            | Self::Up(Semver::Other)
            | Self::Down(_)
            | Self::Checksum
            | Self::Commit
            | Self::Repository
            | Self::ToGit
            | Self::ToRegistry
            | Self::Query => Weight::Look,
        }
    }
}

/// Names from outside are between backticks or escaped.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let licence = |l: &Option<String>| l.as_ref().map_or_else(|| "none".into(), |l| l.escape_debug().to_string());
        match self {
            Self::NewFromGit(repo, commit) => write!(f, "git {} at {}", repo.escape_debug(), short(commit)),
            Self::CommitMoved(a, b) => write!(f, "commit {} → {}", short(a), short(b)),
            Self::RequestChanged(a, b) => write!(f, "requests {} instead of {}", requested(b), requested(a)),
            Self::SecondVersion(other) => write!(f, "a second version beside {}", other.escape_debug()),
            Self::VersionsUnclear => f.write_str("versions that cannot be compared"),
            Self::BuildMetadata => f.write_str("only the build metadata differs"),
            Self::Yanked => f.write_str("yanked"),
            Self::YankedBefore => f.write_str("the version before is yanked"),
            Self::Published(time) => write!(f, "published {}", day(*time)),
            Self::PublishTimeLost => f.write_str("no publish time, unlike other versions"),
            Self::PublishTimeUnknown => f.write_str("publish time unknown"),
            Self::History(Some(time), versions) => write!(f, "{versions} versions since {}", day(*time)),
            Self::History(None, versions) => write!(f, "{versions} versions"),
            Self::FirstVersion => f.write_str("first version"),
            Self::Links(library) => write!(f, "links to the native library {}", library.escape_debug()),
            Self::Fixes(advisory) => write!(f, "fixes {}", advisory.escape_debug()),
            Self::BuildScript => f.write_str("build script"),
            Self::BuildScriptAdded => f.write_str("build script added"),
            Self::BuildScriptChanged => f.write_str("build script changed"),
            Self::BuildScriptGone => f.write_str("build script gone"),
            Self::ProcMacro => f.write_str("procedural macro"),
            Self::ProcMacroAdded => f.write_str("became a procedural macro"),
            Self::Licence(a, b) => write!(f, "licence {} → {}", licence(a), licence(b)),
            Self::MadeFrom(commit) => write!(f, "made from commit {}", short(commit)),
            Self::NoCommit => f.write_str("names no commit that it is made from"),
            Self::CommitLost => f.write_str("names no commit that it is made from, unlike the version before"),
        }
    }
}
