//! The command line, as values.

use super::github_args;
pub use super::github_args::{Audit, Base, Evidence, FailOn, Review, Run, words};
pub use super::locks_args::Locks;
use super::locks_args::pair;

use crate::cargo2::block::Layout;
use crate::cargo2::shards::{self, Shard};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::sync::LazyLock;

const EXIT_CODES: &str = "Exit codes:
  0  nothing to do, or everything fixed
  1  the bot itself failed
  2  bad usage or configuration
  3  findings of severity error (drift under --check is one)";

const REGENERATE_EXAMPLES: &str = "Examples:
  cargo2-bot regenerate                              update every Rust element of the project here
  cargo2-bot regenerate --check bluefin/sudo-rs.bst  only look; exit 3 on drift
  cargo2-bot regenerate --alias github=file:///srv/git/ --offline
  cargo2-bot regenerate --lock bluefin/foo.bst=../foo/Cargo.lock bluefin/foo.bst";

const TRACK_EXAMPLES: &str = "Examples:
  cargo2-bot track                              all Rust elements of the project here
  cargo2-bot track --check bluefin/sudo-rs.bst  only say what would move; exit 3 where something would
  cargo2-bot track --as-buildstream             take pre-releases and moved tags as BuildStream does";

const NEW_EXAMPLES: &str = "Examples:
  cargo2-bot new bluefin/foo.bst --url github:owner/foo.git --track 'v*'
  cargo2-bot new bluefin/food.bst --url github:owner/food.git --track main --bin food --service";

const CHECK_EXAMPLES: &str = "Examples:
  cargo2-bot check                       what is wrong, by file and line
  cargo2-bot check bluefin/sudo-rs.bst   only this element
  cargo2-bot check --fix --dry-run       what would be fixed, as a diff
  cargo2-bot check --fix                 fix it
  cargo2-bot check --fix=tracker         also add elements to the tracker that it does not name
  cargo2-bot check --format sarif        for code scanning
  cargo2-bot explain matrix-rust-auto-merge";

const INIT_EXAMPLES: &str = "Examples:
  cargo2-bot init --dry-run              what would be written, as a diff
  cargo2-bot init                        write the workflows and the configuration
  cargo2-bot init --app                  for an App of the bot's own
  cargo2-bot init --update               bring workflows that were written before up to date
  cargo2-bot init --ruleset=APP_ID       only print the ruleset that requires the checks";

const GENERATE_EXAMPLES: &str = "Examples:
  cargo2-bot generate Cargo.lock
  cargo2-bot generate Cargo.lock --git-mirror https://github.com/=github:
  cargo2-bot generate Cargo.lock --layout per-crate --crates-url https://crates.example/crates/
  git show v1.2:Cargo.lock | cargo2-bot generate -";

/// The version, with the commit where the build named it.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let commit = option_env!("CARGO2_BOT_COMMIT").filter(|commit| !commit.is_empty());
        let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
        format!("{}{commit}", env!("CARGO_PKG_VERSION"))
    });
    &VERSION
}

/// Regenerates, verifies and guards the cargo2 blocks of BuildStream projects.
#[derive(Debug, Parser)]
#[command(name = "cargo2-bot", version = version(), max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The options that all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// The options that all commands share.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The folder with project.conf, or one below it.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
    /// URL for a source alias; wins over project.conf. The URL may be local: file:///… or a folder.
    #[arg(long, global = true, value_name = "NAME=URL", value_parser = pair)]
    pub alias: Vec<(String, String)>,
    /// How to write the report.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Fetch nothing: use the cache and the checkout alone.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Where fetched files are kept; `none` keeps nothing. [default: cargo2-bot in the user's cache folder]
    #[arg(long, global = true, value_name = "DIR", env = "CARGO2_BOT_CACHE")]
    pub cache: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Show no progress, and say nothing but results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is looked at and what is done; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show on an example project, offline, how drift is found, explained and fixed.
    Demo,
    /// Set the bot up in this checkout: its workflows and its configuration, which at first only reports.
    #[command(after_help = INIT_EXAMPLES)]
    Init(Init),
    /// Print the block for a Cargo.lock.
    #[command(after_help = GENERATE_EXAMPLES)]
    Generate(Generate),
    /// Regenerate the cargo2 blocks of the checkout from the upstream locks.
    #[command(after_help = REGENERATE_EXAMPLES)]
    Regenerate(Regenerate),
    /// Move the refs of Rust elements as `bst source track` does, and regenerate their blocks.
    #[command(after_help = TRACK_EXAMPLES)]
    Track(Track),
    /// Check the tracker's matrix, how the Rust elements are built, and their blocks.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Write a new Rust element, and add it to the stack and to the tracker.
    #[command(after_help = NEW_EXAMPLES)]
    New(New),
    /// Print the report that a reviewer of the change would get, without GitHub.
    #[command(after_help = github_args::REVIEW_EXAMPLES)]
    Review(Review),
    /// Handle the event inside GitHub Actions.
    #[command(after_help = github_args::RUN_EXAMPLES)]
    Run(Run),
    /// Diagnose the setup: what the bot sees here, and how to fix what keeps it from working.
    #[command(after_help = github_args::DOCTOR_EXAMPLES)]
    Doctor(Doctor),
    /// Print the Rust elements as the matrix of a workflow's job.
    Plan(Plan),
    /// List what the hold came to at each commit, as GitHub keeps it: who released what, and when.
    #[command(after_help = github_args::AUDIT_EXAMPLES)]
    Audit(Audit),
    /// List the rules.
    Rules,
    /// Explain a rule and how to fix its findings.
    Explain(Explain),
    /// Print the completions for a shell.
    Completions(Completions),
    /// Print the manual page, or write those of all commands to a folder.
    Man(Man),
}

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Write nothing; show the files as a diff.
    #[arg(long)]
    pub dry_run: bool,
    /// Bring workflows that were written before up to date. The configuration stays as it is.
    #[arg(long)]
    pub update: bool,
    /// Give the bot an App of its own, whose key only the default branch gets: a hold that binds.
    #[arg(long)]
    pub app: bool,
    /// Name the action and its pin instead of this release's: owner/cargo2-bot@COMMIT.
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only print the ruleset that requires the checks, for `gh api`; those of the App with this id, else of GitHub Actions.
    #[arg(long, value_name = "APP_ID", num_args = 0..=1, require_equals = true, conflicts_with_all = ["update", "app", "dry_run"])]
    pub ruleset: Option<Option<u64>>,
}

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Put right what is a file, and show the changes.
    #[arg(long)]
    pub fix: bool,
}

