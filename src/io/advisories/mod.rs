//! What is known against crates: from a folder, or from the services that hand it out crate by crate.

mod folder;
#[cfg(test)]
mod reading_tests;
mod web;
mod whole;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::review::evidence::{Advisories, Advisory};
use crate::review::osv::ReadRecord;
pub(crate) use web::WebAdvisories;

/// Where advisories come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdvisorySource {
    /// From nowhere.
    #[default]
    None,
    /// From RustSec and OSV, over HTTPS.
    Services,
    /// From an address that has both: `packages/` as RustSec, `osv/` as OSV has the records of crates.
    Mirror(String),
    /// From a folder.
    Folder(PathBuf),
}

impl AdvisorySource {
    /// What a word of the command line names: `auto`, `none`, an address, or else a folder.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word.trim() {
            "" | "auto" => Self::Services,
            "none" => Self::None,
            url if url.starts_with("https://") || url.starts_with("http://") => Self::Mirror(url.to_owned()),
            folder => Self::Folder(folder.into()),
        }
    }
}

/// The advisories on the crates `names`, and those that know archives, from a folder. In code that blocks.
///
/// # Errors
/// When the folder is none, holds no advisories, or a folder in it cannot be listed: why.
pub(super) fn of_folder(path: &std::path::Path, names: &BTreeSet<String>) -> Result<Advisories, String> {
    folder::read(path, names).map_err(|why| format!("the advisory database `{}`: {why}", path.display()))
}

/// Adds the records that are wanted, and names those that cannot be read.
fn add(records: Vec<ReadRecord>, all: &mut Advisories, wanted: impl Fn(&Advisory) -> bool) {
    for record in records {
        match record {
            Ok(advisory) => all.list.extend(wanted(&advisory).then_some(advisory)),
            Err((id, why)) => all.unreadable.push(format!("`{}`: {why}", id.escape_debug())),
        }
    }
}

/// Whether an advisory is about one of the crates, or knows archives, which may have any name.
fn concerns(advisory: &Advisory, names: &BTreeSet<String>) -> bool {
    !advisory.archives.is_empty() || names.iter().any(|name| advisory.is_about(name))
}
