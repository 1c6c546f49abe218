//! Which ref a source gets: BuildStream's choice, and where the bot's policy differs from it.

use super::describing::{Repository, tip_tag};
use super::words::{HEADS, Policy, TAGS, failed};
use crate::bst::source::{GitKind, GitTracking, commit_of, described};
use crate::bst::track::{self, Chosen, choose, choose_among, fixed_beginning};
use crate::finding::{Finding, rules};
use crate::io::Workspace;
use crate::review::change_context::{short, shown};
use crate::review::ref_proof::tags::{compare, pre_release_words};
use crate::review::rules::upstream_tag_moved;
use std::cmp::Ordering;

/// The ref that a source gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resolved {
    /// The ref; none where tracking leads to nothing new.
    pub to: Option<String>,
    /// What is to be known of the choice.
    pub notes: Vec<Finding>,
}

/// Resolves what a source tracks. `outer` is the repository and new commit of the source before, for a submodule.
///
/// # Errors
/// A finding that says why the ref stays as it is.
pub(super) async fn resolve(
    workspace: &Workspace,
    source: &GitTracking,
    policy: Policy,
    outer: Option<&(String, String)>,
) -> Result<Resolved, Box<Finding>> {
    let repository = Repository { workspace, url: &source.url };
    let target = match &source.kind {
        GitKind::Repo => of_pattern(&repository, source, policy).await?,
        GitKind::Git => {
            let (commit, _) = repository.named(&source.track).await?;
            let to = if source.describe { repository.git_describe(&commit, &|_| Some(true)).await? } else { None };
            let to = to.map(|(tag, count)| format!("{tag}-{count}-g{commit}")).unwrap_or(commit);
            Resolved { to: Some(to), notes: Vec::new() }
        }
        GitKind::Tag { extra, tags, matching } => {
            let filter = |tag: &str| is_named(tag, matching, &source.exclude);
            let branches = std::iter::once(&source.track).chain(extra);
            let to = repository.latest(branches, *tags, &filter).await?;
            match to.as_deref().and_then(|to| unwanted(to, source, matching, policy)).filter(|_| *tags) {
                Some(note) => Resolved { to: None, notes: vec![note] },
                None => Resolved { to, notes: Vec::new() },
            }
        }
        GitKind::Module(path) => {
            let (url, commit) = outer.ok_or_else(|| {
                failed("no tracked git source at the root of the staged tree comes before this submodule")
            })?;
            let found = workspace.submodule(url, commit, path).await.map_err(failed)?;
            let found = found.ok_or_else(|| failed(format!("{} has no submodule at {}", shown(url), shown(path))))?;
            Resolved { to: Some(found), notes: Vec::new() }
        }
    };
    match (&source.pinned, &target.to) {
        (Some(pinned), Some(to)) if policy.is_on() => same_tag(source, pinned, to).map_or(Ok(target), Err),
        _ => Ok(target),
    }
}

/// The finding on the tag of a `git_tag` source that is a pre-release nobody asked for.
fn unwanted(to: &str, source: &GitTracking, matching: &[String], policy: Policy) -> Option<Finding> {
    let Policy::On { pre_releases } = policy else { return None };
    let (tag, _) = described(to)?;
    let named: Vec<String> = matching.iter().flat_map(|pattern| pre_release_words(pattern)).collect();
    let wanted = pre_release_words(tag).iter().all(|word| pre_releases && named.contains(word));
    let moves = source.pinned.as_deref() != Some(to);
    let (url, shown_tag) = (shown(&source.url), shown(tag));
    let message = format!("BuildStream would take {shown_tag} of {url}, a pre-release; the `ref` stays as it is");
    (!wanted && moves).then(|| Finding::new(&rules::TRACK_POLICY, message))
}

/// Whether a tag is among those that `git describe` looks at. None where git reads a pattern in its own way.
fn is_named(tag: &str, matching: &[String], exclude: &[String]) -> Option<bool> {
    let any = |patterns: &[String]| -> Option<bool> {
        let all: Option<Vec<bool>> = patterns.iter().map(|pattern| track::git_matches(pattern, tag)).collect();
        all.map(|all| all.contains(&true))
    };
    Some(!any(exclude)? && (matching.is_empty() || any(matching)?))
}

/// The finding on a ref that keeps its tag and changes its commit.
fn same_tag(source: &GitTracking, pinned: &str, to: &str) -> Option<Box<Finding>> {
    let tag = |text: &str| commit_of(text).and_then(|(commit, tag)| Some((tag?, commit)));
    let ((old_tag, old), (new_tag, new)) = (tag(pinned)?, tag(to)?);
    (old_tag == new_tag && old != new).then(|| moved(&source.url, &old_tag, &old, &new))
}

