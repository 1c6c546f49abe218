//! The command line: arguments and environment in, exit code out.

#[path = "cli/bot.rs"]
mod bot;
#[path = "cli/demo.rs"]
mod demo;

use anyhow::Context as _;
use cargo2_bot::app::generate;
use cargo2_bot::app::new::scaffold;
use cargo2_bot::app::new::{self, Created};
use cargo2_bot::app::regenerate::{self, Mode};
use cargo2_bot::bst::project;
use cargo2_bot::cargo2::block;
use cargo2_bot::cargo2::discover::Selection;
use cargo2_bot::cli::{self, Cli, Color, Command, Common, Format, Generate, Locks, New};
use cargo2_bot::config;
use cargo2_bot::io::{Listener, Progress, Setup, Workspace};
use cargo2_bot::registry;
use cargo2_bot::report::{self, Exit, Report};
use cargo2_bot::text::SourceText;
use clap::Parser as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let args = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let cli = Cli::parse_from(cli::with_inputs(args, |name| env(&format!("INPUT_{name}"))));
    log(cli.common.verbose);
    let done = work(&cli);
    let exit = done.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        // What is the user's to mend is bad usage; all else is our failure.
        let usage = error.is::<project::Error>()
            || error.is::<config::Error>()
            || error.is::<scaffold::Error>()
            || error.is::<Usage>();
        if usage { Exit::Usage } else { Exit::Failed }
    });
    ExitCode::from(exit as u8)
}

/// Does the work in the one runtime of the process.
fn work(cli: &Cli) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(run(&cli.command, &cli.common));
    // What is still being fetched is not waited for.
    runtime.shutdown_background();
    done
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

async fn run(command: &Command, common: &Common) -> anyhow::Result<Exit> {
    match command {
        Command::Demo => demo::run_demo(common),
        Command::Generate(args) => run_generate(args, common),
        Command::Regenerate(args) => {
            let mode = if args.check { Mode::Look } else { Mode::Write };
            let report = looked(common, &args.locks, &args.elements, mode, false).await?;
            tell(&report, common, false)
        }
        Command::Check(args) => {
            let mode = if args.fix && !args.dry_run { Mode::Write } else { Mode::Look };
            let report = looked(common, &args.locks, &[], mode, true).await?;
            tell(&report, common, args.fix)
        }
        Command::New(args) => run_new(args, common).await,
        Command::Review(args) => bot::run_review(args, common).await,
        Command::Run(args) => bot::run_bot(args, common).await,
        Command::Plan => bot::run_plan(common),
        Command::Doctor => bot::run_doctor(common).await,
        Command::Rules => {
            let line = |rule: &cargo2_bot::finding::Rule| {
                format!("{:<28} {:<8} {}\n", rule.id, rule.severity.name(), rule.means)
            };
            print(&registry::all().into_iter().map(line).collect::<String>()).map(|()| Exit::Done)
        }
        Command::Explain(args) => match registry::explain(&args.rule) {
            Some(text) => print(&text).map(|()| Exit::Done),
            None => Err(Usage(format!("there is no rule `{}`; `cargo2-bot rules` lists them", args.rule)).into()),
        },
    }
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
            let report = Report { findings, ..Report::default() };
            let told = match common.format {
                Format::Human => report::human::findings(&report.findings, colored(common.color, &std::io::stderr())),
                _ => rendered(&report, common.format, false),
            };
            std::io::stderr().write_all(told.as_bytes())?;
            Ok(Exit::Findings)
        }
    }
}

