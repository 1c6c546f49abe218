//! The arguments of the commands that look at changes and at GitHub.

use crate::config::{BaseDrift, BotConfig, Date};
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

pub(super) const AUDIT_EXAMPLES: &str = "Examples:
  GITHUB_TOKEN=… GITHUB_REPOSITORY=owner/name cargo2-bot audit
  … cargo2-bot audit --last 1000 --format json";

/// Arguments of `audit`.
#[derive(Args, Debug)]
pub struct Audit {
    /// How many pull requests to look at, those that changed last; rounded up to fifty.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub last: usize,
}

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
    /// database or with records of OSV, or the address of a mirror. [default: the configuration's, else auto]
    #[arg(long, value_name = "PLACE", env = "CARGO2_BOT_ADVISORIES", hide_env = true)]
    pub advisories: Option<String>,
    /// Look into the archives of changed crates. [default: the configuration's, else true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", env = "CARGO2_BOT_DEEP", hide_env = true)]
    pub deep: Option<bool>,
    /// Ask the registry who published crates that are new or have findings. [default: the configuration's, else true]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", env = "CARGO2_BOT_PUBLISHERS", hide_env = true)]
    pub publishers: Option<bool>,
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
    /// The label of pull requests that a person merges; `none` sets none. [default: the configuration's, else `cargo2: manual merge`]
    #[arg(long)]
    pub label: Option<String>,
    /// The reviewers to request: `codeowners`, `none`, or logins and org/team, separated by commas. [default: the configuration's,
    /// else `codeowners`]
    #[arg(long)]
    pub reviewers: Option<String>,
    /// Make held pull requests drafts, once.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub draft: Option<bool>,
    /// How to handle drift on the base branch. [default: the configuration's, else `pull-request`]
    #[arg(long, value_enum)]
    pub base: Option<Base>,
    /// Submit the crates of the default branch to GitHub's dependency graph. [default: the configuration's, else false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub submit_dependencies: Option<bool>,
    /// The first line of commit messages; {elements} is replaced by the elements.
    #[arg(long, value_name = "TEXT")]
    pub commit_message: Option<String>,
    /// Lines at the end of commit messages.
    #[arg(long, value_name = "LINES")]
    pub commit_trailers: Option<String>,
    /// The check that validates the project, for the checklist. [default: the configuration's, else `validate`]
    #[arg(long, value_name = "NAME")]
    pub validate_check: Option<String>,
    /// The check that builds the project, for the checklist. [default: the configuration's, else `build`]
    #[arg(long, value_name = "NAME")]
    pub build_check: Option<String>,
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
    /// Open a pull request for each file that updates it, a few at a time.
    PullRequest,
    /// Open one pull request for all files.
    Grouped,
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
    /// What the arguments say about the settings of the bot. It wins over the configuration.
    #[must_use]
    pub fn inputs(&self) -> BotConfig {
        let base = |base| match base {
            Base::PullRequest => BaseDrift::PullRequest,
            Base::Grouped => BaseDrift::Grouped,
            Base::Report => BaseDrift::Report,
        };
        let lines = |text: &String| text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
        BotConfig {
            label: self.label.clone(),
            reviewers: self.reviewers.as_deref().map(words),
            draft: self.draft,
            base: self.base.map(base),
            deep: self.evidence.deep,
            submit_dependencies: self.submit_dependencies,
            commit_message: self.commit_message.clone(),
            commit_trailers: self.commit_trailers.as_ref().map(lines),
            validate_check: self.validate_check.clone(),
            build_check: self.build_check.clone(),
            ..BotConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_say_what_was_given_and_nothing_else() {
        use crate::github::settings::{Reviewers, Settings};
        use clap::Parser as _;
        let read = |args: &[&str]| {
            let cli = crate::cli::args::Cli::parse_from([&["x", "run"], args].concat());
            let crate::cli::args::Command::Run(run) = cli.command else { panic!() };
            run.inputs()
        };
        assert_eq!(read(&[]), super::BotConfig::default());
        let mut settings = Settings::default();
        settings.take(&read(&["--reviewers=ann, o/team", "--label=none", "--draft", "--base=grouped"]));
        assert_eq!(settings.reviewers, Reviewers::List(vec!["ann".into(), "o/team".into()]));
        assert!(settings.label.is_empty() && settings.draft && settings.base == crate::config::BaseDrift::Grouped);
        settings.take(&read(&["--reviewers=none", "--draft=false"]));
        assert!(settings.reviewers == Reviewers::None && !settings.draft && settings.label.is_empty());
    }
}
