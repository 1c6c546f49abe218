//! Named attacks on the hold, one test each: what somebody does to get a Rust change merged that nobody approved, and that it
//! stays held; where it makes sense also that an approval releases it, so that holding everything would not do.
//!
//! | class | files |
//! | --- | --- |
//! | Rust elements that a reader might not see | `elements`, `places` |
//! | inputs and files that decide what merges | `inputs`, `merges`, `scripts`, `workflows` |
//! | reads that fail | `reads` |
//! | approvals of something else, or by somebody who may not | `approvals`, `comments`, `identities`, `prow`, `stacks` |
//! | promotions of what was not approved where they come from | `promotions` |
//! | facts that change before success is written | `moments` |
//! | what the bot itself writes | `writing` |
//! | the merge queue | `queue` |
//! | people without write permission | `outsiders`, `forks` |
//! | checks that somebody else wrote | `checks` |
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test")]

#[path = "attacks/approvals.rs"]
mod approvals;
#[path = "attacks/checks.rs"]
mod checks;
#[path = "attacks/comments.rs"]
mod comments;
#[path = "attacks/elements.rs"]
mod elements;
#[path = "attacks/forks.rs"]
mod forks;
#[path = "attacks/identities.rs"]
mod identities;
#[path = "attacks/inputs.rs"]
mod inputs;
#[path = "attacks/merges.rs"]
mod merges;
#[path = "attacks/moments.rs"]
mod moments;
#[path = "attacks/outsiders.rs"]
mod outsiders;
#[path = "attacks/places.rs"]
mod places;
#[path = "attacks/promotions.rs"]
mod promotions;
#[path = "attacks/prow.rs"]
mod prow;
#[path = "attacks/queue.rs"]
mod queue;
#[path = "attacks/reads.rs"]
mod reads;
#[path = "attacks/scripts.rs"]
mod scripts;
#[path = "attacks/stacks.rs"]
mod stacks;
#[path = "attacks/workflows.rs"]
mod workflows;
#[path = "attacks/writing.rs"]
mod writing;

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
