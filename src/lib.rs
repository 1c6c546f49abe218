//! cargo2-bot: regenerates, verifies and guards the cargo2 source blocks of BuildStream projects.
//!
//! ```text
//! discover ─> lock ─> block ─> drift ─> judge ─> edit ─> report
//! world:  ^files  ^upstream                      ^the only writer
//! ```
//! All modules but [`world`] are pure: text and values in, values out. [`pipeline`] shows the whole way on one screen.

pub mod block;
pub mod check;
pub mod cli;
pub mod config;
pub mod create;
pub mod discover;
pub mod drift;
pub mod edit;
pub mod element;
pub mod finding;
pub mod fixes;
pub mod generate;
pub mod github;
pub mod judge;
pub mod lint;
pub mod lock;
pub mod markdown;
pub mod matrix;
pub mod mend;
pub mod patch;
pub mod pipeline;
pub mod project;
pub mod report;
pub mod review;
pub mod rules;
pub mod scaffold;
pub mod source;
pub mod splice;
pub mod stale;
pub mod text;
pub mod track;
pub mod world;
pub mod yaml;
