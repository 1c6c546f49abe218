//! The bot's configuration, as a state of the project has it.

use super::files::{Files, TreeEntry};
use crate::config::{self, Config};
use crate::finding::Rule;
use crate::finding::read::Read;
use crate::text::Location;

/// The configuration in the project's files, which may name these rules.
pub(super) fn configured(files: &Files, known: &[&Rule]) -> anyhow::Result<Config> {
    let refused = |message: String| config::Error { message, location: Location::file(config::CONFIG) };
    // Its path is what is guarded; behind a link it would be another file.
    if matches!(files.entry(config::CONFIG), Ok(TreeEntry::Symlink(_))) {
        return Err(refused("the configuration is a link: put the file itself there".into()).into());
    }
    match files.text(config::CONFIG) {
        Read::Known(text) => Ok(config::parse(&text, known)?),
        Read::Absent => Ok(Config::default()),
        Read::Unreadable(why) => Err(refused(why.into()).into()),
    }
}
