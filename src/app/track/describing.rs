//! Refs that name the nearest tag: what has to be read of a repository for them, and no more.

use super::words::{HEADS, TAGS, failed};
use crate::bst::source::{commit_of, described};
use crate::bst::track::describe::{Commits, Missing, Tag, by_date, by_git, names};
use crate::bst::track::parts;
use crate::finding::Finding;
use crate::io::Workspace;
use crate::io::git::HistoryPart;
use crate::review::change_context::shown;
use std::collections::{BTreeMap, BTreeSet};

/// A request names no more tags than this as what it needs no history of.
const MOST_TAGS: usize = 256;

/// The repository of a source.
pub(super) struct Repository<'a> {
    pub workspace: &'a Workspace,
    pub url: &'a str,
}

/// The tag at the commit of a ref: the one that it names, or one of the list that leads to it.
pub(super) fn tip_tag<'a>(pinned: &'a str, list: &'a [(String, String)]) -> Option<&'a str> {
    if let Some((tag, _)) = described(pinned) {
        return Some(tag);
    }
    let (commit, _) = commit_of(pinned)?;
    list.iter().find_map(|(name, of)| name.strip_prefix(TAGS).filter(|_| *of == commit))
}

impl Repository<'_> {
    fn failed(&self, why: impl std::fmt::Display) -> Box<Finding> {
        failed(format!("{}: {why}", shown(self.url)))
    }

    async fn commits(&self, tips: &[String], part: HistoryPart<'_>) -> Result<Commits, Box<Finding>> {
        self.workspace.commits(self.url, tips, part).await.map_err(|why| self.failed(why))
    }

    /// Describes a commit as `git_repo` does. `before` is the tag that the ref names so far.
    ///
    /// Usually one request gives all commits since the newest tags. Where branches were merged, the dates of tags decide as
    /// well, and where that is not enough, all of the history.
    pub(super) async fn describe_by_date(&self, tip: &str, before: Option<&str>) -> Result<String, Box<Finding>> {
        let mut tags = self.workspace.tags(self.url).await.map_err(|why| self.failed(why))?;
        tags.sort_by(|one, other| one.name.cmp(&other.name));
        let named: BTreeMap<String, String> = tags.iter().map(|tag| (tag.commit.clone(), tag.name.clone())).collect();
        if named.is_empty() || named.contains_key(tip) {
            return Ok(named.get(tip).map_or_else(|| tip.to_owned(), |tag| format!("{tag}-0-g{tip}")));
        }
        let (tips, known) = (vec![tip.to_owned()], newest(&tags, before));
        let mut commits = self.commits(&tips, HistoryPart::Beyond(&known)).await?;
        for round in 0..3 {
            let Missing(ids) = match by_date(tip, &named, &commits) {
                Ok(text) => return Ok(text),
                Err(missing) => missing,
            };
            match round {
                0 => {
                    let ids: Vec<String> = ids.into_iter().collect();
                    commits.extend(self.commits(&ids, HistoryPart::Alone).await?);
                }
                _ => commits = self.commits(&tips, HistoryPart::Whole).await?,
            }
        }
        Err(self.failed("its history is cut off"))
    }

    /// Finds the tag by which git names a commit, among those that the filter takes, and the number of commits after it.
    pub(super) async fn git_describe(
        &self,
        tip: &str,
        filter: &(dyn Fn(&str) -> Option<bool> + Sync),
    ) -> Result<Option<(String, usize)>, Box<Finding>> {
        let all = self.workspace.tags(self.url).await.map_err(|why| self.failed(why))?;
        let mut tags = Vec::new();
        for tag in all {
            match filter(&tag.name) {
                Some(true) => tags.push(tag),
                Some(false) => {}
                None => {
                    return Err(self.failed("git reads one of the patterns of tags in a way that is not known here"));
                }
            }
        }
        let named = names(&tags);
        let commits = if named.is_empty() || named.contains_key(tip) {
            Commits::new()
        } else {
            self.commits(&[tip.to_owned()], HistoryPart::Whole).await?
        };
        if named.is_empty() {
            return Ok(None);
        }
        let found = by_git(tip, &named, &commits).map_err(|Missing(ids)| {
            self.failed(if ids.is_empty() { "its history is too wide" } else { "its history is cut off" })
        })?;
        let Some((tag, count)) = found else { return Ok(None) };
        let why = "two annotated tags lead to one commit, and only their dates say which one names it";
        let tag = tag.ok_or_else(|| self.failed(why))?;
        Ok(Some((tag.name.clone(), count)))
    }

    /// Finds the commit of a branch or tag as git does where both may be meant, and its full name.
    pub(super) async fn named(&self, name: &str) -> Result<(String, Option<String>), Box<Finding>> {
        if name.len() == 40 && commit_of(name).is_some() {
            return Ok((name.to_owned(), None));
        }
        let odd = |c: char| c.is_control() || " ~^:?*[\\{".contains(c);
        if name.starts_with('-') || name.contains(odd) || name.contains("..") || name.ends_with("HEAD") {
            return Err(self.failed(format!("{} is not the name of a branch or a tag", shown(name))));
        }
        let full = [name.to_owned(), format!("refs/{name}"), format!("{TAGS}{name}"), format!("{HEADS}{name}")];
        let full: Vec<String> =
            full.into_iter().filter(|name| name.starts_with(TAGS) || name.starts_with(HEADS)).collect();
        let refs = self.workspace.named_refs(self.url, &full).await.map_err(|why| self.failed(why))?;
        let found = full.into_iter().find_map(|name| Some((refs.commits.get(&name)?.clone(), Some(name))));
        found.ok_or_else(|| self.failed(format!("it has no branch or tag {}", shown(name))))
    }

    /// The ref that a `git_tag` source gets: of the latest commits of branches, or of their latest tags, the latest one.
    pub(super) async fn latest(
        &self,
        branches: impl Iterator<Item = &String>,
        by_tag: bool,
        filter: &(dyn Fn(&str) -> Option<bool> + Sync),
    ) -> Result<Option<String>, Box<Finding>> {
        let mut candidates: Vec<(String, String)> = Vec::new();
        for branch in branches {
            let (tip, _) = self.named(branch).await?;
            let described = self.git_describe(&tip, filter).await?;
            match described {
                Some((tag, _)) if by_tag => {
                    let (commit, _) = self.named(&format!("{TAGS}{tag}")).await?;
                    candidates.push((format!("{tag}-0-g{commit}"), commit));
                }
                None if by_tag => {}
                Some((tag, count)) => candidates.push((format!("{tag}-{count}-g{tip}"), tip)),
                None => candidates.push((tip.clone(), tip)),
            }
        }
        if candidates.len() < 2 {
            return Ok(candidates.pop().map(|(text, _)| text));
        }
        let tips: BTreeSet<String> = candidates.iter().map(|(_, commit)| commit.clone()).collect();
        let commits = self.commits(&tips.into_iter().collect::<Vec<_>>(), HistoryPart::Alone).await?;
        let mut best: Option<(String, String)> = None;
        for (text, commit) in candidates {
            // The plugin compares the dates as texts, and keeps the first of equal ones.
            let time = commits.get(&commit).ok_or_else(|| self.failed("its history is cut off"))?.time.to_string();
            if best.as_ref().is_none_or(|(latest, _)| *latest < time) {
                best = Some((time, text));
            }
        }
        Ok(best.map(|(_, text)| text))
    }
}

/// The commits of the newest tags by their names, and of the tag that was named before.
fn newest(tags: &[Tag], before: Option<&str>) -> Vec<String> {
    let mut sorted: Vec<&Tag> = tags.iter().collect();
    sorted.sort_by(|one, other| parts(&other.name).cmp(parts(&one.name)));
    let first = tags.iter().filter(|tag| before == Some(&tag.name));
    let commits: BTreeSet<&String> = first.chain(sorted.into_iter().take(MOST_TAGS)).map(|tag| &tag.commit).collect();
    commits.into_iter().cloned().collect()
}
