//! Programs that nobody here wrote must agree; skipped where they are absent: `cargo test --test peers patch::`.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

mod archive;
mod emulator;
mod patch;
mod python;
mod sarif;
mod scaffold;
mod track;
mod yaml;

#[path = "../peer/mod.rs"]
mod peer;
#[path = "../support/mod.rs"]
mod support;
