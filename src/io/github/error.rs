//! What can go wrong with GitHub.

use std::fmt;

/// Why GitHub was not read or written. No text in it holds the token; what GitHub said is one line of bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitHubError {
    /// A branch is not where it was when the work was planned: plan again.
    Moved {
        /// The branch.
        branch: String,
        /// What GitHub said.
        why: String,
    },
    /// The token may not do this.
    Forbidden {
        /// What was to be done.
        what: String,
        /// The permission that it takes, as a workflow names it (`checks: write`), where that is known.
        permission: Option<String>,
        /// What GitHub said.
        why: String,
    },
    /// The token is not valid, or there is none.
    Unauthorized {
        /// What was to be done.
        what: String,
    },
    /// It is not there, or this token may not see it.
    NotFound {
        /// What was to be done.
        what: String,
    },
    /// A rate limit is used up, and waiting for it would take longer than the budget allows.
    Limited {
        /// What was to be done.
        what: String,
        /// When it may be tried again, in seconds since 1970 UTC.
        until: u64,
        /// How many seconds that was away.
        seconds: u64,
    },
    /// GitHub understood and refused, or failed for longer than the budget allows.
    Rejected {
        /// What was to be done.
        what: String,
        /// The HTTP status.
        status: u16,
        /// What GitHub said.
        message: String,
    },
    /// There was no answer.
    Unreachable {
        /// What was to be done.
        what: String,
        /// What the system says.
        why: String,
        /// Whether it was a write that may have happened all the same.
        perhaps_done: bool,
    },
    /// The answer is longer than is read.
    TooLarge {
        /// What was to be done.
        what: String,
        /// What to do instead.
        instead: String,
    },
    /// The answer is not what GitHub documents.
    Malformed {
        /// What was to be done.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The connection cannot be set up from what was given.
    Setup {
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for GitHubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { branch, why } => {
                write!(f, "the branch `{branch}` moved while the work was planned: plan again ({why})")
            }
            Self::Forbidden { what, permission: Some(permission), why } => {
                write!(f, "the token may not {what}: it needs `{permission}` ({why})")
            }
            Self::Forbidden { what, permission: None, why } => write!(f, "the token may not {what} ({why})"),
            Self::Unauthorized { what } => {
                write!(f, "GitHub does not accept the token, asked to {what}: give a valid one as `GITHUB_TOKEN`")
            }
            Self::NotFound { what } => {
                write!(f, "GitHub could not {what}: it is not there, or the token may not see it")
            }
            Self::Limited { what, seconds, .. } => write!(
                f,
                "GitHub's rate limit is used up, asked to {what}: run again in {seconds} s, or give a larger budget"
            ),
            Self::Rejected { what, status, message } => {
                write!(f, "GitHub refused to {what} with status {status}: {message}")
            }
            Self::Unreachable { what, why, perhaps_done: false } => {
                write!(f, "GitHub did not answer, asked to {what}: {why}")
            }
            Self::Unreachable { what, why, perhaps_done: true } => write!(
                f,
                "GitHub did not answer, asked to {what}: {why}; it may have happened, so it is not sent again: run again"
            ),
            Self::TooLarge { what, instead } => {
                write!(f, "GitHub's answer is longer than is read, asked to {what}: {instead}")
            }
            Self::Malformed { what, why } => {
                write!(f, "GitHub's answer is not understood, asked to {what}: {why}")
            }
            Self::Setup { why } => write!(f, "GitHub cannot be reached: {why}"),
        }
    }
}

impl std::error::Error for GitHubError {}

/// Outside text as one line of at most 300 characters, without the token.
pub(super) fn said(text: &str, token: Option<&str>) -> String {
    let text = match token {
        Some(token) if !token.is_empty() => text.replace(token, "***"),
        _ => text.to_owned(),
    };
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= 300 {
        return line;
    }
    let mut cut: String = line.chars().take(299).collect();
    cut.push('…');
    cut
}