/// Arguments of `generate`.
#[derive(Args, Debug)]
pub struct Generate {
    /// The lock; `-` reads standard input.
    #[arg(value_name = "CARGO.LOCK")]
    pub lock: PathBuf,
    /// How to write the block.
    #[arg(long, value_enum, default_value_t = LayoutArg::List)]
    pub layout: LayoutArg,
    /// Replacement for the beginning of a git URL.
    #[arg(long, value_name = "PREFIX=VALUE", value_parser = pair)]
    pub git_mirror: Vec<(String, String)>,
    /// For the layout per-crate: the base URL of the crates.
    #[arg(long, value_name = "URL", default_value = "crates:crates/")]
    pub crates_url: String,
}

/// Arguments of `regenerate`.
#[derive(Args, Debug)]
pub struct Regenerate {
    /// The elements, by the name that BuildStream uses or by their path; none for all.
    #[arg(value_name = "ELEMENT")]
    pub elements: Vec<String>,
    /// Only look: write nothing, and end with exit code 3 on drift.
    #[arg(long)]
    pub check: bool,
    /// Only the elements of this part of the project, as `plan --shards N` makes it.
    #[arg(long, value_name = "K/N", conflicts_with = "elements")]
    pub shard: Option<Shard>,
    /// The source of locks.
    #[command(flatten)]
    pub locks: Locks,
}

/// Arguments of `track`.
#[derive(Args, Debug)]
pub struct Track {
    /// The elements, by the name that BuildStream uses or by their path; none for all.
    #[arg(value_name = "ELEMENT")]
    pub elements: Vec<String>,
    /// Only say what would move: write nothing, and end with exit code 3 where something would.
    #[arg(long)]
    pub check: bool,
    /// Take what BuildStream would take: pre-releases without being asked, and tags that name another commit by now.
    #[arg(long)]
    pub as_buildstream: bool,
    /// How many elements to look at in parallel.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// Arguments of `plan`.
#[derive(Args, Debug)]
pub struct Plan {
    /// A row for each of N parts with about the same number of crates, instead of one for each element.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=shards::MOST as i64))]
    pub shards: Option<u16>,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// The elements, by the name that BuildStream uses or by their path; none for all.
    #[arg(value_name = "ELEMENT")]
    pub elements: Vec<String>,
    /// Fix what can be fixed safely, and show the changes; `--fix=tracker` also adds elements to the tracker.
    #[arg(long, value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub fix: Option<FixArg>,
    /// With --fix: only show the changes.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// The source of locks.
    #[command(flatten)]
    pub locks: Locks,
}

/// What `check` fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixArg {
    /// What can be fixed without asking.
    Safe,
    /// That, and elements that no entry of the tracker names get one.
    Tracker,
}

/// Arguments of `new`.
#[derive(Args, Debug)]
pub struct New {
    /// The element, as BuildStream will name it.
    #[arg(value_name = "ELEMENT")]
    pub element: String,
    /// The upstream repository, with the project's alias: github:owner/name.git.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The branch, or the pattern of the tags, that is tracked.
    #[arg(long, value_name = "BRANCH|PATTERN")]
    pub track: String,
    /// The program that is installed. [default: the element's own name]
    #[arg(long, value_name = "NAME")]
    pub bin: Option<String>,
    /// Install a systemd unit and a preset, too.
    #[arg(long)]
    pub service: bool,
    /// Write nothing; print the element instead.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// The rule's id, as a report names it.
    #[arg(value_name = "RULE")]
    pub rule: String,
}

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Args, Debug)]
pub struct Man {
    /// The folder for the pages: one for the program and one for each command.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One document: see docs/report.schema.json, and docs/review.schema.json for `review`.
    Json,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
    /// A Code Quality report, for merge requests on GitLab.
    Gitlab,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// The comment that a pull request would get; for `review`.
    Markdown,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// One source with a list, as `bst source track` writes it.
    List,
    /// One source for each crate, as the packaging guide shows it.
    PerCrate,
    /// For the first version of the plugin, `kind: cargo`.
    Cargo,
}

impl From<LayoutArg> for Layout {
    fn from(layout: LayoutArg) -> Self {
        match layout {
            LayoutArg::List => Self::List,
            LayoutArg::PerCrate => Self::PerCrate,
            LayoutArg::Cargo => Self::Cargo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn aliases_go_before_or_after_the_command() {
        for args in [["cargo2-bot", "--alias", "a=b=c", "regenerate"], ["cargo2-bot", "regenerate", "--alias", "a=b=c"]]
        {
            assert_eq!(Cli::parse_from(args).common.alias, [("a".to_owned(), "b=c".to_owned())]);
        }
        assert!(Cli::try_parse_from(["cargo2-bot", "regenerate", "--alias", "a"]).is_err());
    }
}
