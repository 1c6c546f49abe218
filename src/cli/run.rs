//! The command `run`.

use super::args::{FailOn, Format, Locks, Run, words};
use super::output::print;
use super::review::set_evidence;
use super::{Context, Usage};
use crate::app::run::{self as app, Outcome, RunRequest, RunTime};
use crate::github::ids::PullNumber;
use crate::github::settings::Settings;
use crate::io::Setup;
use crate::io::actions::{self, Environment};
use crate::io::commit::{Layered, LocalObjects};
use crate::io::github::{Connection, GitHub};
use crate::report::Exit;
use crate::review::render;
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;

/// The total time that a run waits for limits of GitHub.
const BUDGET: Duration = Duration::from_secs(20 * 60);

/// The connection that the environment describes. None without a token or a repository.
pub(super) fn connection(environment: &Environment, context: Context<'_>) -> Option<Connection> {
    let (proxy, no_proxy) = context.surroundings.proxy();
    let api = environment.api.clone().unwrap_or_else(|| "https://api.github.com".into());
    let graphql = environment.graphql.clone().unwrap_or_else(|| format!("{api}/graphql"));
    Some(Connection {
        api,
        graphql,
        token: Some(environment.token.clone()?),
        repository: environment.repository.clone()?,
        budget: BUDGET,
        unpaced: false,
        proxy,
        no_proxy,
    })
}

/// Handles the event inside GitHub Actions.
pub(super) async fn run(args: &Run, context: Context<'_>) -> anyhow::Result<Exit> {
    let environment = Environment::read(|name| context.surroundings.get(name));
    let missing =
        |what: &str| Usage(format!("{what} is not set; `run` works inside GitHub Actions, `review` on a checkout"));
    if environment.token.is_none() {
        return Err(missing("GITHUB_TOKEN").into());
    }
    let connection = connection(&environment, context).ok_or_else(|| missing("GITHUB_REPOSITORY"))?;
    let event = environment.event.clone().ok_or_else(|| missing("GITHUB_EVENT_NAME"))?;
    let payload = match &environment.payload {
        Some(path) => actions::payload(path)?,
        None => "{}".to_owned(),
    };
    let mut setup = context.setup(&Locks { lock: Vec::new(), jobs: 8 });
    set_evidence(&args.evidence, &mut setup);
    let mut settings = Settings::default();
    // No input of the action: a project that renames the file says so in the environment of the job.
    settings.relay = context.surroundings.get("CARGO2_BOT_RELAY").unwrap_or(settings.relay);
    let request = RunRequest {
        event,
        payload,
        git_ref: environment.git_ref.clone().unwrap_or_default(),
        settings,
        inputs: args.inputs(),
        folder: String::new(),
        elements: words(&args.element),
        pull: args.pull_request.map(PullNumber),
        dry_run: args.dry_run,
        deep: true,
        repository: connection.repository.clone(),
        server: environment.server.clone().unwrap_or_else(|| "https://github.com".into()),
        validate: "validate".into(),
        build: "build".into(),
        job: context.surroundings.get("GITHUB_RUN_ID").unwrap_or_else(|| "local".into()),
        time: RunTime::default(),
    };
    let outcome = started(connection, setup, request).await?;
    print_outcome(&outcome, args, context, &environment)
}

/// Runs the bot. Objects that the checkout does not have are fetched from GitHub.
async fn started(connection: Connection, setup: Setup, mut request: RunRequest) -> anyhow::Result<Outcome> {
    let github = GitHub::connect(connection)?;
    let local = LocalObjects::around(&setup.project).unwrap_or_else(|why| {
        tracing::warn!("the checkout is not used: {why}");
        None
    });
    request.folder = match &local {
        Some(local) => local.prefix_of(&setup.project).map_err(|why| Usage(why.into()))?,
        None => setup.project.to_string_lossy().into_owned(),
    };
    let objects = Arc::new(Layered::new(local.map(Arc::new), Arc::new(github.clone())));
    app::run(&github, objects, setup, &request, Arc::new(|_| ())).await
}

/// Annotations and the plan on standard output, the summary, the outputs and the report in their files.
fn print_outcome(
    outcome: &Outcome,
    args: &Run,
    context: Context<'_>,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    if context.common.format == Format::Json {
        print(&format!("{:#}\n", outcome.json()))?;
    } else {
        let commands: String = outcome.sections.iter().map(|t| render::commands(&t.findings, "")).collect();
        let plans = if args.dry_run || outcome.report_only { outcome.plan_text() } else { String::new() };
        let notes: String = outcome.notes.iter().map(|note| format!("note: {}\n", plain(note))).collect();
        let (reads, writes) = outcome.requests;
        print(&format!(
            "{commands}{plans}{notes}{}\n{reads} requests read, {writes} wrote\n",
            plain(&outcome.verdict())
        ))?;
    }
    if let Some(path) = &environment.summary {
        actions::append(path, &outcome.summary(render::SUMMARY_LIMIT)).context("the step summary cannot be written")?;
    }
    if let Some(path) = &args.report {
        actions::write(path, &format!("{:#}\n", outcome.json()))?;
    }
    if let Some(path) = &environment.output {
        let report = args.report.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        actions::append(path, &outcome.outputs(&report)).context("the outputs cannot be written")?;
    }
    Ok(match outcome.exit() {
        Exit::Findings if args.fail_on == FailOn::Never || outcome.report_only => Exit::Done,
        exit => exit,
    })
}

/// One line that the runner does not take for a command.
fn plain(text: &str) -> String {
    crate::report::github::harmless(text)
}
