//! cargo2-bot: regenerates, verifies and guards the cargo2 source blocks of BuildStream projects.

pub mod world;
