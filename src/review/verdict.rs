//! The verdict: whether a reviewer may take a change as routine.

use super::fact::{Fact, Weight};
use super::looked::Look;
use super::ref_proof::RefProof;
use super::rules::{build_script, dirty, grew, is_told_in_line, is_unknown};
use super::{Attention, ChangeKind, CrateChange, ElementReview, Review, SourceMove};
use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::report::Status;
use std::collections::BTreeSet;

/// What a reviewer has to do with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that changed was looked at, and each of it is routine.
    Routine,
    /// Something has to be read.
    Look,
    /// Something could not be verified.
    NotVerified,
    /// Something is wrong.
    Alarm,
}

impl Verdict {
    /// The verdict on a review. Anything that is not known to be routine is not.
    #[must_use]
    pub fn of(review: &Review) -> Self {
        let changes = review.elements.iter().flat_map(|e| &e.changes);
        let changed: BTreeSet<&str> = changes.map(|change| change.name.as_str()).collect();
        let finding = |f: &Finding| match f.severity {
            _ if review.is_unknown(f) => Self::NotVerified,
            Severity::Error => Self::Alarm,
            // What was so before the change and still is.
            Severity::Notice if f.krate.as_deref().is_some_and(|name| !changed.contains(name)) => Self::Routine,
            Severity::Warning | Severity::Notice => Self::Look,
        };
        let findings = review.findings.iter().map(finding);
        let elements = review.elements.iter().map(of_element);
        let inputs = if review.inputs.is_empty() { Self::Routine } else { Self::Look };
        let looked = if review.looked.failed() || unlooked(review) { Self::NotVerified } else { Self::Routine };
        findings.chain(elements).chain([inputs, looked]).max().unwrap_or(Self::Routine)
    }
}

impl Review {
    /// Returns whether a finding says that something is not known: by its rule, or as what keeps an element from being verified.
    #[must_use]
    pub fn is_unknown(&self, finding: &Finding) -> bool {
        let unverified =
            |e: &ElementReview| e.status == Status::Unverified && Some(&e.element) == finding.element.as_ref();
        let blocks = finding.krate.is_none() && finding.severity == Severity::Error;
        is_unknown(finding.rule) || (blocks && self.elements.iter().any(unverified))
    }
}

/// Whether crates of the registry changed, and the index was not looked at.
fn unlooked(review: &Review) -> bool {
    let mut changed = review.elements.iter().flat_map(|e| &e.changes).filter_map(|c| c.after.as_ref());
    let registry = changed.any(|entry| matches!(entry.from, Origin::Registry { .. }));
    registry && review.looked.index != Look::Done
}

fn of_element(element: &ElementReview) -> Verdict {
    let changes = element.changes.iter().map(|change| match change.attention {
        Attention::High | Attention::Medium => Verdict::Look,
        Attention::Low | Attention::Elsewhere => Verdict::Routine,
    });
    let sources = element.sources.iter().map(|moved| match (&moved.old, &moved.new) {
        (Some(old), Some(new)) if old.home() == new.home() && old.track == new.track && is_proven(moved) => {
            Verdict::Routine
        }
        _ => Verdict::Look,
    });
    let status = match element.status {
        Status::Right | Status::Regenerated => Verdict::Routine,
        Status::Exempt => Verdict::Look,
        Status::Unverified => Verdict::NotVerified,
        Status::Drifted => Verdict::Alarm,
    };
    changes.chain(sources).chain([status]).max().unwrap_or(Verdict::Routine)
}

/// Whether a tag or branch is proven to lead to the new commit, and nothing else is to be said of it. Files have their sha256.
const fn is_proven(moved: &SourceMove) -> bool {
    let proven = match &moved.proof.commit {
        Some(RefProof::Tag { .. } | RefProof::Describes { .. } | RefProof::OnBranch { .. }) => true,
        Some(RefProof::False { .. } | RefProof::NotKnown { .. }) => false,
        None => match &moved.new {
            Some(new) => new.commit.is_none(),
            None => true,
        },
    };
    proven && moved.proof.remarks.is_empty()
}

