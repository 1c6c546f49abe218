//! The command line: parses it, runs the command, and prints the result. One file for each command; no decisions.

pub mod args;
mod audit;
mod demo;
mod doctor;
mod formats;
mod generate;
mod github_args;
mod init;
pub mod inputs;
mod locks_args;
mod manual;
mod new;
mod output;
mod plan;
mod progress;
mod regenerate;
mod review;
mod rules;
mod run;
mod surroundings;

pub use surroundings::Surroundings;

use crate::app::init as init_app;
use crate::app::new::scaffold;
use crate::bst::project;
use crate::config;
use crate::report::Exit;
use args::{Command, Common};

/// A mistake of the command line.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The context that every command gets.
#[derive(Clone, Copy)]
struct Context<'a> {
    common: &'a Common,
    surroundings: &'a Surroundings,
}

/// Runs the commands that need no runtime, and refuses formats that a command does not write. Returns None for all others.
#[must_use]
pub fn run_plainly(command: &Command, common: &Common, surroundings: &Surroundings) -> Option<anyhow::Result<Exit>> {
    if let Err(refused) = formats::check(command, common.format) {
        return Some(Err(refused.into()));
    }
    match command {
        Command::Generate(args) => Some(generate::generate(args, Context { common, surroundings })),
        Command::Rules => Some(rules::list(common.format)),
        Command::Explain(args) => Some(rules::explain(&args.rule, common.format)),
        Command::Completions(args) => Some(manual::completions(args)),
        Command::Man(args) => Some(manual::man(args)),
        Command::Demo
        | Command::Init(_)
        | Command::Regenerate(_)
        | Command::Track(_)
        | Command::Check(_)
        | Command::New(_)
        | Command::Review(_)
        | Command::Run(_)
        | Command::Plan(_)
        | Command::Audit(_)
        | Command::Doctor(_) => None,
    }
}

/// Runs the command of the command line.
///
/// # Errors
/// When the bot fails or is used wrongly: see [`exit_of`].
pub async fn run(command: &Command, common: &Common, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let context = Context { common, surroundings };
    match command {
        Command::Demo => demo::demo(context).await,
        command => dispatch(command, context).await,
    }
}

/// Every command but the demo, which plays the others.
async fn dispatch(command: &Command, context: Context<'_>) -> anyhow::Result<Exit> {
    match command {
        Command::Regenerate(args) => regenerate::regenerate(args, context).await,
        Command::Track(args) => regenerate::track(args, context).await,
        Command::Check(args) => regenerate::check(args, context).await,
        Command::New(args) => new::new(args, context).await,
        Command::Review(args) => review::review(args, context).await,
        Command::Run(args) => run::run(args, context).await,
        Command::Init(args) => init::init(args, context),
        Command::Plan(args) => plan::plan(args, context),
        Command::Audit(args) => audit::audit(args, context).await,
        Command::Doctor(args) => doctor::doctor(args, context).await,
        // The others need no runtime, so that one list serves here and in `main`.
        Command::Demo
        | Command::Generate(_)
        | Command::Rules
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_) => run_plainly(command, context.common, context.surroundings)
            .unwrap_or_else(|| Err(Usage("the demo is not played in itself".into()).into())),
    }
}

/// The exit code for an error: a mistake that the user can correct is bad usage, all else is a failure of the bot.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    let usage = error.is::<project::Error>()
        || error.is::<config::Error>()
        || error.is::<scaffold::Error>()
        || error.is::<init_app::Refused>()
        || error.is::<Usage>();
    if usage { Exit::Usage } else { Exit::Failed }
}

/// Starts the log on standard error, as `-q` and `-v` say.
pub fn log(common: &Common) {
    let quiet = common.quiet.then_some(tracing::Level::ERROR);
    let level = quiet.unwrap_or(
        [tracing::Level::WARN, tracing::Level::INFO, tracing::Level::DEBUG][usize::from(common.verbose.min(2))],
    );
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false).without_time().init();
}
