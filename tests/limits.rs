//! The limits of what one pull request may cost: its size, and its time. Up to a limit everything is judged; beyond it nothing
//! passes, the reason is said, and others are judged all the same.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test")]

#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "support/git_http.rs"]
mod git_http;
#[allow(dead_code, reason = "shared with the model")]
#[path = "model/safety.rs"]
mod safety;
mod scene;
#[path = "limits/sizes.rs"]
mod sizes;
mod support;
#[path = "limits/times.rs"]
mod times;
#[allow(dead_code, reason = "shared with the model")]
#[path = "model/world.rs"]
mod world;
