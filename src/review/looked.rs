//! What was looked at for a review: "routine" is said of nothing that was not.

use super::evidence::{Evidence, Needs, Source};
use std::collections::BTreeSet;

/// Whether a kind of evidence was looked at for all changed crates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was, for all.
    Done,
    /// There was nothing to look at.
    NotNeeded,
    /// It was not requested, and why.
    NotRequested(String),
    /// It could not be, for some at least, and why.
    Failed(String),
}

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The registry's index.
    pub index: Look,
    /// The advisories.
    pub advisories: Look,
    /// The contents of archives: build scripts, licences, binaries.
    pub archives: Look,
    /// Who published the crates that are new or have findings. It is good to know, and nothing depends on it.
    pub publishers: Look,
    /// How many changed crates the index gives no publish time for.
    pub ages_unknown: usize,
}

impl Default for Looked {
    /// Nothing was looked at.
    fn default() -> Self {
        let none = || Look::NotRequested("nothing was looked at".into());
        Self { index: none(), advisories: none(), archives: none(), publishers: Look::NotNeeded, ages_unknown: 0 }
    }
}

impl Looked {
    /// What the evidence holds of what was needed.
    #[must_use]
    pub fn new(needs: &Needs, evidence: &Evidence) -> Self {
        let missing = |answered: usize, needed: usize| match needed - answered.min(needed) {
            0 => Look::Done,
            n => Look::Failed(format!("{n} of {needed} could not be read")),
        };
        let index = match &evidence.index {
            _ if needs.names.is_empty() => Look::NotNeeded,
            Source::Got(known) => {
                missing(needs.names.iter().filter(|n| matches!(known.get(*n), Some(Ok(_)))).count(), needs.names.len())
            }
            other => unanswered(other),
        };
        let advisories = match &evidence.advisories {
            _ if needs.listed.is_empty() => Look::NotNeeded,
            Source::Got(known) => known.missing.first().map_or(Look::Done, |why| Look::Failed(why.clone())),
            other => unanswered(other),
        };
        let of_archives = &evidence.archives;
        let versions: BTreeSet<(&str, &str)> = needs
            .archives
            .iter()
            .flat_map(|need| need.sides().map(|(v, _)| (need.name.as_str(), v.as_str())))
            .collect();
        let is_read = |(name, version): &&(&str, &str)| {
            matches!(of_archives.facts.get(&((*name).to_owned(), (*version).to_owned())), Some(Ok(_)))
        };
        let archives = match (&of_archives.off, &of_archives.limit) {
            _ if versions.is_empty() => Look::NotNeeded,
            (Some(why), _) => Look::NotRequested(why.clone()),
            (None, Some(limit)) => {
                let read = versions.iter().filter(is_read).count();
                Look::Failed(format!("{read} of {} archives read, {limit}", versions.len()))
            }
            (None, None) => missing(versions.iter().filter(is_read).count(), versions.len()),
        };
        let publishers = match &evidence.publishers {
            Source::Got(known) if known.is_empty() => Look::NotNeeded,
            Source::Got(known) => match known.values().find_map(|answer| answer.as_ref().err()) {
                None => Look::Done,
                Some(why) => {
                    let unknown = known.values().filter(|answer| answer.is_err()).count();
                    Look::NotRequested(format!("{unknown} of {} crates: {why}", known.len()))
                }
            },
            Source::NotRequested(why) | Source::Failed(why) => Look::NotRequested(why.clone()),
        };
        Self { index, advisories, archives, publishers, ages_unknown: 0 }
    }

    /// Whether something that was requested could not be looked at.
    #[must_use]
    pub const fn failed(&self) -> bool {
        matches!(self.index, Look::Failed(_))
            || matches!(self.advisories, Look::Failed(_))
            || matches!(self.archives, Look::Failed(_))
    }

    /// The kinds by their names.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, &Look); 4] {
        let (archives, publishers) = (("archives", &self.archives), ("publishers", &self.publishers));
        [("index", &self.index), ("advisories", &self.advisories), archives, publishers]
    }
}

fn unanswered<T>(source: &Source<T>) -> Look {
    match source {
        Source::Got(_) => Look::Done,
        Source::NotRequested(why) => Look::NotRequested(why.clone()),
        Source::Failed(why) => Look::Failed(why.clone()),
    }
}
