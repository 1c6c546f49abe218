//! Whole runs of `review`, `plan` and `doctor` on checkouts: what a person sees, what is asked of the index, the exit code.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../src/io/archive/testing.rs"]
mod archives;
#[path = "review/asked.rs"]
mod asked;
#[path = "review/attacks.rs"]
mod attacks;
#[path = "review/checkout.rs"]
mod checkout;
#[path = "review/doctor.rs"]
mod doctor;
#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "review/forms.rs"]
mod forms;
#[path = "review/plain.rs"]
mod plain;
#[path = "review/revisions.rs"]
mod revisions;

mod support;
