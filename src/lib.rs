//! cargo2-bot: regenerates, verifies and guards the cargo2 source blocks of BuildStream projects.
//!
//! The rooms of the house, from the top floor down; each imports only rooms below it:

pub mod app;
pub mod bst;
pub mod cargo2;
pub mod cli;
pub mod config;
mod encode;
pub mod finding;
#[doc(hidden)]
pub mod fuzzing;
pub mod github;
pub mod io;
pub mod lint;
pub mod registry;
pub mod report;
pub mod review;
pub(crate) mod shell;
pub mod text;
pub mod workflows;
pub mod yaml;
