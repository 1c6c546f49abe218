//! The bot on GitHub: what is known of a repository, and what is to be done, as values. Pure.
//!
//! ```text
//! event ─> scope ─> (workspace: pull requests) ─> hold ─> decide ─> plan ─> (workspace: the only writer)
//! ```

pub mod base;
pub mod checks;
pub mod decide;
pub mod event;
pub mod facts;
pub mod hold;
pub mod ids;
pub mod owners;
pub mod plan;
pub mod settings;

/// How the bot's comment is found again: an HTML comment at its beginning.
pub const MARKER: &str = "<!-- cargo2-bot -->";