/// Counts of what a person has to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Crates with an error, in the order of the findings.
    pub wrong: Vec<String>,
    /// Crates with a warning and without an error.
    pub doubtful: Vec<String>,
    /// Git repositories of crates that moved to another commit, branch or tag.
    pub repositories_moved: usize,
    /// Git repositories that were not there before.
    pub repositories_new: usize,
    /// New crates from the registry.
    pub added: usize,
    /// Crates that go to a lower version.
    pub down: usize,
    /// Crates with a build script that is new.
    pub build_scripts_new: usize,
    /// Crates with a build script that changed, whatever it reaches for.
    pub build_scripts_changed: usize,
    /// Crates that were newly packed with changes that are in no commit.
    pub dirty: usize,
    /// Crates whose archives grew tenfold.
    pub grown: usize,
    /// Other crates with something to look at.
    pub others: usize,
}

impl Tally {
    /// Counts what the changes and findings of a review hold. A crate that several elements share counts once.
    #[must_use]
    pub fn of(review: &Review) -> Self {
        let mut tally = Self::default();
        let about = |severity: Severity| {
            let found = review.findings.iter().filter(move |f| f.severity == severity && !review.is_unknown(f));
            super::distinct(found.filter_map(|f| f.krate.as_deref()))
        };
        tally.wrong = about(Severity::Error);
        tally.doubtful = about(Severity::Warning).into_iter().filter(|name| !tally.wrong.contains(name)).collect();
        let told = |rule: &'static Rule| {
            let found = review.findings.iter().filter(move |f| is_told_in_line(f) && f.rule.id == rule.id);
            super::distinct(found.map(|f| f.message.as_str())).len()
        };
        (tally.grown, tally.dirty) = (told(&grew::RULE), told(&dirty::RULE));
        tally.build_scripts_changed = told(&build_script::RULE);
        let mut seen = BTreeSet::new();
        let mut repositories = (BTreeSet::new(), BTreeSet::new());
        let looks = review.elements.iter().flat_map(|e| &e.changes).filter(|c| c.attention <= Attention::Medium);
        for change in looks {
            let version = |e: &Option<crate::cargo2::block::BlockEntry>| e.as_ref().map(|e| e.version.clone());
            if seen.insert((&change.name, version(&change.before), version(&change.after))) {
                tally.add(change, &mut repositories);
            }
        }
        (tally.repositories_moved, tally.repositories_new) = (repositories.0.len(), repositories.1.len());
        tally
    }

    fn add<'a>(&mut self, change: &'a CrateChange, (moved, new): &mut (BTreeSet<&'a str>, BTreeSet<&'a str>)) {
        let git = |entry: &'a Option<crate::cargo2::block::BlockEntry>| match entry.as_ref().map(|e| &e.from) {
            Some(Origin::Git { repo, .. }) => Some(repo.as_str()),
            Some(Origin::Registry { .. }) | None => None,
        };
        let scripts = |fact: &Fact| matches!(fact, Fact::BuildScript | Fact::BuildScriptAdded);
        self.build_scripts_new += usize::from(change.facts.iter().any(scripts));
        self.build_scripts_changed += usize::from(change.facts.contains(&Fact::BuildScriptChanged));
        match (git(&change.before), git(&change.after), change.kind) {
            (Some(old), Some(repository), _) if old == repository => drop(moved.insert(repository)),
            (_, Some(repository), _) => drop(new.insert(repository)),
            (_, None, ChangeKind::Added) => self.added += 1,
            (_, None, ChangeKind::Down(_)) => self.down += 1,
            _ if self.wrong.contains(&change.name) || self.doubtful.contains(&change.name) => {}
            _ if change.facts.iter().any(|f| scripts(f) || *f == Fact::BuildScriptChanged) => {}
            _ => self.others += 1,
        }
    }
}

impl CrateChange {
    /// Returns whether its kind and all facts about it are routine, whatever the rules find.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        self.kind.weight() == Weight::Routine && self.facts.iter().all(|fact| fact.weight() == Weight::Routine)
    }
}
