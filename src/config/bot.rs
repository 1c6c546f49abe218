//! The settings of the bot on GitHub: what it writes, and whether it writes at all.

use super::Error;
use crate::bst::project::clean_path;
use crate::text::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the bot acts.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is written to GitHub: the step summary says what would be.
    Report,
    /// Checks, comments, commits and pull requests are written, and what changes a Rust element is held.
    #[default]
    Enforce,
}

/// How drift on the default branch is handled.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseDrift {
    /// A pull request for each file, at most `limit` of them open.
    #[default]
    PullRequest,
    /// One pull request for all files.
    Grouped,
    /// It is only reported.
    Report,
}

/// The settings of the bot on GitHub. Only the default branch's configuration decides them; an input of the action of the same
/// name wins.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct BotConfig {
    /// The label of pull requests that are held; `none` sets none. Default: `cargo2: manual merge`.
    pub label: Option<String>,
    /// Who is requested to review: `codeowners`, `none`, or logins and teams (`org/team`). Default: `codeowners`.
    pub reviewers: Option<Vec<String>>,
    /// Whether pull requests that are held are made drafts as well, once. Default: no.
    pub draft: Option<bool>,
    /// What is done about drift on the default branch. Default: `pull-request`.
    pub base: Option<BaseDrift>,
    /// How many pull requests about drift on the default branch may be open. Default: 2.
    pub limit: Option<u16>,
    /// Whether one issue says what waits: held pull requests, drift, exceptions. Default: no.
    pub dashboard: Option<bool>,
    /// Whether all crates of the default branch are submitted to GitHub's dependency graph. Default: no.
    pub submit_dependencies: Option<bool>,
    /// Whether the archives of changed crates are read. Default: yes.
    pub deep: Option<bool>,
    /// Where advisories come from: `auto` asks RustSec and OSV, `none` leaves them out; or a folder of the workspace with a checkout of
    /// the RustSec database or with records of OSV. Default: `auto`.
    pub advisories: Option<String>,
    /// Whether the registry is asked who published crates that are new or have findings. Default: yes.
    pub publishers: Option<bool>,
    /// The first line of the bot's commits; `{elements}` becomes the elements' names.
    pub commit_message: Option<String>,
    /// Trailers of the bot's commits, each as `Key: value`.
    pub commit_trailers: Option<Vec<String>>,
    /// The check that validates the project. Default: `validate`.
    pub validate_check: Option<String>,
    /// The check that builds the elements. Default: `build`.
    pub build_check: Option<String>,
}

/// Checks what the types cannot express.
pub(super) fn check(bot: &BotConfig, place: &dyn Fn(&str) -> Location) -> Result<(), Error> {
    let refused = |message: String, word: &str| Err(Error { message, location: place(word) });
    if let Some(path) = bot.advisories.as_ref().filter(|path| clean_path(path).is_none_or(|clean| clean != **path)) {
        return refused(format!("`{}` is not a folder below the workspace", path.escape_debug()), path);
    }
    let reviewers = bot.reviewers.as_deref().unwrap_or_default();
    if reviewers.len() > 1 && reviewers.iter().any(|name| matches!(name.as_str(), "codeowners" | "none")) {
        return refused("`codeowners` and `none` stand alone among the reviewers".into(), "reviewers");
    }
    let line = |text: &&String| text.trim().is_empty() || text.contains(|c: char| c.is_control());
    let texts = [&bot.label, &bot.commit_message, &bot.validate_check, &bot.build_check];
    let trailers = bot.commit_trailers.iter().flatten();
    if let Some(text) = texts.into_iter().flatten().chain(trailers).chain(reviewers).find(line) {
        return refused(
            format!("`{}` is not one line of text", text.escape_debug()),
            text.lines().next().unwrap_or(""),
        );
    }
    if bot.limit == Some(0) {
        return refused("`limit: 0` opens nothing: write `base: report`".into(), "limit");
    }
    Ok(())
}
