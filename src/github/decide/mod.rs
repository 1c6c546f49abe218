//! The decision about one pull request. Everything is known here; nothing is read or written.

use super::MARKER;
use super::approval::Hold;
use super::audit;
use super::checks::{BLOCK, CheckOutput, HOLD, Outcome, Written};
use super::content::Content;
use super::facts::{Actor, Comment, Comparison, PullRequest};
use super::ids::PullNumber;
use super::owners::RequestedReviewers;
use super::plan::{
    Action, AddLabel, Annotation, At, ChangePull, CommitFiles, DeleteComment, RequestReviews, WriteComment,
};
use super::settings::{REQUESTED_BY, Settings};

/// The text before the names of those whose review was requested. Comments hold it already, so it stays as it is.
const REQUESTED: &str = "<!-- cargo2-bot requested: ";

/// The same, as version 0.1 wrote it.
const REQUESTED_0_1: &str = "<!-- cargo2-bot asked: ";

/// The note in a comment that the pull request could not be made a draft, so that it is tried again.
const NO_DRAFT: &str = "<!-- cargo2-bot draft: not yet -->";

/// The most names that are remembered, and the longest one: they are in a comment that may be full.
const NAMES: usize = 12;
const NAME: usize = 39;

/// The colour of a new label.
const COLOR: &str = "d93f0b";

/// The update of the drifted blocks of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlockUpdate {
    /// There is none.
    Nothing,
    /// A commit with these files: paths from the repository's root, and their texts.
    Commit(Vec<(String, String)>),
    /// The drift stays, and why.
    Left(String),
}

/// The facts that decide whether a branch is written to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch<'a> {
    /// The pull request.
    pub pull: &'a PullRequest,
    /// `owner/name`.
    pub repository: &'a str,
    /// Its commits.
    pub commits: &'a Comparison,
    /// Who the bot is.
    pub viewer: &'a Actor,
    /// Why nothing is written, if nothing is.
    pub read_only: Option<&'a str>,
    /// Whether somebody requested it, so that commits of people do not count.
    pub insist: bool,
    /// The default branch: it is never written to.
    pub default_branch: &'a str,
    /// Why a commit was refused, if it was.
    pub refused: Option<&'a str>,
}

/// Decides whether drifted blocks are updated on the branch.
#[must_use]
pub(crate) fn block_update(branch: &Branch<'_>, changes: Vec<(String, String)>) -> BlockUpdate {
    let Branch { pull, repository, commits, viewer, read_only, insist, default_branch, refused } = *branch;
    if changes.is_empty() {
        return BlockUpdate::Nothing;
    }
    let left = |why: String| BlockUpdate::Left(why);
    if let Some(why) = read_only.or(refused) {
        return left(why.to_owned());
    }
    if pull.head_ref == default_branch {
        return left("the branch is the default branch, which is written to by pull requests alone".into());
    }
    match &pull.head_repository {
        None => return left("the repository of the branch is gone".into()),
        Some(head) if head != repository => {
            return left(format!("the branch is in `{head}`; the bot cannot push to this fork"));
        }
        Some(_) => {}
    }
    if changes.iter().any(|(path, _)| path.starts_with(crate::workflows::WORKFLOWS)) {
        return left("workflow files are not written".into());
    }
    if insist {
        return BlockUpdate::Commit(changes);
    }
    let person = |c: &&super::facts::BranchCommit| !c.is_merge() && !c.author.bot && c.author.login != viewer.login;
    if let Some(commit) = commits.commits.iter().find(person) {
        return left(format!(
            "the branch has a commit by a person ({}); `/cargo2 regenerate` updates the block anyway",
            commit.sha.short()
        ));
    }
    if !commits.complete {
        return left(format!("the branch has {} commits, too many to know who wrote them", commits.ahead));
    }
    BlockUpdate::Commit(changes)
}

/// A pull request that changes Rust elements, and all that is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// The pull request.
    pub pull: &'a PullRequest,
    /// The Rust elements whose blocks are regenerated.
    pub regenerated: &'a [String],
    /// Whether it is held.
    pub hold: Hold,
    /// The id of its content, in full, where it has one.
    pub content: Option<String>,
    /// The update of its drifted blocks.
    pub update: BlockUpdate,
    /// The files of that update that are executable.
    pub executable: Vec<String>,
    /// Whether something of it could not be computed. The checks say why, and nobody is asked to review it yet.
    pub unknown: bool,
    /// Whether every block matches its `Cargo.lock`, or will.
    pub verified: bool,
    /// One line about the blocks.
    pub title: String,
    /// The summaries of the checks: Markdown, within GitHub's limit.
    pub summary: String,
    /// Lines of files, for the check of the blocks.
    pub annotations: Vec<Annotation>,
    /// The comment, with the marker at its beginning.
    pub comment: String,
    /// Who had the bot write to the branch, where somebody did.
    pub requested_by: Option<&'a str>,
    /// Who should look at it.
    pub reviewers: RequestedReviewers,
}

