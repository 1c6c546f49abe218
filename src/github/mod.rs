//! The bot on GitHub: what is known of a repository, and what is to be done, as values. Pure.
//!
//! ```text
//! event ─> scope ─> (world: pull requests) ─> hold ─> plan ─> (world: the only writer)
//! ```

pub mod facts;
pub mod plan;