/// The finding on a tag that names another commit than the one that was pinned.
fn moved(url: &str, tag: &str, old: &str, new: &str) -> Box<Finding> {
    let message = format!("the tag {} of {} names another commit, so its `ref` stays", shown(tag), shown(url));
    let note = format!("{} → {}", short(old), short(new));
    Box::new(Finding::new(&upstream_tag_moved::RULE, message).note(note).help(upstream_tag_moved::RULE.remedy))
}

/// A `git_repo` source: a pattern of branches and tags.
async fn of_pattern(
    repository: &Repository<'_>,
    source: &GitTracking,
    policy: Policy,
) -> Result<Resolved, Box<Finding>> {
    let refs = repository.workspace.named_refs(&source.url, &prefixes(&source.track)?).await.map_err(failed)?;
    let list: Vec<(String, String)> = refs.commits.into_iter().collect();
    let theirs = choose(&list, &source.track, &source.exclude).ok_or_else(|| {
        failed(format!("no branch or tag of {} matches {}", shown(&source.url), shown(&source.track)))
    })?;
    if theirs.name.contains("tags") && !theirs.name.starts_with(TAGS) && source.describe {
        let what = "BuildStream takes it for a tag and writes a ref that it cannot fetch";
        return Err(failed(format!("the branch {} has `tags` in its name: {what}", shown(&theirs.name))));
    }
    let old = source.pinned.as_deref().and_then(commit_of);
    let pinned_tag = old.as_ref().and_then(|(commit, tag)| Some((tag.as_ref()?, commit)));
    if let (Some((tag, commit)), true) = (pinned_tag, policy.is_on())
        && let Some((_, now)) = list.iter().find(|(name, _)| name.strip_prefix(TAGS) == Some(tag))
        && now != commit
    {
        return Err(moved(&source.url, tag, commit, now));
    }
    let (chosen, notes) = match choice(&list, source, &theirs, policy) {
        Choice::Theirs => (theirs, Vec::new()),
        Choice::Other(own) => {
            let note = differs(source, &theirs, &format!("{} is taken", shown(short_name(&own.name))));
            (own, vec![note])
        }
        Choice::Stay => {
            return Ok(Resolved { to: None, notes: vec![differs(source, &theirs, "the `ref` stays as it is")] });
        }
    };
    let commit = chosen.git_ref.get(chosen.git_ref.len().saturating_sub(40)..).unwrap_or_default().to_owned();
    let to = match (source.describe, chosen.name.starts_with(TAGS)) {
        (false, _) => commit,
        (true, true) => chosen.git_ref,
        (true, false) => {
            let label = source.pinned.as_deref().and_then(described).map(|(tag, _)| tag);
            repository.describe_by_date(&commit, label).await?
        }
    };
    Ok(Resolved { to: Some(to), notes })
}

/// The beginnings of the names that a pattern can match.
fn prefixes(track: &str) -> Result<Vec<String>, Box<Finding>> {
    let beginning = fixed_beginning(track);
    if !track.starts_with("refs/") {
        return Ok(vec![format!("{HEADS}{beginning}"), format!("{TAGS}{beginning}")]);
    }
    if beginning.starts_with(HEADS) || beginning.starts_with(TAGS) {
        return Ok(vec![beginning.to_owned()]);
    }
    Err(failed(format!("{} may match more than branches and tags, which alone are listed", shown(track))))
}

/// The choice of the policy.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Theirs,
    Other(Chosen),
    Stay,
}

/// Takes no pre-release that the pattern or the configuration does not ask for, and does not go back because of that.
fn choice(list: &[(String, String)], source: &GitTracking, theirs: &Chosen, policy: Policy) -> Choice {
    let Policy::On { pre_releases } = policy else { return Choice::Theirs };
    // Whoever tracks a name has asked for what it leads to.
    if fixed_beginning(&source.track) == source.track {
        return Choice::Theirs;
    }
    let named = pre_release_words(&source.track);
    let allowed = |name: &str| {
        let Some(tag) = name.strip_prefix(TAGS) else { return true };
        pre_release_words(tag).iter().all(|word| pre_releases && named.contains(word))
    };
    let Some(own) = choose_among(list, &source.track, &source.exclude, &allowed) else { return Choice::Stay };
    if own == *theirs {
        return Choice::Theirs;
    }
    let Some(tag) = own.name.strip_prefix(TAGS) else { return Choice::Stay };
    let pinned = source.pinned.as_deref().and_then(|pinned| tip_tag(pinned, list));
    match pinned.and_then(|pinned| compare(tag, pinned)) {
        Some(Ordering::Less) => Choice::Stay,
        _ => Choice::Other(own),
    }
}

