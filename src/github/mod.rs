//! The bot on GitHub: what is known of a repository, and what is to be done, as values. Pure.
//!
//! ```text
//! event ─> (pull requests) ─> content: scope, guard ─> approval, queue ─> decide ─> plan ─> (the only writer)
//! ```

pub(crate) mod ancestry;
pub(crate) mod approval;
pub(crate) mod around;
pub mod audit;
pub(crate) mod base;
pub(crate) mod branches;
pub mod checks;
pub(crate) mod content;
pub(crate) mod dashboard;
pub(crate) mod decide;
pub(crate) mod dependencies;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod guard;
pub mod ids;
pub(crate) mod owners;
pub mod plan;
pub(crate) mod promotion;
pub(crate) mod prow;
pub(crate) mod queue;
pub mod rules;
pub(crate) mod scope;
pub mod settings;
pub mod tree;

/// The marker by which the bot's comment is found again: an HTML comment at its beginning.
pub const MARKER: &str = "<!-- cargo2-bot -->";
