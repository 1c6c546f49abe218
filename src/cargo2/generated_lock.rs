//! Finds stale generated locks: the git ref moved, and the lock that was generated from it did not.

use crate::bst::project::Project;
use crate::bst::project::compose::ReadFile;
use crate::bst::source::{Content, Git};
use crate::cargo2::element::{self, CrateList, LockPlan, below};
use crate::finding::Finding;
use crate::finding::read::{Read, Unreadable};
use crate::finding::rules;
use crate::text::{Location, SourceText};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The files of one earlier version of the project, by their paths.
pub(crate) type Texts = HashMap<String, Arc<SourceText>>;

/// Reports stale generated locks.
///
/// `earlier` gives the distinct earlier versions of files, newest first; the last commit counts as earlier. It is called only
/// for elements with a generated lock, for the element's file and then for its includes. Where a version cannot be read, a
/// finding says so.
pub(crate) fn findings<I: Iterator<Item = Result<Texts, Unreadable>>>(
    crate_lists: &[CrateList],
    project: &Project,
    read: &ReadFile<'_>,
    earlier: impl Fn(&[String]) -> I,
) -> Vec<Finding> {
    let one = |crate_list: &CrateList| {
        let now = crate_list.plan.as_ref().ok()?;
        pair(now)?;
        let path = project.path_of(crate_list.name());
        let mut failure = None;
        let versions = earlier(&files_of(crate_list.name(), &path, project, read)).map_while(|version| match version {
            Ok(texts) => Some(texts),
            Err(why) => {
                failure = Some(why);
                None
            }
        });
        let plans = versions.map(|texts| plan(crate_list.name(), &path, &now.path, project, &texts));
        let stale = generated_lock(crate_list.name(), now, plans, crate_list.location());
        stale.or_else(|| failure.map(|why| unknown(crate_list, &why)))
    };
    crate_lists.iter().filter_map(one).collect()
}

/// The finding on a history that cannot be read, so that it is unknown whether the generated lock is stale.
fn unknown(crate_list: &CrateList, why: &Unreadable) -> Finding {
    let message = format!("the generated lock is not compared with earlier ones: {why}");
    Finding::new(&rules::CANNOT_EVALUATE, message).at(crate_list.location()).of(crate_list.name())
}

/// Compares a plan with those of earlier versions, newest first: None where a version cannot be read.
///
/// The lock is traced back to the oldest version in a row that has it. If the git source was at another commit there, the ref
/// moved since and the lock did not. Nothing is claimed where the history does not show that.
#[must_use]
pub(crate) fn generated_lock(
    element: &str,
    now: &LockPlan,
    earlier: impl Iterator<Item = Option<LockPlan>>,
    at: Location,
) -> Option<Finding> {
    let (git, lock) = pair(now)?;
    let same = |plan: &LockPlan| {
        let (old, text) = pair(plan)?;
        (old.url == git.url && squeezed(text).eq(squeezed(lock))).then(|| old.commit.clone())
    };
    let oldest = earlier.flatten().map_while(|plan| same(&plan)).last()?;
    if oldest == git.commit {
        return None;
    }
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let message = format!(
        "the git ref moved from {} to {} and the generated lock did not: it was made for other sources",
        short(&oldest),
        short(&git.commit)
    );
    let note = format!("{}: {oldest} → {}", git.url.escape_debug(), git.commit);
    let help = format!("run `bst source track {element}`, then `cargo2-bot regenerate {element}`");
    Some(Finding::new(&rules::GENERATED_LOCK_STALE, message).at(at).of(element).note(note).help(help))
}

/// The generated lock that is staged at the plan's path, and the git source that it was generated from: the last one before it
/// whose folder holds it.
fn pair(plan: &LockPlan) -> Option<(&Git, &str)> {
    let (index, lock) = plan.layers.iter().enumerate().rev().find_map(|(index, layer)| match &layer.content {
        Content::GeneratedLock(text) if below(&plan.path, &layer.directory) == Some("Cargo.lock") => {
            Some((index, text.as_str()))
        }
        _ => None,
    })?;
    let git = plan.layers[..index].iter().rev().find_map(|layer| match &layer.content {
        Content::Git(git) if below(&plan.path, &layer.directory).is_some() => Some(git),
        _ => None,
    })?;
    Some((git, lock))
}

/// Base64 without the whitespace that only folds it.
fn squeezed(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|b| !b.is_ascii_whitespace())
}

