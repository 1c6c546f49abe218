//! The command line: arguments and environment in, exit code out.

use anyhow::Context as _;
use cargo2_bot::cli::{Cli, Color, Command, Common, Format, Generate, Regenerate};
use cargo2_bot::discover::Selection;
use cargo2_bot::pipeline;
use cargo2_bot::report::{self, Exit, Report};
use cargo2_bot::text::SourceText;
use cargo2_bot::world::{Progress, Setup, World};
use cargo2_bot::{block, generate, project};
use clap::Parser as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.common.verbose);
    let done = match &cli.command {
        Command::Generate(args) => run_generate(args, &cli.common),
        Command::Regenerate(args) => run_regenerate(args, &cli.common),
    };
    let exit = done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        // A project that cannot be read is the user's to mend; all else is ours.
        if error.is::<project::Error>() || error.is::<Usage>() { Exit::Usage } else { Exit::Failed }
    });
    ExitCode::from(exit as u8)
}

/// A mistake of the command line.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn log(verbose: u8) {
    let level = [tracing::Level::WARN, tracing::Level::INFO, tracing::Level::DEBUG][usize::from(verbose.min(2))];
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(ansi).without_time().init();
}

fn run_generate(args: &Generate, common: &Common) -> anyhow::Result<Exit> {
    let mut bytes = Vec::new();
    let name = args.lock.display().to_string();
    if args.lock == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
    } else {
        bytes = std::fs::read(&args.lock).map_err(|e| Usage(format!("the lock `{name}` cannot be read: {e}")))?;
    }
    let text = String::from_utf8(bytes).map_err(|_| Usage(format!("the lock `{name}` is not UTF-8")))?;
    let config = block::Config { git_mirrors: args.git_mirror.clone() };
    let request = generate::Request { layout: args.layout.into(), config, crates_url: args.crates_url.clone() };
    match generate::generate(&SourceText::new(&name, text), &request) {
        Ok(block) => print(&block).map(|()| Exit::Done),
        Err(findings) => {
            let told = match common.format {
                Format::Human => report::human::findings(&findings, colored(common.color, &std::io::stderr())),
                Format::Json => report::json::report(&Report { findings, ..Report::default() }),
                Format::Github => report::github::report(&Report { findings, ..Report::default() }),
            };
            std::io::stderr().write_all(told.as_bytes())?;
            Ok(Exit::Findings)
        }
    }
}

fn run_regenerate(args: &Regenerate, common: &Common) -> anyhow::Result<Exit> {
    let aliases = common.alias.iter().map(|(name, url)| (name.clone(), absolute(url))).collect::<Vec<_>>();
    let setup = Setup {
        project: common.project.clone(),
        cache: cache(common),
        offline: common.offline,
        trusted: aliases.iter().map(|(_, url)| url.clone()).collect(),
        locks: args.lock.iter().map(|(element, path)| (element.clone(), PathBuf::from(path))).collect(),
        proxy: env("https_proxy").or_else(|| env("HTTPS_PROXY")),
        no_proxy: env("no_proxy")
            .or_else(|| env("NO_PROXY"))
            .map_or_else(Vec::new, |all| all.split(',').map(|h| h.trim().to_owned()).collect()),
        jobs: args.jobs.into(),
    };
    if !setup.project.is_dir() {
        return Err(Usage(format!(
            "`{}` is not a folder; name the project's folder with --project DIR",
            setup.project.display()
        ))
        .into());
    }
    let status = Arc::new(Status::new());
    let told = status.clone();
    let world = Arc::new(World::open(setup, Arc::new(move |progress| told.show(&progress)))?);
    let request =
        pipeline::Request { selection: Selection { names: args.elements.clone() }, check: args.check, aliases };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        tokio::select! {
            report = pipeline::regenerate(&world, &request) => report,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; every file is whole")),
        }
    });
    status.clear();
    // What is still being fetched is not waited for.
    runtime.shutdown_background();
    let report = report?;
    print(&match common.format {
        Format::Human => report::human::report(&report, colored(common.color, &std::io::stdout())),
        Format::Json => report::json::report(&report),
        Format::Github => report::github::report(&report),
    })?;
    Ok(report.exit())
}

/// A folder that an alias names, as an absolute path: it is joined with the rest of a URL later.
fn absolute(url: &str) -> String {
    let path = Path::new(url);
    if url.contains(':') || !path.exists() {
        return url.to_owned();
    }
    path.canonicalize().map_or_else(|_| url.to_owned(), |path| format!("{}/", path.display()))
}

fn cache(common: &Common) -> Option<PathBuf> {
    match &common.cache {
        Some(path) if path == Path::new("none") => None,
        Some(path) => Some(path.clone()),
        None => {
            let base = env("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| env("HOME").map(|home| Path::new(&home).join(".cache")));
            base.map(|base| base.join("cargo2-bot"))
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn colored(color: Color, to: &impl std::io::IsTerminal) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => to.is_terminal() && env("NO_COLOR").is_none(),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // A closed pipe is no failure: the reader has seen enough.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// The line of progress: one that is written over on a terminal, a few plain ones elsewhere.
struct Status {
    terminal: bool,
    last: std::sync::Mutex<Option<std::time::Instant>>,
}

impl Status {
    fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: std::sync::Mutex::new(None) }
    }

    fn show(&self, progress: &Progress) {
        let every = std::time::Duration::from_millis(if self.terminal { 100 } else { 10_000 });
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        let first = last.get_or_insert_with(std::time::Instant::now);
        if first.elapsed() < every {
            return;
        }
        *last = Some(std::time::Instant::now());
        let text = match progress {
            Progress::Judged(done, total) => format!("{done} of {total} blocks"),
            Progress::Fetching(what) => what.clone(),
        };
        let line = if self.terminal { format!("\r\x1b[K{text}") } else { format!("{text}\n") };
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    fn clear(&self) {
        if self.terminal {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }
}
