//! The program: arguments and environment in, exit code out.

use cargo2_bot::cli::args::Cli;
use cargo2_bot::cli::inputs::with_inputs;
use cargo2_bot::cli::{self, Surroundings};
use cargo2_bot::report::Exit;
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let surroundings = Surroundings::new(environment());
    let cli = Cli::parse_from(with_inputs(args, |name| surroundings.get(&format!("INPUT_{name}"))));
    cli::log(cli.common.verbose);
    let exit = work(&cli, &surroundings).unwrap_or_else(|error| {
        // Where even standard error is closed, the exit code says it.
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        cli::exit_of(&error)
    });
    ExitCode::from(exit as u8)
}

/// Does the work, in the one runtime of the process where it needs one.
fn work(cli: &Cli, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    if let Some(done) = cli::run_plainly(&cli.command, &cli.common, surroundings) {
        return done;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(cli::run(&cli.command, &cli.common, surroundings));
    // Fetches that are still running are not waited for.
    runtime.shutdown_background();
    done
}

/// The variables of the environment that are text.
#[allow(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
