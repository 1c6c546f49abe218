//! The bot on GitHub: what is known of a repository, and what is to be done, as values. Pure.
//!
//! ```text
//! event ─> scope ─> (workspace: pull requests) ─> hold ─> decide ─> plan ─> (workspace: the only writer)
//! ```

pub(crate) mod base;
pub mod checks;
#[allow(dead_code, reason = "taken into use step by step")]
pub(crate) mod content;
pub(crate) mod decide;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod hold;
pub mod ids;
pub(crate) mod owners;
pub mod plan;
#[allow(dead_code, reason = "taken into use step by step")]
pub(crate) mod scope;
pub mod settings;
pub mod tree;

/// The marker by which the bot's comment is found again: an HTML comment at its beginning.
pub const MARKER: &str = "<!-- cargo2-bot -->";
