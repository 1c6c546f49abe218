//! What the comparisons with the real BuildStream share: local upstreams, throw-away projects, BuildStream itself, our
//! binary, and the ways in which a tracked block can be wrong.

// Each test binary uses a part of this.
#![allow(dead_code)]
// Tests read their switches from the environment and write their own fixtures.
#![allow(clippy::disallowed_methods)]

pub(crate) mod archive;
pub(crate) mod bst;
pub(crate) mod compare;
pub(crate) mod corpus;
pub(crate) mod damage;
#[path = "../support/git_http.rs"]
pub(crate) mod git_http;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod judge;
pub(crate) mod ours;
pub(crate) mod project;
pub(crate) mod upstream;
