//! The facts about a change, in short texts of a stable order.

use super::change_context::{ChangeContext, day, requested, short};
use super::{ChangeKind, Semver};
use crate::cargo2::block::Origin;

/// A fact, and whether it is unusual.
pub(super) type Fact = (String, bool);

/// The facts of a change.
pub(super) fn facts(case: &ChangeContext<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    of_the_lists(case, &mut facts);
    of_the_index(case, &mut facts);
    of_the_advisories(case, &mut facts);
    of_the_archives(case, &mut facts);
    facts
}

/// From the two lists alone.
fn of_the_lists(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let change = case.change;
    let from = |entry: &Option<crate::cargo2::block::BlockEntry>| entry.as_ref().map(|e| e.from.clone());
    match (from(&change.before), from(&change.after)) {
        (None, Some(Origin::Git { repo, commit, .. })) => {
            facts.push((format!("git {} at {}", repo.escape_debug(), short(&commit)), true));
        }
        (Some(Origin::Git { commit: a, query: p, .. }), Some(Origin::Git { commit: b, query: q, .. })) => {
            if a != b {
                facts.push((format!("commit {} → {}", short(&a), short(&b)), true));
            }
            if p != q {
                facts.push((format!("requests {} instead of {}", requested(&q), requested(&p)), true));
            }
        }
        _ => {}
    }
    if let (ChangeKind::Added, Some(after)) = (change.kind, &change.after) {
        let twin = case.lookup.named(&after.name).iter().find(|e| e.version != after.version);
        if let Some(twin) = twin {
            facts.push((format!("a second version beside {}", twin.version.escape_debug()), false));
        }
    }
    if let ChangeKind::Up(Semver::Other) = change.kind {
        facts.push(("versions that cannot be compared".into(), true));
    }
}

/// From the index.
fn of_the_index(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let Some(version) = case.indexed() else { return };
    if version.yanked {
        facts.push(("yanked".into(), true));
    }
    if case.indexed_before().is_some_and(|v| v.yanked) {
        facts.push(("the version before is yanked".into(), true));
    }
    if let Some(time) = version.published {
        facts.push((format!("published {}", day(time)), false));
    }
    let index = case.index();
    if index.and_then(|c| c.versions.first()).is_some_and(|first| first.version == version.version) {
        facts.push(("first version".into(), true));
    }
    if let Some(links) = case.new_links() {
        facts.push((format!("links to the native library {}", links.escape_debug()), true));
    }
}

/// From the advisories: what the change frees from.
fn of_the_advisories(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let Some(before) = &case.change.before else { return };
    let advisories = case.evidence.advisories.got();
    let own = advisories.iter().flat_map(|all| &all.list).filter(|a| a.krate == before.name);
    for advisory in own.filter(|a| a.affects(&before.version)) {
        if case.change.after.as_ref().is_none_or(|after| !advisory.affects(&after.version)) {
            facts.push((format!("fixes {}", advisory.id.escape_debug()), false));
        }
    }
}

/// From the archives of a deep review.
fn of_the_archives(case: &ChangeContext<'_>, facts: &mut Vec<Fact>) {
    let Some(after) = case.archive() else { return };
    let before = case.archive_before();
    let newly = |had: fn(&super::evidence::ArchiveFacts) -> bool| had(after) && before.is_none_or(|b| !had(b));
    if newly(|a| a.build_script) {
        facts.push((format!("build script{}", if before.is_some() { " added" } else { "" }), true));
    } else if before.is_some_and(|b| b.build_script_digest != after.build_script_digest) {
        facts.push((
            format!("build script {}", if after.build_script { "changed" } else { "gone" }),
            after.build_script,
        ));
    }
    if newly(|a| a.proc_macro) {
        facts.push(("procedural macro".into(), before.is_some()));
    }
    let license = |l: &Option<String>| l.as_ref().map_or_else(|| "none".to_owned(), |l| l.escape_debug().to_string());
    if before.is_some_and(|b| b.license != after.license) {
        let old = before.map(|b| license(&b.license)).unwrap_or_default();
        facts.push((format!("licence {old} → {}", license(&after.license)), true));
    }
    match &after.vcs_commit {
        Some(commit) => facts.push((format!("made from commit {}", short(commit)), false)),
        None => facts.push(("names no commit that it is made from".into(), false)),
    }
}
