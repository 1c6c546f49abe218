//! Whole runs of the program on projects that the tests make, and what the pages say: `cargo test --test it cli::`.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

mod action;
mod book;
mod check;
mod classify;
mod cli;
mod config_doc;
mod doctor;
mod generated_lock;
mod init;
mod limits_doc;
mod properties;
mod readme;
mod review;
mod review_render;
mod rules_doc;
mod shards;
mod subfolder;
mod track;
mod usage;

#[path = "../support/mod.rs"]
mod support;