/// The element's file, then the files that it includes.
fn files_of(name: &str, path: &str, project: &Project, read: &ReadFile<'_>) -> Vec<String> {
    let paths = Mutex::new(vec![path.to_owned()]);
    let noted = |path: &str| {
        if let Ok(mut paths) = paths.lock()
            && !paths.iter().any(|known| known == path)
        {
            paths.push(path.to_owned());
        }
        read(path)
    };
    if let Read::Known(file) = read(path) {
        // The element's own file is known; the files that it includes are not yet.
        let _ = element::read(name, &file, project, &noted);
    }
    paths.into_inner().unwrap_or_default()
}

/// The plan of the same crate list in another version: the one whose lock is looked for at the same path.
fn plan(name: &str, path: &str, lock: &str, project: &Project, texts: &Texts) -> Option<LockPlan> {
    let found = element::read(name, texts.get(path)?, project, &|path| {
        texts.get(path).map_or(Read::Absent, |text| Read::Known(text.clone()))
    });
    let mut plans =
        found.crate_lists.into_iter().filter_map(|crate_list| crate_list.plan.ok()).filter(|plan| plan.path == lock);
    plans.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bst::source::{Layer, Submodules};

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

    fn git(url: &str, commit: &str, directory: &str) -> Layer {
        let content = Content::Git(Git {
            url: url.into(),
            commit: commit.into(),
            pinned: commit.into(),
            track: None,
            exclude: Vec::new(),
            is_pattern: true,
            submodules: Submodules::Ignored,
        });
        Layer { directory: directory.into(), content }
    }

    fn lock(text: &str) -> Layer {
        Layer { directory: String::new(), content: Content::GeneratedLock(text.into()) }
    }

    fn plan_with(layers: Vec<Layer>) -> LockPlan {
        LockPlan { path: "Cargo.lock".into(), layers }
    }

    fn at(commit: &str, text: &str) -> Option<LockPlan> {
        Some(plan_with(vec![git("https://x/a", commit, ""), lock(text)]))
    }

    fn noted(now: Option<LockPlan>, earlier: Vec<Option<LockPlan>>) -> Option<String> {
        generated_lock("a.bst", &now.unwrap(), earlier.into_iter(), Location::file("a.bst")).map(|f| f.notes[0].clone())
    }

    #[test]
    fn the_lock_is_traced_to_the_oldest_version_in_a_row_that_has_it() {
        assert_eq!(noted(at(B, "L"), vec![at(A, "L")]), Some(format!("https://x/a: {A} → {B}")));
        assert_eq!(
            noted(at(C, "L"), vec![at(C, "L"), at(B, "L"), at(A, "K")]),
            Some(format!("https://x/a: {B} → {C}"))
        );
        assert_eq!(noted(at(C, "L"), vec![at(B, "L"), at(A, "L")]), Some(format!("https://x/a: {A} → {C}")));
    }

    #[test]
    fn nothing_is_claimed_where_the_lock_moved_with_or_after_the_ref() {
        assert_eq!(noted(at(B, "L"), vec![at(B, "L"), at(A, "K")]), None);
        assert_eq!(noted(at(B, "L"), vec![at(B, "K"), at(A, "K")]), None);
        assert_eq!(noted(at(A, "L"), vec![at(A, "K")]), None);
    }

    #[test]
    fn a_ref_that_moved_and_moved_back_fits_its_lock() {
        assert_eq!(noted(at(A, "L"), vec![at(B, "L"), at(A, "L"), at(C, "K")]), None);
    }

    #[test]
    fn nothing_is_claimed_where_the_history_does_not_show_it() {
        assert_eq!(noted(at(B, "L"), vec![]), None);
        assert_eq!(noted(at(B, "L"), vec![at(B, "L")]), None);
        assert_eq!(noted(at(B, "L"), vec![None]), None);
        let elsewhere = Some(plan_with(vec![git("https://x/other", A, ""), lock("L")]));
        assert_eq!(noted(at(B, "L"), vec![elsewhere, at(A, "L")]), None);
    }

    #[test]
    fn a_version_that_cannot_be_read_does_not_end_the_row() {
        assert!(noted(at(B, "L"), vec![None, at(A, "L")]).is_some());
    }

    #[test]
    fn folding_the_base64_is_not_a_new_lock() {
        assert!(noted(at(B, "TE9D\nSw==\n"), vec![at(A, "TE9DSw==")]).is_some());
    }

    #[test]
    fn only_the_git_source_below_the_lock_counts() {
        let with = |main: &str, side: &str, late: &str| {
            let main = git("https://x/a", main, "");
            Some(plan_with(vec![main, git("https://x/s", side, "data"), lock("L"), git("https://x/l", late, "")]))
        };
        assert_eq!(noted(with(A, B, B), vec![with(A, A, A)]), None);
        assert!(noted(with(B, A, A), vec![with(A, A, A)]).is_some());
    }
}
