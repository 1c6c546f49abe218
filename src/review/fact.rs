//! The facts about a changed crate, each with the attention that it needs.
//!
//! The list is closed: a new kind of fact does not compile until [`Fact::weight`] says whether it is routine.

use super::change_context::{day, listed, requested, short, shown};
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
    /// The build script, or code that it runs, changed, and reaches for nothing that it did not before.
    BuildScriptWithoutNews,
    /// The build script is gone.
    BuildScriptGone,
    /// A new crate is a procedural macro, which runs in the compiler.
    ProcMacro,
    /// The crate became a procedural macro.
    ProcMacroAdded,
    /// The licence changed, before and after.
    Licence(Option<String>, Option<String>),
    /// What of the code that runs with the build script changed, while the script itself did not.
    BuildHelpersChanged(Vec<String>),
    /// Files of the archive that the build script names, and that were not there before.
    BuildScriptReads(Vec<String>),
    /// The first code that leaves what the compiler proves, and in how many places.
    UnsafeAdded(u32),
    /// The repository that the manifest names has another owner, before and after.
    OwnerChanged(String, String),
    /// Lines of code that are new, lines that are gone, and the number of files that differ.
    Lines(u64, u64, u32),
    /// Who published a new version: an account or a workflow.
    PublishedBy(String),
    /// The number of owners of a new crate.
    Owners(usize),
    /// The commit that the crate was made from, as its uploader says; the one before, and the repository, where they are named.
    MadeFrom(Option<String>, Option<String>, String),
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
            | Self::BuildHelpersChanged(_)
            | Self::BuildScriptReads(_)
            | Self::UnsafeAdded(_)
            | Self::OwnerChanged(..)
            | Self::Licence(..)
            | Self::CommitLost => Weight::Look,
            // What the index says of no version of a crate is no sign. The proof line says how many ages are unknown.
            Self::PublishTimeUnknown
            | Self::SecondVersion(_)
            | Self::YankedBefore
            | Self::Published(_)
            | Self::History(..)
            | Self::Fixes(_)
            | Self::BuildScriptWithoutNews
            | Self::BuildScriptGone
            | Self::Lines(..)
            | Self::PublishedBy(_)
            | Self::Owners(_)
            | Self::MadeFrom(..)
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
            Self::BuildScriptWithoutNews => f.write_str("build script changed, reaches for nothing new"),
            Self::BuildScriptGone => f.write_str("build script gone"),
            Self::ProcMacro => f.write_str("procedural macro"),
            Self::ProcMacroAdded => f.write_str("became a procedural macro"),
            Self::Licence(a, b) => write!(f, "licence {} → {}", licence(a), licence(b)),
            Self::BuildHelpersChanged(files) => {
                write!(f, "code that the build script runs changed: {}", listed(files, 3))
            }
            Self::BuildScriptReads(files) => write!(f, "the build script names new files: {}", listed(files, 3)),
            Self::UnsafeAdded(uses) => write!(f, "unsafe 0 → {uses}"),
            Self::OwnerChanged(a, b) => write!(f, "its repository is of {} instead of {}", shown(b), shown(a)),
            Self::Lines(added, 0, files) => write!(f, "+{} lines in {}", thousands(*added), in_files(*files)),
            Self::Lines(added, removed, files) => {
                write!(f, "+{} −{} lines in {}", thousands(*added), thousands(*removed), in_files(*files))
            }
            Self::PublishedBy(who) => write!(f, "published by {}", shown(who)),
            Self::Owners(1) => f.write_str("1 owner"),
            Self::Owners(owners) => write!(f, "{owners} owners"),
            Self::MadeFrom(_, _, commit) => write!(f, "made from commit {}", short(commit)),
            Self::NoCommit => f.write_str("names no commit that it is made from"),
            Self::CommitLost => f.write_str("names no commit that it is made from, unlike the version before"),
        }
    }
}

fn in_files(files: u32) -> String {
    if files == 1 { "1 file".into() } else { format!("{} files", thousands(files.into())) }
}

/// A number as people write it: `1,204`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        assert_eq!([0, 12, 999, 1_204, 1_000_000].map(thousands), ["0", "12", "999", "1,204", "1,000,000"]);
        assert_eq!(Fact::Lines(1_204, 310, 1).to_string(), "+1,204 −310 lines in 1 file");
        assert_eq!(Fact::Lines(7, 0, 2).to_string(), "+7 lines in 2 files");
    }
}
