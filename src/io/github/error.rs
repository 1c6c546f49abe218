//! The errors of GitHub.

use std::fmt;

/// Why GitHub was not read or written. No text in it holds the token; what GitHub said is one line of bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitHubError {
    /// A branch is not where it was when the work was planned: plan again.
    Moved {
        /// The branch.
        branch: String,
        /// GitHub's message.
        why: String,
    },
    /// The token may not do this.
    Forbidden {
        /// The failed operation, as words after "to".
        what: String,
        /// The permission that it takes, as a workflow names it (`checks: write`), where that is known.
        permission: Option<String>,
        /// GitHub's message.
        why: String,
    },
    /// The token is not valid, or there is none.
    Unauthorized {
        /// The failed operation, as words after "to".
        what: String,
    },
    /// It is not there, or this token may not see it.
    NotFound {
        /// The failed operation, as words after "to".
        what: String,
    },
    /// A rate limit is used up, and waiting for it would take longer than the budget allows.
    Limited {
        /// The failed operation, as words after "to".
        what: String,
        /// When it may be tried again, in seconds since 1970 UTC.
        until: u64,
        /// The number of seconds until then.
        seconds: u64,
    },
    /// GitHub understood and refused, or failed for longer than the budget allows.
    Rejected {
        /// The failed operation, as words after "to".
        what: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's message.
        message: String,
    },
    /// There was no answer.
    Unreachable {
        /// The failed operation, as words after "to".
        what: String,
        /// The system's message.
        why: String,
        /// Whether it was a write that may have happened all the same.
        perhaps_done: bool,
    },
    /// The answer is longer than is read.
    TooLarge {
        /// The failed operation, as words after "to".
        what: String,
        /// The alternative.
        instead: String,
    },
    /// The answer is not what GitHub documents.
    Malformed {
        /// The failed operation, as words after "to".
        what: String,
        /// The problem with it.
        why: String,
    },
    /// The connection cannot be set up from what was given.
    Setup {
        /// The problem with it.
        why: String,
    },
}

impl GitHubError {
    /// Returns whether it says that this token lacks a permission: GitHub's words for that. A server between, or a rule of the
    /// organization, refuses in other words, and perhaps once.
    #[must_use]
    pub fn is_missing_permission(&self) -> bool {
        let words = |why: &str| why.contains("not accessible by") || why.contains("authenticate via a GitHub App");
        matches!(self, Self::Forbidden { why, .. } if words(why))
    }
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
                write!(f, "GitHub does not accept the token to {what}: give a valid one as `GITHUB_TOKEN`")
            }
            Self::NotFound { what } => {
                write!(f, "GitHub could not {what}: it is not there, or the token may not see it")
            }
            Self::Limited { what, seconds, .. } => write!(
                f,
                "GitHub's rate limit is used up; cannot {what}: run again in {seconds} s, or give a larger budget"
            ),
            Self::Rejected { what, status, message } => {
                write!(f, "GitHub refused to {what} with status {status}: {message}")
            }
            Self::Unreachable { what, why, perhaps_done: false } => {
                write!(f, "GitHub did not answer the request to {what}: {why}")
            }
            Self::Unreachable { what, why, perhaps_done: true } => write!(
                f,
                "GitHub did not answer the request to {what}: {why}; it may have happened, so it is not sent again: run again"
            ),
            Self::TooLarge { what, instead } => {
                write!(f, "GitHub's answer to the request to {what} is too long: {instead}")
            }
            Self::Malformed { what, why } => {
                write!(f, "GitHub's answer to the request to {what} is not understood: {why}")
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
