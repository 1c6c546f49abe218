//! A git crate from another repository.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, shown};
use crate::review::settings::{Settings, resolve};
use crate::review::sources::home;
use crate::review::{ChangeKind, ElementReview};
use std::collections::BTreeSet;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-repository-changed",
    severity: Severity::Error,
    means: "A crate from git comes from another repository than before, or the alias that its `repo` begins with means another place. Who writes it may have changed. It is a notice where only the spelling of the same place changed.",
    remedy: "Find out in the upstream's history why, and who owns the new repository.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let change = case.change;
    let (ChangeKind::Repository, Some(old), Some(new)) = (change.kind, repo(&change.before), repo(&change.after))
    else {
        return Vec::new();
    };
    let place = |repo, aliases| home(&resolve(repo, aliases), true);
    let same = place(old, &case.settings.aliases_before) == place(new, &case.settings.aliases);
    let what =
        if same { "is named by another spelling of the same repository" } else { "comes from another repository" };
    let finding = case.finding(&RULE, format!("{} {what}", case.who()));
    let mut finding = finding.note(format!("{} → {}", shown(old), shown(new)));
    if same {
        finding.severity = Severity::Notice;
        return vec![finding];
    }
    vec![finding.help(RULE.remedy)]
}

fn repo(entry: &Option<BlockEntry>) -> Option<&str> {
    match &entry.as_ref()?.from {
        Origin::Git { repo, .. } => Some(repo),
        Origin::Registry { .. } => None,
    }
}

/// Looks for aliases that mean another place than before, where crates whose `repo` did not change begin with them.
#[must_use]
pub(crate) fn check_aliases(element: &ElementReview, settings: &Settings) -> Vec<Finding> {
    let of = |entry: &BlockEntry| match &entry.from {
        Origin::Git { repo, .. } => repo.split_once(':').map(|(alias, _)| alias.to_owned()),
        Origin::Registry { .. } => None,
    };
    let used: BTreeSet<String> = element.list.iter().filter_map(of).collect();
    let moved = used.into_iter().filter_map(|alias| {
        let (old, new) = (settings.aliases_before.get(&alias)?, settings.aliases.get(&alias)?);
        let message = format!("the alias {} means {} instead of {}", shown(&alias), shown(new), shown(old));
        let finding = Finding::new(&RULE, message).of(&element.element);
        (old != new).then(|| finding.note("crates of the list come from there").help(RULE.remedy))
    });
    moved.collect()
}