/// Plans the actions. The hold comes first, so that a crash leaves it held.
#[must_use]
pub(crate) fn actions(subject: &Subject<'_>, written: &Written<'_>, settings: &Settings) -> Vec<Action> {
    let pull = subject.pull;
    let mut actions = Vec::new();
    let held = matches!(subject.hold, Hold::Held(_));
    if held {
        actions.extend(disable_auto_merge(pull));
    }
    let at = match &subject.update {
        BlockUpdate::Commit(files) => {
            actions.push(Action::Commit(CommitFiles {
                branch: pull.head_ref.clone(),
                expected: pull.head_sha.clone(),
                headline: settings.headline(subject.regenerated),
                body: match subject.requested_by {
                    Some(login) => format!("{}\n\n{REQUESTED_BY}{login}", settings.body(subject.regenerated)),
                    None => settings.body(subject.regenerated),
                },
                files: files.clone(),
                executable: subject.executable.clone(),
            }));
            At::Committed
        }
        _ => At::Sha(pull.head_sha.clone()),
    };
    // A new head has no checks yet.
    let nothing = Written { checks: &[], statuses: &[], ..written.clone() };
    let written = if at == At::Committed { &nothing } else { written };
    actions.extend(hold_said(subject).actions(&at, written));
    actions.extend(block_said(subject).actions(&at, written));
    let known = own(&pull.comments, &written.viewer);
    // What was approved elsewhere is nothing that anybody has to be told of, or asked for.
    let promoted = matches!(subject.hold, Hold::Promoted(_));
    if (subject.unknown || promoted) && known.is_empty() {
        return actions;
    }
    if !promoted {
        actions.extend(review_requests(subject, known.first().copied(), settings, held));
    }
    let body = remembered(&subject.comment, &subject.reviewers, known.first().map_or("", |c| c.body.as_str()));
    actions.extend(comment(pull.number, &known, &body));
    actions
}

/// A pull request of which nothing decides: both checks say so, so that a branch rule can require them.
#[must_use]
pub(crate) fn harmless(pull: &PullRequest, content: &Content, written: &Written<'_>) -> Vec<Action> {
    let said = |name| CheckOutput {
        name,
        outcome: Outcome::Success,
        title: "no Rust element".into(),
        summary: format!(
            "{0} paths changed, {0} harmless: none is an input of an element with a cargo or cargo2 source, and none decides what \
             merges.",
            content.paths
        ),
        annotations: Vec::new(),
        content: None,
    };
    let at = At::Sha(pull.head_sha.clone());
    let checks = [HOLD, BLOCK].into_iter().flat_map(|name| said(name).actions(&at, written));
    let mut actions: Vec<Action> = checks.collect();
    // It was about a Rust element once: what the comment says is no longer so.
    let known = own(&pull.comments, &written.viewer);
    if !known.is_empty() {
        let body = format!("{MARKER}\nThis pull request no longer changes an element with a cargo2 source.\n");
        actions.extend(comment(pull.number, &known, &body));
    }
    actions
}

/// Keeps a held pull request from merging by itself: auto-merge off, out of the queue.
fn disable_auto_merge(pull: &PullRequest) -> Vec<Action> {
    let change = || ChangePull { number: pull.number, node_id: pull.node_id.clone() };
    let mut actions = Vec::new();
    if pull.auto_merge {
        actions.push(Action::AutoMergeOff(change()));
    }
    if pull.queued {
        actions.push(Action::Dequeue(change()));
    }
    actions
}

/// Returns the output of the hold check.
fn hold_said(subject: &Subject<'_>) -> CheckOutput {
    let (outcome, title) = match &subject.hold {
        Hold::Held(why) => (Outcome::ActionRequired, format!("held: {why}")),
        Hold::Released(by) => (Outcome::Success, format!("approved by {}", by.join(", "))),
        Hold::Promoted(promotion) => (Outcome::Success, promotion.to_string()),
    };
    let summary = audit::note(subject.pull, &subject.hold, subject.content.as_deref()) + &subject.summary;
    CheckOutput { name: HOLD, outcome, title, summary, annotations: Vec::new(), content: subject.content.clone() }
}

/// Returns the output of the block check.
fn block_said(subject: &Subject<'_>) -> CheckOutput {
    CheckOutput {
        name: BLOCK,
        outcome: if subject.verified { Outcome::Success } else { Outcome::Failure },
        title: subject.title.clone(),
        summary: subject.summary.clone(),
        annotations: subject.annotations.clone(),
        content: None,
    }
}

/// The label of held pull requests, where this one lacks it.
#[must_use]
pub(crate) fn missing_label(pull: &PullRequest, settings: &Settings) -> Option<Action> {
    let lacks =
        !settings.label.is_empty() && !pull.labels.iter().any(|label| label.eq_ignore_ascii_case(&settings.label));
    lacks.then(|| {
        Action::Label(AddLabel {
            number: pull.number,
            name: settings.label.clone(),
            color: COLOR.into(),
            description: "Changes crates of a Rust element: a person merges it".into(),
        })
    })
}