fn differs(source: &GitTracking, theirs: &Chosen, own: &str) -> Finding {
    let (url, theirs) = (shown(&source.url), shown(short_name(&theirs.name)));
    Finding::new(&rules::TRACK_POLICY, format!("BuildStream would take {theirs} of {url}, a pre-release; {own}"))
}

fn short_name(name: &str) -> &str {
    name.strip_prefix(TAGS).or_else(|| name.strip_prefix(HEADS)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn source(track: &str, pinned: Option<&str>) -> GitTracking {
        GitTracking {
            kind: GitKind::Repo,
            url: "https://x.example/a".into(),
            pinned: pinned.map(|tag| format!("{tag}-0-g{A}")),
            track: track.into(),
            exclude: Vec::new(),
            describe: true,
        }
    }

    /// What the policy makes of these tags: a name, `theirs` or `stay`.
    fn chosen(tags: &[&str], track: &str, pinned: Option<&str>, pre_releases: bool) -> String {
        let list: Vec<_> = tags.iter().map(|tag| (format!("{TAGS}{tag}"), A.to_owned())).collect();
        let source = source(track, pinned);
        let theirs = choose(&list, track, &[]).unwrap();
        match choice(&list, &source, &theirs, Policy::On { pre_releases }) {
            Choice::Theirs => "theirs".into(),
            Choice::Other(own) => short_name(&own.name).into(),
            Choice::Stay => "stay".into(),
        }
    }

    #[test]
    fn pre_releases_are_taken_where_the_pattern_and_the_configuration_say_so() {
        let tags = ["v1.0", "v1.1", "v1.1-rc1", "v1.2-beta1"];
        assert_eq!(chosen(&tags, "v*", None, false), "v1.1");
        assert_eq!(chosen(&tags, "v*", None, true), "v1.1");
        assert_eq!(chosen(&tags, "v*-rc*", None, true), "theirs");
        assert_eq!(chosen(&tags, "v*-rc*", None, false), "stay");
        assert_eq!(chosen(&tags, "v1.1-rc1", None, false), "theirs");
        assert_eq!(chosen(&["v1.0", "v1.1"], "v*", Some("v1.0"), false), "theirs");
    }

    #[test]
    fn the_policy_never_goes_back() {
        let tags = ["v1.9", "v2.0-rc1", "v2.0-rc2"];
        assert_eq!(chosen(&tags, "v*", Some("v2.0-rc1"), false), "stay");
        assert_eq!(chosen(&tags, "v*", Some("v1.8"), false), "v1.9");
        assert_eq!(chosen(&["v2.0", "v2.0-rc2"], "v*", Some("v2.0-rc2"), false), "v2.0");
    }

    #[test]
    fn only_the_names_that_can_match_are_listed() {
        assert_eq!(prefixes("v1*").unwrap(), ["refs/heads/v1", "refs/tags/v1"]);
        assert_eq!(prefixes("refs/tags/v*").unwrap(), ["refs/tags/v"]);
        for track in ["refs/*", "refs/pull/1/head", "refs/t*"] {
            assert!(prefixes(track).is_err(), "{track}");
        }
    }

    #[test]
    fn a_tag_with_another_commit_is_an_error() {
        let b = "b".repeat(40);
        let source = source("v*", Some("v1"));
        let found = |to: &str| same_tag(&source, source.pinned.as_deref().unwrap(), to).map(|f| f.rule.id);
        assert_eq!(found(&format!("v1-0-g{b}")), Some("upstream-tag-moved"));
        assert_eq!((found(&format!("v1-0-g{A}")), found(&format!("v2-0-g{b}")), found(&b)), (None, None, None));
    }

    #[test]
    fn the_latest_tag_of_a_branch_is_no_pre_release_that_nobody_asked_for() {
        let source = source("main", Some("v1"));
        let found = |to: &str, matching: &[&str], pre_releases: bool| {
            let matching: Vec<String> = matching.iter().map(|one| (*one).to_owned()).collect();
            unwanted(&format!("{to}-0-g{A}"), &source, &matching, Policy::On { pre_releases }).is_some()
        };
        assert!(found("v2-rc1", &[], true) && found("v2-rc1", &["v*-rc*"], false));
        assert!(!found("v2-rc1", &["v*-rc*"], true) && !found("v2", &[], false));
    }

    #[test]
    fn git_tags_are_matched_as_git_does() {
        let own = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert_eq!(is_named("v1", &own(&["v*"]), &own(&["*-rc*"])), Some(true));
        assert_eq!(is_named("v1-rc1", &own(&["v*"]), &own(&["*-rc*"])), Some(false));
        assert_eq!(is_named("1", &own(&["v*"]), &[]), Some(false));
        assert_eq!(is_named("v1", &own(&["v[!a]*"]), &[]), None);
    }
}
