//! A git crate from another repository.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, shown};
use crate::review::rules::repository_spelling;
use crate::review::settings::{Relation, Settings};
use crate::review::{ChangeKind, ElementReview};
use std::collections::BTreeSet;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-repository-changed",
    severity: Severity::Error,
    means: "A crate from git comes from another repository than before, or the alias that its `repo` begins with means another place. Who writes it may have changed. Another spelling of the same place, or a mirror of it, is none: that is `crate-repository-spelling`.",
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
    let (rule, what) = match case.settings.relation(old, new) {
        Relation::Other => (&RULE, "comes from another repository"),
        Relation::Same => (&repository_spelling::RULE, "is named by another spelling of the same repository"),
        Relation::Mirror => (&repository_spelling::RULE, "comes from a mirror that project.conf names"),
    };
    let mut finding = case.finding(rule, format!("{} {what}", case.who()));
    if rule.id == repository_spelling::RULE.id {
        // That a project spells its URLs in another way is one thing, however many repositories there are.
        finding.cause = Some(rule.id.to_owned());
    }
    vec![finding.note(format!("{} → {}", shown(old), shown(new))).help(rule.remedy)]
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
        let rule = match settings.relation(old, new) {
            Relation::Other => &RULE,
            Relation::Same | Relation::Mirror => &repository_spelling::RULE,
        };
        let message = format!("the alias {} means {} instead of {}", shown(&alias), shown(new), shown(old));
        let finding = Finding::new(rule, message).of(&element.element).because_of(format!("alias {alias}"));
        (old != new).then(|| finding.note("crates of the list come from there").help(rule.remedy))
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use crate::review::evaluate::review_changes;
    use crate::review::settings::Settings;
    use crate::review::testing::*;

    #[test]
    fn other_spellings_have_one_cause_and_other_repositories_each_their_own() {
        let cause = |repo: &str| {
            let side = |repo: &str| [git("a", "1.0.0", repo, 'a', &[])];
            let mut elements = [element(&side("https://x.example/a"), &side(repo))];
            review_changes(&mut elements, &evidence(index(&[])), &Settings::default()).remove(0).cause.unwrap()
        };
        assert_eq!(cause("https://x.example/a.git"), "crate-repository-spelling");
        assert_ne!(cause("https://y.example/a"), "crate-repository-changed");
    }
}
