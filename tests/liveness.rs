//! The other direction: ordinary pull requests merge in the end, with the approvals that people would give, and at once where nothing in
//! them is Rust. A hold that never releases would be safe, and of no use.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "liveness/flows.rs"]
mod flows;
#[path = "liveness/harmless.rs"]
mod harmless;
#[path = "liveness/promotions.rs"]
mod promotions;
#[path = "liveness/row.rs"]
mod row;
#[path = "liveness/rust.rs"]
mod rust;
#[path = "liveness/weeks/mod.rs"]
mod weeks;

#[allow(dead_code, reason = "shared with the automations")]
#[path = "automations/bots.rs"]
mod bots;
#[allow(dead_code, reason = "shared with the automations")]
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
