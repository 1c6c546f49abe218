//! The program: arguments and environment in, exit code out.

use cargo2_bot::cli::args::Cli;
use cargo2_bot::cli::inputs::with_inputs;
use cargo2_bot::cli::{self, Surroundings};
use cargo2_bot::io::temporary;
use cargo2_bot::report::Exit;
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// The time that a program has to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let args = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let surroundings = Surroundings::new(environment());
    let cli = Cli::parse_from(with_inputs(args, |name| surroundings.get(&format!("INPUT_{name}"))));
    cli::log(&cli.common);
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
    runtime.spawn(end_in_any_case());
    let done = runtime.block_on(async {
        tokio::select! {
            done = cli::run(&cli.command, &cli.common, surroundings) => done,
            signal = signalled() => Err(anyhow::anyhow!("ended by {}; every file is whole", signal?)),
        }
    });
    // Fetches that are still running are not waited for.
    runtime.shutdown_background();
    temporary::remove();
    done
}

/// Waits until the program is asked to end.
async fn signalled() -> std::io::Result<&'static str> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "Ctrl-C"),
        _ = terminated.recv() => Ok("SIGTERM"),
    }
}

/// Ends the program a moment after it was asked to end, also while it computes and notices nothing.
async fn end_in_any_case() {
    if signalled().await.is_ok() {
        tokio::time::sleep(GRACE).await;
        temporary::remove();
        std::process::exit(i32::from(Exit::Failed as u8));
    }
}

/// The variables of the environment that are text.
#[allow(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