async fn run_new(args: &New, common: &Common) -> anyhow::Result<Exit> {
    let workspace = open(common, &Locks { lock: Vec::new(), jobs: 1 }, Arc::new(|_| ()))?;
    let request = new::Request {
        name: args.element.clone(),
        url: args.url.clone(),
        track: args.track.clone(),
        bin: args.bin.clone(),
        service: args.service,
        dry_run: args.dry_run,
    };
    match new::create(&workspace, &request).await? {
        Created::Planned(plan) if args.dry_run => print(&plan.element.text).map(|()| Exit::Done),
        Created::Planned(plan) => {
            let changed = plan.stack.iter().chain(&plan.tracker).map(|change| format!("changed {}\n", change.old.path));
            let told: String = std::iter::once(format!("wrote {}\n", plan.element.path)).chain(changed).collect();
            print(&format!("{told}\n{}", plan.checklist_text())).map(|()| Exit::Done)
        }
        Created::Refused(findings) => tell(&Report { findings, ..Report::default() }, common, false),
    }
}

/// Opens the project that the command line names.
fn open(common: &Common, locks: &Locks, listener: Listener) -> anyhow::Result<Arc<Workspace>> {
    let aliases = common.alias.iter().map(|(name, url)| (name.clone(), absolute(url))).collect::<Vec<_>>();
    let setup = setup(common, locks, aliases);
    if !setup.project.is_dir() {
        let folder = setup.project.display();
        return Err(Usage(format!("`{folder}` is not a folder; name the project's folder with --project DIR")).into());
    }
    Ok(Arc::new(Workspace::open(setup, listener)?))
}

/// Looks at the checkout, and mends it where that is asked for.
async fn looked(common: &Common, locks: &Locks, elements: &[String], mode: Mode, lint: bool) -> anyhow::Result<Report> {
    let status = Arc::new(Status::new());
    let told = status.clone();
    let workspace = open(common, locks, Arc::new(move |progress| told.show(&progress)))?;
    let request = regenerate::Request { selection: Selection { names: elements.to_vec() }, mode };
    let work = async {
        if lint {
            regenerate::check(&workspace, &request).await
        } else {
            regenerate::regenerate(&workspace, &request).await
        }
    };
    let report = tokio::select! {
        report = work => report,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; every file is whole")),
    };
    status.clear();
    report
}

/// The proxy of the environment, and the hosts that are reached without it.
fn proxy() -> (Option<String>, Vec<String>) {
    let hosts = |all: String| all.split(',').map(|host| host.trim().to_owned()).collect();
    let proxy = env("https_proxy").or_else(|| env("HTTPS_PROXY"));
    (proxy, env("no_proxy").or_else(|| env("NO_PROXY")).map_or_else(Vec::new, hosts))
}

fn setup(common: &Common, locks: &Locks, aliases: Vec<(String, String)>) -> Setup {
    let (proxy, no_proxy) = proxy();
    Setup {
        project: common.project.clone(),
        cache: cache(common),
        offline: common.offline,
        trusted: aliases.iter().map(|(_, url)| url.clone()).collect(),
        aliases,
        locks: locks.lock.iter().map(|(element, path)| (element.clone(), PathBuf::from(path))).collect(),
        proxy,
        no_proxy,
        jobs: locks.jobs.into(),
        index: None,
        advisories: None,
        rules: registry::all(),
    }
}

/// Prints a report, with the changes as diffs where they are asked for.
fn tell(report: &Report, common: &Common, changes: bool) -> anyhow::Result<Exit> {
    let color = colored(common.color, &std::io::stdout());
    let diffs =
        if changes && common.format == Format::Human { report::human::changes(report, color) } else { String::new() };
    print(&(diffs + &rendered(report, common.format, color)))?;
    Ok(report.exit())
}

fn rendered(report: &Report, format: Format, color: bool) -> String {
    match format {
        Format::Human => report::human::report(report, color),
        Format::Json => report::json::report(report),
        Format::Github => report::github::report(report),
        Format::Sarif => report::sarif::report(report, &registry::all()),
        // Only a review is written as a comment.
        Format::Markdown => report::human::report(report, false),
    }
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
            let home = || env("HOME").map(|home| Path::new(&home).join(".cache"));
            let base = env("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
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
        let Ok(mut last) = self.last.lock() else { return };
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
