//! Whole runs of the program against a GitHub with state: what it leaves there, and that nothing else was sent.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "run/acceptance.rs"]
mod acceptance;
#[path = "run/adoption.rs"]
mod adoption;
#[path = "run/base.rs"]
mod base;
#[path = "run/dependencies.rs"]
mod dependencies;
#[path = "run/events.rs"]
mod events;
#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "support/git_http.rs"]
mod git_http;
#[path = "run/operations.rs"]
mod operations;
#[path = "run/pulls.rs"]
mod pulls;
#[path = "run/races.rs"]
mod races;
#[path = "run/refs.rs"]
mod refs;
#[path = "run/relay.rs"]
mod relay;
#[path = "run/tokens.rs"]
mod tokens;
#[path = "run/tracking.rs"]
mod tracking;
#[path = "run/world.rs"]
mod world;

mod support;
