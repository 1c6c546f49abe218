//! Whole runs of `review`, `plan` and `doctor` on checkouts: what a person sees, what is asked of the index, the exit code.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../src/io/archive/testing.rs"]
mod archives;
mod asked;
mod attacks;
mod checkout;
mod deep;
mod doctor;
mod doctor_rules;
#[path = "../fake_github/mod.rs"]
mod fake_github;
mod forms;
#[path = "../support/git_http.rs"]
pub(crate) mod git_http;
mod plain;
mod refs;
mod revisions;

use crate::support;
