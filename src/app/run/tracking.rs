//! Rust elements that the bot tracks itself: one pull request on the tracker's base branch, or one for each element.

use super::Bot;
use super::base::Family;
use super::state::Base;
use crate::app::track::{self, Group};
use crate::cargo2::discover::Selection;
use crate::finding::read::Read;
use crate::finding::{Finding, Severity};
use crate::github::base::{self, TRACK, Wanted, is_own};
use crate::github::facts::PullRequest;
use crate::report::markdown::{code, list, text};
use crate::workflows;
use std::collections::{BTreeMap, BTreeSet};

/// The bytes of a pull request's text after which no more sections are begun: GitHub takes 65,536 characters.
const BODY: usize = 40_000;

/// What keeps an element from being moved now, in words that follow its name.
type Waiting = BTreeMap<String, String>;

impl Bot {
    /// Opens and refreshes the pull requests with which the bot tracks elements itself, and closes those that moved elsewhere.
    pub(super) async fn tracking(&mut self) -> anyhow::Result<()> {
        if self.reader.request.settings.base == crate::config::BaseDrift::Report {
            return Ok(());
        }
        let name = self.tracked_branch().await?;
        let base = self.reader.base_of(&name).await?;
        let workspace = base.workspace().clone();
        let snapshot = workspace.read_snapshot().await?;
        if let Some(unread) = snapshot.unknown_elements().find(|name| workspace.config.tracks(name)) {
            // What is open may be about it.
            self.outcome
                .note(format!("`{}` could not be read, and nothing is tracked until then", unread.escape_debug()));
            return Ok(());
        }
        let names: Vec<String> =
            snapshot.discovered.elements.iter().filter(|name| workspace.config.tracks(name)).cloned().collect();
        let family = Family::Tracking(workspace.config.tracking);
        if names.is_empty() {
            // What was opened before it was switched off goes.
            return self.look_at_own(&[], &[], (&name, &base.sha), family).await;
        }
        let (groups, findings) = track::groups(&workspace, &Selection { names: names.clone() }, false).await?;
        let mut waiting = unsure(&groups, &findings);
        self.left_to_others(&groups, &name, &mut waiting).await?;
        for (element, why) in &waiting {
            self.outcome.note(format!("`{}` is not tracked now: {why}", element.escape_debug()));
        }
        let moves =
            |group: &&Group| !group.changes.is_empty() && !group.elements.iter().any(|e| waiting.contains_key(e));
        let moved: Vec<&Group> = groups.iter().filter(moves).collect();
        let wanted = self.wanted_moves(&moved, workspace.config.tracking.per_element);
        let mut unsure: Vec<String> = waiting.keys().map(|element| own_slug(element)).collect();
        if !workspace.config.tracking.per_element && self.has_one_of(waiting.keys(), &base).await? {
            // Each new head costs a build: what is there stays until it can be made whole.
            self.outcome.note("the pull request of tracked elements stays as it is until then".into());
            return Ok(());
        }
        if !workspace.config.tracking.per_element && !waiting.is_empty() && wanted.is_empty() {
            unsure.push(TRACK.to_owned());
        }
        self.look_at_own(&wanted, &unsure, (&name, &base.sha), family).await
    }

    /// The branch that the tracker opens pull requests against: the one that its workflows name, else the default branch.
    async fn tracked_branch(&mut self) -> anyhow::Result<String> {
        let default = self.reader.overview.repository.default_branch.clone();
        let base = self.reader.base_of(&default).await?;
        let snapshot = base.workspace().read_snapshot().await?;
        let named = match workflows::base_branches(&snapshot) {
            Read::Known(named) => named,
            Read::Absent => BTreeSet::new(),
            Read::Unreadable(why) => anyhow::bail!("the tracker's base branch is not known: {why}"),
        };
        let mut named = named.into_iter();
        Ok(match (named.next(), named.next()) {
            (Some(one), None) => one,
            (None, _) => default,
            (Some(_), Some(_)) => {
                self.outcome
                    .note(format!("the tracker has several base branches; elements are tracked on `{default}`"));
                default
            }
        })
    }

