//! Everything that the bot would do, as a value. Publishing it takes no decision.

use super::facts::CheckRun;
use super::ids::{AnnotationLevel, CheckRunId, CommentId, CommitId, Conclusion, PullNumber, Reaction, StatusState};
use serde::Serialize;
use std::fmt;

/// The actions to carry out, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The actions.
    pub actions: Vec<Action>,
}

/// A commit that is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// This commit.
    Sha(CommitId),
    /// The commit that the plan's last [`Action::Commit`] makes.
    Committed,
}

/// One thing to do. Texts are final: limits are kept and outside text is escaped already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Commits to a branch.
    Commit(CommitFiles),
    /// Makes or moves a branch of the bot's own.
    Branch(WriteBranch),
    /// Opens a pull request.
    OpenPull(OpenPull),
    /// Changes a pull request of the bot's own.
    EditPull(EditPull),
    /// Closes a pull request of the bot's own and deletes its branch.
    ClosePull(ClosePull),
    /// Writes a check run.
    Check(WriteCheck),
    /// Writes a commit status, for tokens that may not write check runs.
    Status(WriteStatus),
    /// Writes the bot's comment.
    Comment(WriteComment),
    /// Deletes a comment of the bot's own that is there twice.
    DeleteComment(DeleteComment),
    /// Adds a label.
    Label(AddLabel),
    /// Requests reviews.
    #[serde(rename = "ask-review")]
    RequestReview(RequestReviews),
    /// Switches auto-merge off.
    AutoMergeOff(ChangePull),
    /// Takes the pull request out of the merge queue.
    Dequeue(ChangePull),
    /// Makes the pull request a draft.
    Draft(ChangePull),
    /// Answers a command with a reaction, once.
    React(React),
    /// Submits the crates of a branch to GitHub's dependency graph.
    SubmitDependencies(SubmitDependencies),
    /// Writes an issue of the bot's own.
    Issue(WriteIssue),
}

/// A commit on a branch, on top of the head that was planned from. Fails as moved when the head is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitFiles {
    /// The branch.
    pub branch: String,
    /// The head that was planned from.
    pub expected: CommitId,
    /// The first line of the message.
    pub headline: String,
    /// The rest of the message.
    pub body: String,
    /// Paths from the repository's root, and their new texts.
    pub files: Vec<(String, String)>,
    /// Those of these paths that are executable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub executable: Vec<String>,
}

/// A branch of the bot's own: one commit on `base`, and on `head` where it exists, with the tree of `base` and these
/// files. Made or moved without force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WriteBranch {
    /// The branch.
    pub branch: String,
    /// Its head now; None where it does not exist.
    pub head: Option<CommitId>,
    /// The commit whose tree is taken.
    pub base: CommitId,
    /// The message.
    pub message: String,
    /// Paths from the repository's root, and their new texts.
    pub files: Vec<(String, String)>,
    /// Those of these paths that are executable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub executable: Vec<String>,
}

/// A new pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenPull {
    /// The branch to merge.
    pub head: String,
    /// The branch to merge into.
    pub base: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its labels.
    pub labels: Vec<String>,
}

/// The new title and text of a pull request of the bot's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditPull {
    /// The pull request.
    pub number: PullNumber,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// A pull request of the bot's own that is no longer needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClosePull {
    /// The pull request.
    pub number: PullNumber,
    /// Its branch, which is deleted.
    pub branch: String,
    /// Why: written as a comment first, unless it is there already.
    pub comment: Option<String>,
}

/// A check run, new or the bot's own one on that commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct WriteCheck {
    /// The commit.
    pub at: At,
    /// The run to change; None makes a new one.
    pub id: Option<CheckRunId>,
    /// Its name.
    pub name: String,
    /// Its outcome.
    pub conclusion: Conclusion,
    /// Its title.
    pub title: String,
    /// Its summary: Markdown.
    pub summary: String,
    /// A fingerprint of all of it, to know it again.
    pub external_id: String,
    /// Lines of files.
    pub annotations: Vec<Annotation>,
}

impl WriteCheck {
    /// The check run that it makes.
    #[must_use]
    pub(crate) fn as_run(&self, id: CheckRunId, app: String) -> CheckRun {
        CheckRun {
            id,
            name: self.name.clone(),
            app,
            conclusion: Some(self.conclusion.clone()),
            title: self.title.clone(),
            summary: self.summary.clone(),
            external_id: self.external_id.clone(),
        }
    }
}

/// A commit status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WriteStatus {
    /// The commit.
    pub at: At,
    /// Its name.
    pub context: String,
    /// Its state.
    pub state: StatusState,
    /// One line, at most 140 characters.
    pub description: String,
}

/// The bot's comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WriteComment {
    /// The pull request.
    pub number: PullNumber,
    /// The comment to change; None makes a new one.
    pub id: Option<CommentId>,
    /// Its text.
    pub body: String,
}

/// A comment of the bot's own that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeleteComment {
    /// The comment.
    pub id: CommentId,
}

