//! Whether a pull request is held, from the content of what would be merged and from what people said about it.

use super::facts::Reader;
use super::judged::Judged;
use crate::finding::read::Read;
use crate::github::approval::{self, Hold, Pushers};
use crate::github::content::{Class, Content, ContentId, Decisive};
use crate::github::facts::{Comparison, PullRequest, Push};
use crate::github::ids::CommitId;
use crate::io::github::Permission;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most decisive paths that a reason names.
const SHOWN: usize = 3;

impl Reader {
    /// Whether the first of these pull requests is held; all of them have the same head and the same base. None where nothing
    /// of it decides.
    pub(super) async fn hold(&self, pulls: &[PullRequest], contents: &[Arc<Judged>]) -> anyhow::Result<Option<Hold>> {
        let (Some(pull), Some(own)) = (pulls.first(), contents.first()) else { return Ok(None) };
        let elsewhere = contents.iter().skip(1).find(|judged| !judged.content.is_harmless());
        if let Some(judged) = elsewhere {
            return Ok(Some(Hold::Held(format!(
                "its commit could also be merged into `{}`, where it is to be reviewed: {}",
                judged.content.branch.escape_debug(),
                reason(&judged.content)
            ))));
        }
        if own.content.is_harmless() {
            return Ok(None);
        }
        let Some(content) = own.content.id() else { return Ok(Some(Hold::Held(reason(&own.content)))) };
        if let Some(why) = self.late(&pull.head_sha) {
            return Ok(Some(Hold::Held(why)));
        }
        let reviewed = self.reviewed_contents(pulls, own).await;
        let pushes = self.pushes(pull).await;
        let pushed = approval::last_push(pull, &pushes);
        let pushers = self.pushers(pull, own, pushes).await?;
        // The configuration of the default branch says whose approvals count.
        let default = self.base_of(&self.overview.repository.default_branch).await?;
        let approvers = &default.workspace().config.approvers;
        let writers = self.writers(approval::people_to_look_up(pulls, approvers.prow)).await?;
        let facts = approval::Facts {
            pulls,
            commits: &own.comparison.commits,
            viewer: &self.overview.viewer,
            content: &content,
            reviewed: &reviewed,
            pushers: &pushers,
            pushed,
            approvers,
            writers: &writers,
        };
        let hold = match approval::evaluate(&facts) {
            Hold::Held(why) if approval::objection(&facts).is_none() => match self.promotion(pull, own).await? {
                Some(Ok(promotion)) => Hold::Promoted(promotion),
                Some(Err(unproven)) => Hold::Held(format!("{unproven}; {why}")),
                None => Hold::Held(why),
            },
            hold => hold,
        };
        Ok(Some(match hold {
            // Nobody expects a hold where no Rust element is: it says why.
            Hold::Held(why) if own.content.decisive.iter().all(|path| path.class == Class::Merges) => {
                Hold::Held(format!("{}; {why}", reason(&own.content)))
            }
            hold => hold,
        }))
    }

    /// The hold of a pull request, together with the other open ones that have its head: checks belong to a commit.
    pub(super) async fn shared_hold(
        &self,
        pull: &PullRequest,
        contents: &[Arc<Judged>],
        all: &[PullRequest],
    ) -> anyhow::Result<Option<Hold>> {
        let sharing = |o: &&PullRequest| o.open && o.number != pull.number && o.head_sha == pull.head_sha;
        let (others, elsewhere): (Vec<&PullRequest>, Vec<&PullRequest>) =
            all.iter().filter(sharing).partition(|other| other.base_ref == pull.base_ref);
        for other in elsewhere {
            let contents = self.contents(other).await?;
            if let Some(Hold::Held(why)) = self.hold(std::slice::from_ref(other), &contents).await? {
                return Ok(Some(Hold::Held(format!("#{} has the same head and is held: {why}", other.number))));
            }
        }
        let same: Vec<PullRequest> = std::iter::once(pull).chain(others).cloned().collect();
        self.hold(&same, contents).await
    }

    /// The content of each commit that was approved, merged into the same tip. One that cannot be computed approves nothing.
    async fn reviewed_contents(&self, pulls: &[PullRequest], own: &Judged) -> BTreeMap<CommitId, ContentId> {
        let mut known = BTreeMap::new();
        let branch = &own.content.branch;
        for commit in approval::reviewed_commits(pulls) {
            let judged = async { self.judged(&self.base_of(branch).await?, branch, &commit).await };
            match judged.await {
                Ok(judged) => known.extend(judged.content.id().map(|id| (commit, id))),
                Err(error) => tracing::debug!("the approval of {commit} does not count: {error:#}"),
            }
        }
        known
    }

    /// The pushes to the branch of a pull request.
    pub(super) async fn pushes(&self, pull: &PullRequest) -> Read<Vec<Push>> {
        let repository = pull.head_repository.as_deref().unwrap_or_default();
        self.github.pushes(repository, &pull.head_ref).await
    }

    /// Who pushed what a pull request would merge.
    pub(super) async fn pushers(
        &self,
        pull: &PullRequest,
        own: &Judged,
        pushes: Read<Vec<Push>>,
    ) -> anyhow::Result<Pushers> {
        let base = self.base_of(&pull.base_ref).await?;
        let Comparison { merge_base, commits, .. } = &own.comparison;
        let commits: BTreeSet<&CommitId> = commits.iter().map(|commit| &commit.sha).chain([&pull.head_sha]).collect();
        Ok(approval::pushers(pull, &self.request.repository, pushes, &[merge_base, &base.sha], &commits))
    }

    /// When GitHub got a pull request's head, in seconds since 1970. The dates of the commit itself are what its author wrote. None where
    /// GitHub does not say.
    pub(super) async fn pushed_at(&self, pull: &PullRequest) -> Option<i64> {
        let repository = pull.head_repository.as_deref()?;
        match self.github.pushes(repository, &pull.head_ref).await {
            Read::Known(pushes) => pushes.iter().filter(|push| push.after == pull.head_sha).map(|push| push.at.0).min(),
            Read::Absent => None,
            Read::Unreadable(why) => {
                tracing::debug!("#{}: when its head was pushed is not known: {why}", pull.number);
                None
            }
        }
    }

    /// Those of them who may push to the repository now.
    async fn writers(&self, logins: BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
        let logins: Vec<&str> = logins.iter().map(String::as_str).collect();
        let mut writers = BTreeSet::new();
        for (login, permission) in self.github.permissions(&logins).await {
            match permission.optional() {
                Ok(permission) if permission >= Some(Permission::Write) => {
                    writers.insert(login.to_ascii_lowercase());
                }
                Ok(_) => {}
                Err(why) => anyhow::bail!("the permission of {} could not be read: {why}", login.escape_debug()),
            }
        }
        Ok(writers)
    }
}

/// What of a content decides, in one line.
pub(super) fn reason(content: &Content) -> String {
    let Some(class) = content.class() else { return "nothing".into() };
    let strictest: Vec<_> = content.decisive.iter().filter(|path| path.class == class).collect();
    let name = |path: &&Decisive| match path.path.as_str() {
        "" => path.why.clone(),
        name => format!("`{}` ({})", name.escape_debug(), path.why),
    };
    let names: Vec<String> = strictest.iter().take(SHOWN).map(name).collect();
    let more = strictest.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{class}: {}{more}", names.join(", "))
}