/// Label, reviewers, draft. Reviews are requested once, and it is made a draft once: whoever undoes that has decided. What failed is
/// tried again.
fn review_requests(subject: &Subject<'_>, comment: Option<&Comment>, settings: &Settings, held: bool) -> Vec<Action> {
    let pull = subject.pull;
    let number = pull.number;
    let mut actions = Vec::new();
    actions.extend(missing_label(pull, settings));
    let before = requested_before(comment.map_or("", |c| c.body.as_str()));
    let fresh = |name: &String, there: &[String]| {
        !before.contains(&name.as_str())
            && !there.iter().any(|t| t.eq_ignore_ascii_case(name))
            && !pull.reviews.iter().any(|r| r.author.login.eq_ignore_ascii_case(name))
    };
    let requested = reviewers(subject);
    let users: Vec<String> = requested.users.into_iter().filter(|u| fresh(u, &pull.requested_users)).collect();
    let teams: Vec<String> = requested.teams.into_iter().filter(|t| fresh(t, &pull.requested_teams)).collect();
    if held && !(users.is_empty() && teams.is_empty()) {
        actions.push(Action::RequestReview(RequestReviews { number, users, teams }));
    }
    if settings.draft && held && !pull.draft && comment.is_none_or(|comment| comment.body.contains(NO_DRAFT)) {
        actions.push(Action::Draft(ChangePull { number, node_id: pull.node_id.clone() }));
    }
    actions
}

/// Returns the reviewers without the author, for whom GitHub refuses the whole request.
fn reviewers(subject: &Subject<'_>) -> RequestedReviewers {
    let mut requested = subject.reviewers.clone();
    requested.users.retain(|user| !user.eq_ignore_ascii_case(&subject.pull.author.login));
    requested
}

/// Returns the names that the comment remembers.
fn requested_before(body: &str) -> Vec<&str> {
    let found = body.rsplit_once(REQUESTED).or_else(|| body.rsplit_once(REQUESTED_0_1));
    let Some((_, rest)) = found else { return Vec::new() };
    rest.split_once(" -->").map_or_else(Vec::new, |(names, _)| names.split(' ').collect())
}

/// The comment with the note that the pull request is no draft yet: that failed, and is tried again.
#[must_use]
pub(crate) fn without_draft(body: &str) -> String {
    format!("{}\n{NO_DRAFT}\n", body.trim_end())
}

/// The comment without the memory of these requests: they were refused, and are sent again.
#[must_use]
pub(crate) fn without_requests(body: &str, refused: &RequestReviews) -> String {
    let names = requested_before(body);
    let is_refused = |name: &&str| refused.users.iter().chain(&refused.teams).any(|refused| refused == name);
    if !names.iter().any(is_refused) {
        return body.to_owned();
    }
    let rest: Vec<&str> = names.into_iter().filter(|name| !is_refused(name)).collect();
    let text = body.rsplit_once(REQUESTED).map_or(body, |(text, _)| text);
    if rest.is_empty() { text.to_owned() } else { format!("{text}{REQUESTED}{} -->\n", rest.join(" ")) }
}

/// The comment with the names of all requested reviewers at its end.
fn remembered(body: &str, requested: &RequestedReviewers, old: &str) -> String {
    let simple = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let known = requested.users.iter().chain(&requested.teams).map(String::as_str);
    let mut names: Vec<&str> = known.filter(simple).filter(|name| name.len() <= NAME).take(NAMES).collect();
    names.extend(requested_before(old));
    names.sort_unstable();
    names.dedup();
    names.truncate(NAMES);
    if names.is_empty() {
        body.to_owned()
    } else {
        format!("{}\n{REQUESTED}{} -->\n", body.trim_end(), names.join(" "))
    }
}

/// The bot's own comments: by their marker and their author, so that nobody else's is touched.
fn own<'a>(comments: &'a [Comment], viewer: &Actor) -> Vec<&'a Comment> {
    let own = |c: &&Comment| c.author.login == viewer.login && c.body.trim_start().starts_with(MARKER);
    comments.iter().filter(own).collect()
}

/// One comment, changed only when its text does; those that are there twice go.
fn comment(number: PullNumber, known: &[&Comment], body: &str) -> Vec<Action> {
    let write = |id| Action::Comment(WriteComment { number, id, body: body.to_owned() });
    let Some((first, doubled)) = known.split_first() else { return vec![write(None)] };
    let same = normal(&first.body) == normal(body);
    let gone = doubled.iter().map(|c| Action::DeleteComment(DeleteComment { id: c.id }));
    (!same).then(|| write(Some(first.id))).into_iter().chain(gone).collect()
}

/// GitHub gives line ends back as it got them, but forms in the browser change them.
fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests;
