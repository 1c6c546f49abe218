//! Collects the facts about a change, in a stable order.

use super::change_context::ChangeContext;
use super::evidence::ArchiveFacts;
use super::fact::Fact;
use super::publisher::Publisher;
use super::rules::license;
use super::{ChangeKind, Semver};
use crate::bst::place;
use crate::cargo2::block::Origin;
use semver::Version;

/// The facts of a change.
pub(super) fn facts(case: &ChangeContext<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    of_the_lists(case, &mut facts);
    of_the_index(case, &mut facts);
    of_the_advisories(case, &mut facts);
    of_the_publishers(case, &mut facts);
    of_the_archives(case, &mut facts);
    facts
}

/// From the two lists alone.
fn of_the_lists(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let change = case.change;
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    match (before.map(|e| &e.from), after.map(|e| &e.from)) {
        (None, Some(Origin::Git { repo, commit, .. })) => {
            facts.push(Fact::NewFromGit(repo.clone(), commit.clone()));
        }
        (Some(Origin::Git { commit: a, query: p, .. }), Some(Origin::Git { commit: b, query: q, .. })) => {
            if a != b {
                facts.push(Fact::CommitMoved(a.clone(), b.clone()));
            }
            if p != q {
                facts.push(Fact::RequestChanged(p.clone(), q.clone()));
            }
        }
        _ => {}
    }
    if let (ChangeKind::Added, Some(after)) = (change.kind, after) {
        let twin = case.lookup.named(&after.name).iter().find(|e| e.version != after.version);
        facts.extend(twin.map(|twin| Fact::SecondVersion(twin.version.clone())));
    }
    if let (Some(before), Some(after)) = (before, after)
        && matches!(change.kind, ChangeKind::Up(Semver::Other) | ChangeKind::Down(Semver::Other))
    {
        let both = (Version::parse(&before.version), Version::parse(&after.version));
        facts.push(if let (Ok(_), Ok(_)) = both { Fact::BuildMetadata } else { Fact::VersionsUnclear });
    }
}

/// From the index.
fn of_the_index(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let (Some(index), Some(version)) = (case.index(), case.indexed()) else { return };
    if version.yanked {
        facts.push(Fact::Yanked);
    }
    if case.indexed_before().is_some_and(|v| v.yanked) {
        facts.push(Fact::YankedBefore);
    }
    let elsewhere = index.versions.iter().any(|v| v.published.is_some());
    facts.push(match version.published {
        Some(time) => Fact::Published(time),
        None if elsewhere => Fact::PublishTimeLost,
        None => Fact::PublishTimeUnknown,
    });
    if case.change.kind == ChangeKind::Added && index.versions.len() > 1 {
        facts.push(Fact::History(case.born(), index.versions.len()));
    }
    if index.versions.first().is_some_and(|first| first.version == version.version) {
        facts.push(Fact::FirstVersion);
    }
    if let Some(links) = case.new_links() {
        facts.push(Fact::Links(links.to_owned()));
    }
}

/// From the advisories: what the change frees from.
fn of_the_advisories(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let Some(before) = &case.change.before else { return };
    let advisories = case.evidence.advisories.got();
    let own = advisories.iter().flat_map(|all| &all.list).filter(|a| a.is_about(&before.name));
    // Another version of the crate may be there that still has the problem.
    let fixed = own
        .filter(|a| a.affects(&before.version))
        .filter(|advisory| case.lookup.named(&before.name).iter().all(|entry| !advisory.affects(&entry.version)));
    facts.extend(fixed.map(|advisory| Fact::Fixes(advisory.id.clone())));
}

/// From the registry's web API.
fn of_the_publishers(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let (Some(published), Some((after, _))) = (case.published(), case.registry()) else { return };
    let by = published.versions.get(&after.version).and_then(|version| match &version.by {
        Publisher::Account(_, login) => Some(login.clone()),
        Publisher::Workflow(repository) => Some(format!("a workflow of {repository}")),
        Publisher::Unknown => None,
    });
    facts.extend(by.map(Fact::PublishedBy));
    facts.extend(published.owners.filter(|_| case.change.kind == ChangeKind::Added).map(Fact::Owners));
}

/// From the archives.
fn of_the_archives(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let Some(after) = case.archive() else { return };
    let before = case.archive_before();
    of_the_build(before, after, case.script_news().is_some_and(<[String]>::is_empty), facts);
    let same = |old: Option<&str>| match after.license.as_deref() {
        Some(new) => old == Some(new) || license::same(old, new),
        None => old.is_none(),
    };
    if let Some(before) = before.filter(|b| !same(b.license.as_deref())) {
        facts.push(Fact::Licence(before.license.clone(), after.license.clone()));
    }
    if before.is_some_and(|b| b.unsafe_uses == 0) && after.unsafe_uses > 0 {
        facts.push(Fact::UnsafeAdded(after.unsafe_uses));
    }
    let owner = |archive: &ArchiveFacts| place::owner(archive.repository.as_deref()?);
    if let (Some(old), Some(new)) = (before.and_then(owner), owner(after))
        && old != new
    {
        facts.push(Fact::OwnerChanged(old, new));
    }
    if let Some(delta) = case.delta().filter(|delta| delta.files > 0) {
        facts.push(Fact::Lines(delta.added, delta.removed, delta.files));
    }
    let declared = before.and_then(|b| b.vcs_commit.clone());
    facts.push(match (&after.vcs_commit, &declared) {
        (Some(commit), _) => Fact::MadeFrom(after.repository.clone(), declared, commit.clone()),
        (None, None) => Fact::NoCommit,
        (None, Some(_)) => Fact::CommitLost,
    });
}

/// What runs while the crate is built.
fn of_the_build(before: Option<&ArchiveFacts>, after: &ArchiveFacts, without_news: bool, facts: &mut Vec<Fact>) {
    let newly = |has: fn(&ArchiveFacts) -> bool| has(after) && before.is_none_or(|b| !has(b));
    let fresh = before.is_none();
    if newly(|a| a.build_script) {
        facts.push(if fresh { Fact::BuildScript } else { Fact::BuildScriptAdded });
    } else if before.is_some_and(|b| b.build_script_digest != after.build_script_digest) {
        facts.push(match after.build_script {
            true if without_news => Fact::BuildScriptWithoutNews,
            true => Fact::BuildScriptChanged,
            false => Fact::BuildScriptGone,
        });
    } else if let Some(helpers) = before.map(|b| after.helpers_since(b)).filter(|helpers| !helpers.is_empty()) {
        facts.push(if without_news { Fact::BuildScriptWithoutNews } else { Fact::BuildHelpersChanged(helpers) });
    }
    if let Some(before) = before.filter(|b| b.build_script) {
        let new: Vec<String> = after.script_reads.difference(&before.script_reads).cloned().collect();
        facts.extend((!new.is_empty()).then_some(Fact::BuildScriptReads(new)));
    }
    if newly(|a| a.proc_macro) {
        facts.push(if fresh { Fact::ProcMacro } else { Fact::ProcMacroAdded });
    }
}