    /// Adds the elements whose files an open pull request of another bot changes as well.
    async fn left_to_others(&self, groups: &[Group], branch: &str, waiting: &mut Waiting) -> anyhow::Result<()> {
        let (viewer, repository) = (&self.reader.overview.viewer, &self.reader.request.repository);
        let other = |pull: &&PullRequest| {
            pull.open && pull.base_ref == branch && pull.author.bot && !is_own(pull, repository, viewer)
        };
        let pulls: Vec<PullRequest> = self.reader.overview.pulls.iter().filter(other).cloned().collect();
        for pull in pulls {
            let contents = self.reader.contents(&pull).await?;
            let paths: BTreeSet<&str> =
                contents.iter().take(1).flat_map(|one| &one.content.decisive).map(|d| d.path.as_str()).collect();
            for group in groups {
                let mut files = group.changes.iter().map(|change| self.reader.states.rooted(&change.new.path));
                // A pull request of which not all is known may change any of them.
                if files.any(|file| paths.contains(file.as_str())) || (paths.contains("") && !group.changes.is_empty())
                {
                    for element in &group.elements {
                        waiting
                            .entry(element.clone())
                            .or_insert_with(|| format!("#{} changes it as well", pull.number));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the open pull request for all elements has a change of one of these.
    async fn has_one_of(&self, elements: impl Iterator<Item = &String>, base: &Base) -> anyhow::Result<bool> {
        let branch = format!("{}{TRACK}", base::PREFIX);
        let own = |pull: &&PullRequest| pull.open && pull.head_ref == branch;
        let Some(pull) = self.reader.overview.pulls.iter().find(own) else { return Ok(false) };
        let snapshot = base.workspace().read_snapshot().await?;
        for element in elements {
            let path = self.reader.states.rooted(&snapshot.project.path_of(element));
            let there = self.reader.states.text_of_root(&pull.head_sha, &[&path]).await?.optional()?;
            if there != self.reader.states.text_of_root(&base.sha, &[&path]).await?.optional()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pull requests that bring these moves.
    fn wanted_moves(&self, groups: &[&Group], per_element: bool) -> Vec<Wanted> {
        if groups.is_empty() {
            return Vec::new();
        }
        if !per_element {
            return vec![self.wanted_move(TRACK.to_owned(), groups)];
        }
        let slug = |group: &Group| own_slug(group.elements.first().map_or("", String::as_str));
        groups.iter().map(|group| self.wanted_move(slug(group), &[group])).collect()
    }

    fn wanted_move(&self, slug: String, groups: &[&Group]) -> Wanted {
        let file = |change: &crate::finding::fixes::Change| {
            (self.reader.states.rooted(&change.new.path), change.new.text.to_string())
        };
        let elements: Vec<String> = groups.iter().flat_map(|group| group.elements.clone()).collect();
        Wanted {
            slug,
            files: groups.iter().flat_map(|group| &group.changes).map(file).collect(),
            executable: Vec::new(),
            title: title(&elements),
            body: body(groups, &elements),
            elements,
        }
    }
}

/// The branch of an element of its own, behind the prefix. No branch for drift has a dot in its first part.
fn own_slug(element: &str) -> String {
    format!("{TRACK}.each/{}", base::slug(element))
}

/// The elements of which it is not known whether they move, with the reason.
fn unsure(groups: &[Group], findings: &[Finding]) -> Waiting {
    let mut waiting = Waiting::new();
    let errors = |finding: &&Finding| finding.severity == Severity::Error;
    for finding in findings.iter().filter(errors) {
        waiting.extend(finding.element.clone().map(|element| (element, finding.message.clone())));
    }
    for group in groups {
        if let Some(error) = group.findings.iter().find(errors) {
            waiting.extend(group.elements.iter().map(|element| (element.clone(), error.message.clone())));
        }
    }
    waiting
}

fn title(elements: &[String]) -> String {
    let plain = |name: &str| name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect::<String>();
    match elements {
        [one] => format!("chore(deps): track {}", plain(one)),
        many => format!("chore(deps): track {} Rust elements", many.len()),
    }
}

/// A section for each element that moved.
fn body(groups: &[&Group], elements: &[String]) -> String {
    let mut out = String::from(
        "New versions of Rust elements: their refs and crate lists are what `bst source track` makes of them. The comment below says what \
         changes by that, and what is known of it.\n",
    );
    for (at, group) in groups.iter().enumerate() {
        if out.len() > BODY {
            out.push_str(&format!("\nand {} more\n", groups.len() - at));
            break;
        }
        let mut lines: Vec<String> = Vec::new();
        for (_, moved) in &group.moves {
            let from = moved.from.as_deref().map_or_else(|| "no ref".to_owned(), code);
            lines.push(format!(
                "{from} → {} of {}, tracked by {}",
                code(&moved.to),
                code(&moved.url),
                code(&moved.track)
            ));
        }
        for list in group.planned.iter().flat_map(|planned| &planned.group) {
            if let crate::cargo2::verify::Verdict::Drifted { drift, .. } = &list.verdict {
                lines.push(format!("crates: {}", text(&drift.summary())));
            }
        }
        lines.extend(group.findings.iter().map(|finding| text(&finding.message)));
        lines.dedup();
        out.push_str(&format!("\n### {}\n\n{}", code(&group.elements.join(", ")), list(&lines)));
    }
    let names = if elements.len() > 20 { String::new() } else { elements.join(" ") };
    out.push_str(&format!(
        "\nReproduce locally: {}\n\nA person has to approve it: see the check `cargo2 manual merge`. Close it, and leave its branch, to skip these \
         versions: it comes back with the next ones.\n",
        code(&format!("cargo2-bot track {names}"))
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_of_an_element_is_none_of_those_for_drift() {
        assert_eq!(own_slug("bluefin/a.bst"), "track.each/bluefin/a.bst");
        assert_ne!(own_slug("a.bst"), base::slug("track.each/a.bst"));
        assert_eq!(title(&["a\n.bst".to_owned()]), "chore(deps): track a .bst");
        assert_eq!(title(&["a".to_owned(), "b".to_owned()]), "chore(deps): track 2 Rust elements");
    }
}
