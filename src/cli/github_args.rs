//! The arguments of the commands that look at changes and at GitHub.

use crate::config::Date;
use clap::{ArgAction, Args, ValueEnum};
use std::path::PathBuf;

pub(super) const REVIEW_EXAMPLES: &str = "Examples:
  cargo2-bot review                                  the checkout against the branch that it will be merged into
  cargo2-bot review --base origin/main --head HEAD~1
  cargo2-bot review --format markdown --advisories ../advisory-db
  cargo2-bot review --deep=false bluefin/sudo-rs.bst leave out the archives of changed crates";

pub(super) const RUN_EXAMPLES: &str = "Examples:
  cargo2-bot run                          inside GitHub Actions: handle the event
  cargo2-bot run --dry-run                only print the plan
  cargo2-bot run --pull-request 12 --dry-run
Each option may also be given as an input of the action, of the same name.";

pub(super) const DOCTOR_EXAMPLES: &str = "Examples:
  cargo2-bot doctor                       what the bot sees of the checkout
  GITHUB_TOKEN=… GITHUB_REPOSITORY=owner/name cargo2-bot doctor";

/// Arguments of `review`.
#[derive(Args, Debug)]
pub struct Review {
    /// The elements, by the name that BuildStream uses; none for all that the change touches.
    #[arg(value_name = "ELEMENT")]
    pub elements: Vec<String>,
    /// The revision to compare with: the change is taken from its merge base with this. [default: the main branch]
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// The change. [default: the files of the checkout]
    #[arg(long, value_name = "REV")]
    pub head: Option<String>,
    /// Judge on this day, YYYY-MM-DD, whether a release is still too young. [default: now]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Date>,
    /// The sources of evidence.
    #[command(flatten)]
    pub evidence: Evidence,
    /// The source of locks.
    #[command(flatten)]
    pub locks: super::locks_args::Locks,
}

/// Reads a day.
fn day(text: &str) -> Result<Date, String> {
    Date::try_from(text.to_owned()).map_err(|why| why.to_string())
}

/// The sources of evidence.
#[derive(Args, Clone, Debug, Default)]
pub struct Evidence {
    /// Where advisories come from: `auto` asks RustSec and OSV, `none` leaves them out; or a folder with a checkout of the RustSec
    /// database or with records of OSV, or the address of a mirror.
    #[arg(long, value_name = "PLACE", default_value = "auto", env = "CARGO2_BOT_ADVISORIES", hide_env = true)]
    pub advisories: String,
    /// Look into the archives of changed crates. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true", hide_default_value = true, action = ArgAction::Set, env = "CARGO2_BOT_DEEP", hide_env = true)]
    pub deep: bool,
    /// Ask the registry who published crates that are new or have findings. [default: true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true", hide_default_value = true, action = ArgAction::Set, env = "CARGO2_BOT_PUBLISHERS", hide_env = true)]
    pub publishers: bool,
    /// The sparse index of crates, for a mirror. [default: that of crates.io]
    #[arg(long, value_name = "URL", env = "CARGO2_BOT_INDEX", hide_env = true)]
    pub index: Option<String>,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Only these elements, separated by commas or line ends.
    #[arg(long, value_name = "ELEMENTS", default_value = "")]
    pub element: String,
    /// Only this pull request.
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<u64>,
    /// Write nothing; print the plan.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set)]
    pub dry_run: bool,
    /// The label of pull requests that a person merges; `none` sets none.
    #[arg(long, default_value = "cargo2: manual merge")]
    pub label: String,
    /// The reviewers to request: `codeowners`, `none`, or logins and org/team, separated by commas.
    #[arg(long, default_value = "codeowners")]
    pub reviewers: String,
    /// Make held pull requests drafts, once.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set)]
    pub draft: bool,
    /// How to handle drift on the base branch.
    #[arg(long, value_enum, default_value_t = Base::PullRequest)]
    pub base: Base,
    /// The first line of commit messages; {elements} is replaced by the elements.
    #[arg(long, value_name = "TEXT", default_value = "chore(deps): regenerate the cargo2 block of {elements}")]
    pub commit_message: String,
    /// Lines at the end of commit messages.
    #[arg(long, value_name = "LINES", default_value = "")]
    pub commit_trailers: String,
    /// The check that validates the project, for the checklist.
    #[arg(long, value_name = "NAME", default_value = "validate")]
    pub validate_check: String,
    /// The check that builds the project, for the checklist.
    #[arg(long, value_name = "NAME", default_value = "build")]
    pub build_check: String,
    /// Whether findings of severity error make the run fail.
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Write the JSON report to this file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The sources of evidence.
    #[command(flatten)]
    pub evidence: Evidence,
}

/// How drift on the base branch is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Base {
    /// Open a pull request for each file that updates it.
    PullRequest,
    /// Only report it.
    Report,
}

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// On findings of severity error.
    Error,
    /// Only when the bot itself fails.
    Never,
}

/// The words of a list: separated by commas and white space.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split([',', '\n', ' ', '\t', '\r']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

impl Run {
    /// Returns the settings of the bot that the arguments name.
    #[must_use]
    pub fn settings(&self) -> crate::github::settings::Settings {
        use crate::github::settings::{Reviewers, Settings};
        let reviewers = match self.reviewers.trim() {
            "codeowners" => Reviewers::Codeowners,
            "none" => Reviewers::None,
            list => Reviewers::List(words(list)),
        };
        let lines = self.commit_trailers.lines().map(str::trim).filter(|line| !line.is_empty());
        Settings {
            label: if self.label.trim() == "none" { String::new() } else { self.label.trim().to_owned() },
            reviewers,
            draft: self.draft,
            update_base: self.base == Base::PullRequest,
            commit_message: self.commit_message.clone(),
            trailers: lines.map(str::to_owned).collect(),
            ..Settings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn settings_are_read_from_the_arguments() {
        use crate::github::settings::Reviewers;
        use clap::Parser as _;
        let cli = crate::cli::args::Cli::parse_from(["x", "run", "--reviewers=ann, o/team", "--label=none", "--draft"]);
        let crate::cli::args::Command::Run(run) = cli.command else { panic!() };
        let settings = run.settings();
        assert_eq!(settings.reviewers, Reviewers::List(vec!["ann".into(), "o/team".into()]));
        assert!(settings.label.is_empty() && settings.draft && settings.update_base);
    }
}
