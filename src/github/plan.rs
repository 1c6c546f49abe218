//! Everything that the bot would do, as a value. Publishing it takes no decision.

use serde::Serialize;

/// What is to be done, in this order.
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
    Sha(String),
    /// The commit that the plan's last [`Action::Commit`] makes.
    Committed,
}

/// One thing to do. Texts are final: limits are kept and outside text is escaped already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Action {
    /// A commit on a branch, on top of the head that was planned from. Fails as moved when the head is another.
    Commit {
        /// The branch.
        branch: String,
        /// The head that was planned from.
        expected: String,
        /// The first line of the message.
        headline: String,
        /// The rest of the message.
        body: String,
        /// Paths from the repository's root, and their new texts.
        files: Vec<(String, String)>,
    },
    /// A branch of the bot's own: one commit with parents `parents`, the tree of `base` and these files. Made or moved without force.
    Branch {
        /// The branch.
        branch: String,
        /// Its head now; None where it does not exist.
        head: Option<String>,
        /// The commit whose tree is taken.
        base: String,
        /// The message.
        message: String,
        /// Paths from the repository's root, and their new texts.
        files: Vec<(String, String)>,
    },
    /// Opens a pull request.
    OpenPull {
        /// The branch to merge.
        head: String,
        /// The branch to merge into.
        base: String,
        /// Its title.
        title: String,
        /// Its text.
        body: String,
        /// Its labels.
        labels: Vec<String>,
    },
    /// Changes the title or text of a pull request of the bot's own.
    EditPull {
        /// The pull request.
        number: u64,
        /// Its title.
        title: String,
        /// Its text.
        body: String,
    },
    /// Closes a pull request of the bot's own and deletes its branch.
    ClosePull {
        /// The pull request.
        number: u64,
        /// Its branch.
        branch: String,
        /// Why: written as a comment first.
        comment: String,
    },
    /// Writes a check run, or changes the bot's own one on that commit.
    Check {
        /// The commit.
        at: At,
        /// The run to change; None makes a new one.
        id: Option<u64>,
        /// Its name.
        name: String,
        /// `success`, `failure`, `action_required`, `neutral`.
        conclusion: String,
        /// Its title.
        title: String,
        /// Its summary: Markdown.
        summary: String,
        /// A fingerprint of all of it, to know it again.
        external_id: String,
        /// Lines of files.
        annotations: Vec<Annotation>,
    },
    /// Writes a commit status, for tokens that may not write check runs.
    Status {
        /// The commit.
        at: At,
        /// Its name.
        context: String,
        /// `success`, `failure` or `pending`.
        state: String,
        /// One line, at most 140 characters.
        description: String,
    },
    /// Writes the bot's comment, or changes it.
    Comment {
        /// The pull request.
        number: u64,
        /// The comment to change; None makes a new one.
        id: Option<u64>,
        /// Its text.
        body: String,
    },
    /// Deletes a comment of the bot's own that is there twice.
    DeleteComment {
        /// The comment.
        id: u64,
    },
    /// Adds a label, and makes it first where the repository has none of that name.
    Label {
        /// The pull request.
        number: u64,
        /// The label.
        name: String,
        /// Six hex digits, for a new label.
        color: String,
        /// What a new label is for.
        description: String,
    },
    /// Asks for reviews.
    AskReview {
        /// The pull request.
        number: u64,
        /// People, by login.
        users: Vec<String>,
        /// Teams, by slug.
        teams: Vec<String>,
    },
    /// Switches auto-merge off.
    AutoMergeOff {
        /// The pull request.
        number: u64,
        /// Its GraphQL id.
        node_id: String,
    },
    /// Takes the pull request out of the merge queue.
    Dequeue {
        /// The pull request.
        number: u64,
        /// Its GraphQL id.
        node_id: String,
    },
    /// Makes the pull request a draft.
    Draft {
        /// The pull request.
        number: u64,
        /// Its GraphQL id.
        node_id: String,
    },
    /// Answers a command with a reaction, once.
    React {
        /// The comment.
        comment: u64,
        /// `+1`, `confused`, `eyes`.
        content: String,
    },
}

/// A line of a file, in a check run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Annotation {
    /// The file, from the repository's root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// `notice`, `warning` or `failure`.
    pub level: String,
    /// At most 255 characters.
    pub title: String,
    /// At most 64 KiB.
    pub message: String,
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files = |files: &[(String, String)]| files.iter().map(|(p, _)| p.as_str()).collect::<Vec<_>>().join(", ");
        match self {
            Self::Commit { branch, headline, files: all, .. } => {
                write!(f, "commit to {branch}: {headline} ({})", files(all))
            }
            Self::Branch { branch, head, files: all, .. } => {
                let what = if head.is_some() { "move" } else { "make" };
                write!(f, "{what} the branch {branch} ({})", files(all))
            }
            Self::OpenPull { head, base, title, .. } => write!(f, "open a pull request {head} -> {base}: {title}"),
            Self::EditPull { number, title, .. } => write!(f, "edit #{number}: {title}"),
            Self::ClosePull { number, branch, .. } => write!(f, "close #{number} and delete {branch}"),
            Self::Check { name, conclusion, title, .. } => write!(f, "check `{name}`: {conclusion}, {title}"),
            Self::Status { context, state, description, .. } => write!(f, "status `{context}`: {state}, {description}"),
            Self::Comment { number, id: None, .. } => write!(f, "comment on #{number}"),
            Self::Comment { number, .. } => write!(f, "change the comment on #{number}"),
            Self::DeleteComment { id } => write!(f, "delete the comment {id}, which is there twice"),
            Self::Label { number, name, .. } => write!(f, "label #{number} `{name}`"),
            Self::AskReview { number, users, teams } => {
                write!(
                    f,
                    "ask for a review of #{number}: {}",
                    users.iter().chain(teams).cloned().collect::<Vec<_>>().join(", ")
                )
            }
            Self::AutoMergeOff { number, .. } => write!(f, "switch auto-merge of #{number} off"),
            Self::Dequeue { number, .. } => write!(f, "take #{number} out of the merge queue"),
            Self::Draft { number, .. } => write!(f, "make #{number} a draft"),
            Self::React { content, .. } => write!(f, "answer the command with {content}"),
        }
    }
}
