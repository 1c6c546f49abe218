//! The interface between GitHub's runner and a step: variables of the environment and files.

use std::io::{Read as _, Write as _};
use std::path::Path;

use super::github::Token;

/// The variables of the environment. Empty values count as missing.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GITHUB_EVENT_NAME`.
    pub event: Option<String>,
    /// `GITHUB_EVENT_PATH`.
    pub payload: Option<String>,
    /// `GITHUB_REF`: the ref whose workflow runs.
    pub git_ref: Option<String>,
    /// `GITHUB_REPOSITORY`: `owner/name`.
    pub repository: Option<String>,
    /// `GITHUB_API_URL`.
    pub api: Option<String>,
    /// `GITHUB_GRAPHQL_URL`: on an Enterprise server it is not below the other.
    pub graphql: Option<String>,
    /// `GITHUB_SERVER_URL`.
    pub server: Option<String>,
    /// `GITHUB_OUTPUT`.
    pub output: Option<String>,
    /// `GITHUB_STEP_SUMMARY`.
    pub summary: Option<String>,
    /// `GITHUB_TOKEN`.
    pub token: Option<Token>,
}

impl Environment {
    /// Reads the environment with `get`.
    #[must_use]
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            event: get("GITHUB_EVENT_NAME"),
            payload: get("GITHUB_EVENT_PATH"),
            git_ref: get("GITHUB_REF"),
            repository: get("GITHUB_REPOSITORY"),
            api: get("GITHUB_API_URL"),
            graphql: get("GITHUB_GRAPHQL_URL"),
            server: get("GITHUB_SERVER_URL"),
            output: get("GITHUB_OUTPUT"),
            summary: get("GITHUB_STEP_SUMMARY"),
            token: get("GITHUB_TOKEN").and_then(|text| Token::new(&text)),
        }
    }
}

/// The maximum size of the file of an event, in bytes: GitHub sends at most 25 MB.
const MAX_PAYLOAD: u64 = 32 << 20;

/// The text of an event's file.
///
/// # Errors
/// When it is not there, too large or not UTF-8.
pub fn payload(path: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_PAYLOAD + 1).read_to_string(&mut text));
    let size = read.map_err(|e| anyhow::anyhow!("the event's file `{path}`: {e}"))?;
    anyhow::ensure!(size as u64 <= MAX_PAYLOAD, "the event's file `{path}` has more than {MAX_PAYLOAD} bytes");
    Ok(text)
}

/// Adds to a file that the runner reads.
///
/// # Errors
/// When it cannot be written.
pub fn append(path: &str, text: &str) -> anyhow::Result<()> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| anyhow::anyhow!("`{path}`: {e}"))
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    super::files::put(path, text).map_err(|e| anyhow::anyhow!("the report `{}` cannot be written: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_runner_keeps_what_was_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        append(path, "a=1\n").unwrap();
        append(path, "b=2\n").unwrap();
        assert_eq!(payload(path).unwrap(), "a=1\nb=2\n");
        assert!(payload("/nowhere/event.json").unwrap_err().to_string().contains("/nowhere/event.json"));
    }
}