/// A label of a pull request. It is made first where the repository has none of that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddLabel {
    /// The pull request.
    pub number: PullNumber,
    /// The label.
    pub name: String,
    /// Six hex digits, for a new label.
    pub color: String,
    /// The description of a new label.
    pub description: String,
}

/// Those who are requested to review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestReviews {
    /// The pull request.
    pub number: PullNumber,
    /// People, by login.
    pub users: Vec<String>,
    /// Teams, by slug.
    pub teams: Vec<String>,
}

/// The pull request that a mutation of GraphQL changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ChangePull {
    /// The pull request.
    pub number: PullNumber,
    /// Its GraphQL id.
    pub node_id: String,
}

/// A reaction to a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct React {
    /// The comment.
    pub comment: CommentId,
    /// The reaction.
    pub content: Reaction,
}

/// The crates of a branch, for the dependency graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmitDependencies {
    /// The branch.
    pub branch: String,
    /// How many crates these are.
    pub crates: usize,
    /// The snapshot, as GitHub takes it, but for the time.
    pub snapshot: serde_json::Value,
}

/// An issue of the bot's own: its dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WriteIssue {
    /// The issue to change; None opens a new one.
    pub number: Option<PullNumber>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// A line of a file, in a check run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// The file, from the repository's root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Its level.
    pub level: AnnotationLevel,
    /// At most 255 characters.
    pub title: String,
    /// At most 64 KiB.
    pub message: String,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(a) => write!(f, "commit to {}: {} ({})", a.branch, a.headline, paths(&a.files)),
            Self::Branch(a) => {
                let what = if a.head.is_some() { "move" } else { "make" };
                write!(f, "{what} the branch {} ({})", a.branch, paths(&a.files))
            }
            Self::OpenPull(a) => write!(f, "open a pull request {} -> {}: {}", a.head, a.base, a.title),
            Self::EditPull(a) => write!(f, "edit #{}: {}", a.number, a.title),
            Self::ClosePull(a) => write!(f, "close #{} and delete {}", a.number, a.branch),
            Self::Check(a) => write!(f, "check `{}`: {}, {}", a.name, a.conclusion, a.title),
            Self::Status(a) => write!(f, "status `{}`: {}, {}", a.context, a.state, a.description),
            Self::Comment(a) if a.id.is_none() => write!(f, "comment on #{}", a.number),
            Self::Comment(a) => write!(f, "change the comment on #{}", a.number),
            Self::DeleteComment(a) => write!(f, "delete the comment {}, which is there twice", a.id),
            Self::Label(a) => write!(f, "label #{} `{}`", a.number, a.name),
            Self::RequestReview(a) => {
                let names: Vec<&str> = a.users.iter().chain(&a.teams).map(String::as_str).collect();
                write!(f, "request a review of #{}: {}", a.number, names.join(", "))
            }
            Self::AutoMergeOff(a) => write!(f, "switch auto-merge of #{} off", a.number),
            Self::Dequeue(a) => write!(f, "take #{} out of the merge queue", a.number),
            Self::Draft(a) => write!(f, "make #{} a draft", a.number),
            Self::React(a) => write!(f, "answer the command with {}", a.content),
            Self::SubmitDependencies(a) => {
                write!(f, "submit {} crates of {} to the dependency graph", a.crates, a.branch)
            }
            Self::Issue(a) => match a.number {
                Some(number) => write!(f, "change the issue #{number}: {}", a.title),
                None => write!(f, "open an issue: {}", a.title),
            },
        }
    }
}

/// The paths of files, one after the other.
fn paths(files: &[(String, String)]) -> String {
    files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_one_object_with_its_kind_in_front() {
        let check = Action::Check(WriteCheck {
            at: At::Committed,
            id: Some(CheckRunId(5)),
            name: "n".into(),
            conclusion: Conclusion::ActionRequired,
            title: "t".into(),
            summary: "s".into(),
            external_id: "e".into(),
            annotations: vec![Annotation {
                path: "p".into(),
                line: 1,
                level: AnnotationLevel::Failure,
                title: "t".into(),
                message: "m".into(),
            }],
        });
        assert_eq!(
            serde_json::to_string(&check).unwrap(),
            r#"{"do":"check","at":"committed","id":5,"name":"n","conclusion":"action_required","title":"t","summary":"s","external-id":"e","annotations":[{"path":"p","line":1,"level":"failure","title":"t","message":"m"}]}"#
        );
        let draft = Action::Draft(ChangePull { number: PullNumber(3), node_id: "P".into() });
        assert_eq!(serde_json::to_string(&draft).unwrap(), r#"{"do":"draft","number":3,"node-id":"P"}"#);
        let at = serde_json::to_string(&At::Sha(CommitId::default())).unwrap();
        assert_eq!(at, format!(r#"{{"sha":"{}"}}"#, "0".repeat(40)));
        assert_eq!(check.to_string(), "check `n`: action_required, t");
    }
}
