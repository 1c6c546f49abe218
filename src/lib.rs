//! cargo2-bot: regenerates, verifies and guards the cargo2 source blocks of BuildStream projects.
pub mod text;
pub mod finding;
pub mod rules;
pub mod yaml;
pub mod lock;
pub mod block;
pub mod drift;
pub mod edit;
pub mod project;
