//! What merges pull requests in the projects of the corpus, re-enacted: none of it merges a Rust change that nobody approved, each
//! merges it once somebody did, and none is kept from merging what is harmless.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test")]

#[path = "automations/bots.rs"]
mod bots;
#[path = "automations/flows.rs"]
mod flows;
#[path = "automations/look.rs"]
mod look;

#[path = "fake_github/mod.rs"]
mod fake_github;
#[allow(dead_code, reason = "shared with the model")]
#[path = "model/safety.rs"]
mod safety;
mod scene;
mod support;
#[allow(dead_code, reason = "shared with the model")]
#[path = "model/world.rs"]
mod world;
