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

/// `NAME=VALUE`, at the first `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("this is written NAME=VALUE".into()),
    }
}
