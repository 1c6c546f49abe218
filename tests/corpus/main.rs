//! Real elements, locks and bumps; skipped where the corpus is absent: `cargo test --test corpus lint::`.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

mod blocks;
mod changes;
mod lint;
mod review;
mod sources;
mod workflows;

#[path = "../support/mod.rs"]
mod support;
