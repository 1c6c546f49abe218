//! What was looked at for a review: "routine" is said of nothing that was not.

use super::evidence::{Evidence, Needs, Source};

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
    /// How many changed crates the index gives no publish time for.
    pub ages_unknown: usize,
}

impl Default for Looked {
    /// Nothing was looked at.
    fn default() -> Self {
        let none = || Look::NotRequested("nothing was looked at".into());
        Self { index: none(), advisories: none(), archives: none(), ages_unknown: 0 }
    }
}

impl Looked {
    /// What the evidence holds of what was needed. `deep` says whether archives were requested.
    #[must_use]
    pub fn new(needs: &Needs, evidence: &Evidence, deep: bool) -> Self {
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
            Source::Got(_) => Look::Done,
            other => unanswered(other),
        };
        let archives = match deep {
            _ if needs.archives.is_empty() => Look::NotNeeded,
            false => Look::NotRequested("the review is not deep".into()),
            true => {
                let read = |(name, version, _): &&(String, String, String)| {
                    matches!(evidence.archives.get(&(name.clone(), version.clone())), Some(Ok(_)))
                };
                missing(needs.archives.iter().filter(read).count(), needs.archives.len())
            }
        };
        Self { index, advisories, archives, ages_unknown: 0 }
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
    pub const fn all(&self) -> [(&'static str, &Look); 3] {
        [("index", &self.index), ("advisories", &self.advisories), ("archives", &self.archives)]
    }
}

fn unanswered<T>(source: &Source<T>) -> Look {
    match source {
        Source::Got(_) => Look::Done,
        Source::NotRequested(why) => Look::NotRequested(why.clone()),
        Source::Failed(why) => Look::Failed(why.clone()),
    }
}
