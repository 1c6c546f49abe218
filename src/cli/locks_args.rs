//! Arguments that several commands share, and how pairs are written.

use clap::Args;

/// The source of locks.
#[derive(Args, Clone, Debug)]
pub struct Locks {
    /// Take an element's lock from this file, or from the folder with its sources.
    #[arg(long, value_name = "ELEMENT=PATH", value_parser = pair)]
    pub lock: Vec<(String, String)>,
    /// How many blocks to verify in parallel.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// The error for an argument that is no pair.
#[derive(Debug)]
pub(super) struct NoPair;

impl std::fmt::Display for NoPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this is written NAME=VALUE")
    }
}

impl std::error::Error for NoPair {}

/// `NAME=VALUE`, at the first `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), NoPair> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(NoPair),
    }
}
