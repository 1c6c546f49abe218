//! The review for its readers: a comment, a step summary, check runs, a terminal, a program.
//!
//! ```text
//! Review + Frame ─> words (plain text, names between backticks) ─> markdown (comment, summary, check runs)
//!                                                               ├─> human
//!                └────────────────────────────────────────────────> json
//! ```
//! Stable: the same facts give the same bytes. Limits are met by leaving rows out and saying how many.

mod around;
mod besides;
mod bundle;
mod checks;
mod comment;
mod display_budget;
mod headline;
mod human;
mod items;
mod json;
mod known;
mod links;
mod proof;
mod rows;
mod scripts;
mod words;

pub use bundle::{Bundle, SKIP, Skip};
pub use checks::{CHECK_LIMIT, TITLE_LIMIT, annotations, check_summary, check_title, commands};
pub use comment::{COMMENT_LIMIT, SUMMARY_LIMIT, comment, summary};
pub use headline::{headline, verdict};
pub use human::human;
pub use json::{SCHEMA, json, schema};

/// The parts around a review on a pull request. All of it may be missing, for a review of a checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Whether the pull request waits for a human.
    pub hold: Option<Hold>,
    /// Why the pull request decides about more than Rust elements: sentences, the most important first. Code is between
    /// backticks. Everything here is escaped.
    pub reasons: Vec<String>,
    /// What is to be said where it is a bundle of a tracker.
    pub bundle: Option<Bundle>,
    /// The actions of the bot, done or refused: plain sentences. Code is between backticks.
    pub notes: Vec<String>,
    /// What of the pull request was looked at: plain sentences.
    pub looked: Vec<String>,
    /// Where things can be looked at.
    pub links: Links,
    /// Changes that the bot shows instead of making them: title and unified diff.
    pub patches: Vec<(String, String)>,
}

/// The state of the hold of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It waits.
    Held {
        /// For what: a lower-case fragment.
        why: String,
        /// The word that approves this content in a comment, where one can.
        approve: Option<String>,
    },
    /// Somebody approved this very content.
    Released {
        /// Who: logins.
        by: Vec<String>,
    },
    /// All that it brings was approved on another branch.
    Promoted {
        /// What it brings, and where it was approved: `promotes …`.
        what: String,
    },
    /// Nothing in it needs a human.
    NotNeeded,
}

/// A page that renders the difference of two versions of a crate.
pub const CRATE_DIFF: &str = "https://diff.rs/{name}/{old}/{new}";

/// The product's documentation. Empty until it is published somewhere.
pub const DOCS: &str = env!("CARGO_PKG_HOMEPAGE");

/// Where things can be looked at. What is missing or malformed is not linked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The forge's own address, as `https://github.com`.
    pub server: Option<String>,
    /// `owner/name`.
    pub repository: Option<String>,
    /// The commit whose files are linked.
    pub head: Option<String>,
    /// The page of a crate's version: an address with `{name}` and `{version}`. Empty for none.
    pub crate_page: String,
    /// The rendered difference of two versions of a crate: an address with `{name}`, `{old}` and `{new}`. Empty for none.
    pub crate_diff: String,
    /// The address of the product's documentation, where it has one: rules and the page for reviewers are below it.
    pub docs: String,
    /// The project's folder below the repository's root: empty, or without slashes at both ends.
    pub prefix: String,
}
