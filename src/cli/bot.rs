//! The commands that look at changes and at GitHub: `review`, `run`, `plan`, `doctor`.

use super::{Usage, colored, env, open, print, proxy, setup};
use anyhow::Context as _;
use cargo2_bot::app::regenerate;
use cargo2_bot::app::review::{Options, review};
use cargo2_bot::app::run::{Outcome, RunRequest, run};
use cargo2_bot::cargo2::discover::Selection;
use cargo2_bot::cli::{Common, Evidence, FailOn, Format, Locks, Review, Run, words};
use cargo2_bot::github::ids::PullNumber;
use cargo2_bot::io::actions::{self, Environment};
use cargo2_bot::io::commit::{Layered, LocalObjects};
use cargo2_bot::io::files::Files;
use cargo2_bot::io::github::{Connection, GitHub};
use cargo2_bot::io::{Setup, Workspace};
use cargo2_bot::registry;
use cargo2_bot::report::{self, Exit, Report};
use cargo2_bot::review::checklist::{self, quoted};
use cargo2_bot::review::render;
use std::sync::Arc;
use std::time::Duration;

/// How long a run waits for limits of GitHub, in all.
const BUDGET: Duration = Duration::from_secs(20 * 60);

pub(super) async fn run_review(args: &Review, common: &Common) -> anyhow::Result<Exit> {
    let usage = |why: String| anyhow::Error::from(Usage(why));
    let mut setup = setup(common, &args.locks, common.alias.clone());
    args.evidence.set(&mut setup);
    let local = LocalObjects::around(&setup.project).map_err(usage)?;
    let local = Arc::new(local.ok_or_else(|| usage("the project is in no git repository".into()))?);
    let folder = local.prefix_of(&setup.project).map_err(usage)?;
    let head = match &args.head {
        Some(rev) => local.rev(rev).map_err(usage)?,
        None => local.head().map_err(usage)?,
    };
    let named = args.base.clone().or_else(|| local.default_base());
    let named =
        named.ok_or_else(|| usage("there is no main branch here; name what to compare with: --base REV".into()))?;
    let base = local.rev(&named).map_err(usage)?;
    let base = local.merge_base(&base, &head).map_err(usage)?.unwrap_or(base);
    let at = |commit: &str| Files::at(local.clone(), commit, &folder).map_err(usage);
    let new = match &args.head {
        Some(_) => at(&head)?,
        None => Files::new(&setup.project)?,
    };
    let old = Arc::new(Workspace::over(at(&base)?, setup, Arc::new(|_| ()))?);
    let new = Arc::new(old.beside(new));
    let options = Options { elements: args.elements.clone(), deep: args.evidence.deep, mended: false };
    let mut reviewed = review(&old, &new, &options).await?;
    // Of nothing there is nothing to tick.
    if !reviewed.touched.is_empty() {
        reviewed.review.checklist = checklist::points(&reviewed.report, &[], ("", ""));
    }
    reviewed.review.findings.splice(0..0, std::mem::take(&mut reviewed.unknown));
    reviewed.review.reproduce = vec![format!("cargo2-bot review --base {base} {}", quoted(&reviewed.touched))];
    let color = colored(common.color, &std::io::stdout());
    let findings = reviewed.review.findings.clone();
    let report = Report { findings, ..reviewed.report };
    print(&match common.format {
        Format::Human => render::human(&reviewed.review, color),
        Format::Json => format!("{:#}\n", render::json(&reviewed.review)),
        Format::Markdown => {
            let crate_diff = render::CRATE_DIFF.to_owned();
            let links = render::Links { crate_page: old.crate_page(), crate_diff, ..render::Links::default() };
            render::comment(
                &reviewed.review,
                &render::Frame { links, ..render::Frame::default() },
                render::COMMENT_LIMIT,
            )
        }
        Format::Github => report::github::report(&report),
        Format::Sarif => report::sarif::report(&report, &registry::all()),
    })?;
    Ok(report.exit())
}

/// Takes over where evidence comes from. An index that the command line names is trusted.
trait Set {
    fn set(&self, setup: &mut Setup);
}

impl Set for Evidence {
    fn set(&self, setup: &mut Setup) {
        setup.index.clone_from(&self.index);
        setup.trusted.extend(self.index.iter().map(|url| url.trim_start_matches("sparse+").to_owned()));
        setup.advisories.clone_from(&self.advisories);
    }
}

/// The Rust elements as `{"include": […]}`, for `fromJSON` in a workflow.
pub(super) fn run_plan(common: &Common) -> anyhow::Result<Exit> {
    let workspace = open(common, &Locks { lock: Vec::new(), jobs: 1 }, Arc::new(|_| ()))?;
    let (snapshot, found) = regenerate::discovered(&workspace, &Selection::default())?;
    let project = &snapshot.project;
    let row = |element: &String| serde_json::json!({ "element": element, "file": project.path_of(element) });
    let rows: Vec<_> = found.elements.iter().map(row).collect();
    print(&format!("{}\n", serde_json::json!({ "include": rows })))?;
    Ok(Exit::Done)
}

/// The connection that the environment describes. None without a token or a repository.
pub(super) fn connection(environment: &Environment) -> Option<Connection> {
    let (proxy, no_proxy) = proxy();
    let api = environment.api.clone().unwrap_or_else(|| "https://api.github.com".into());
    let graphql = environment.graphql.clone().unwrap_or_else(|| format!("{api}/graphql"));
    Some(Connection {
        api,
        graphql,
        token: Some(environment.token.clone()?),
        repository: environment.repository.clone()?,
        budget: BUDGET,
        proxy,
        no_proxy,
    })
}

pub(super) async fn run_bot(args: &Run, common: &Common) -> anyhow::Result<Exit> {
    let environment = Environment::read(env);
    let missing =
        |what: &str| Usage(format!("{what} is not set; `run` works inside GitHub Actions, `review` on a checkout"));
    if environment.token.is_none() {
        return Err(missing("GITHUB_TOKEN").into());
    }
    let connection = connection(&environment).ok_or_else(|| missing("GITHUB_REPOSITORY"))?;
    let event = environment.event.clone().ok_or_else(|| missing("GITHUB_EVENT_NAME"))?;
    let payload = match &environment.payload {
        Some(path) => actions::payload(path)?,
        None => "{}".to_owned(),
    };
    let mut setup = setup(common, &Locks { lock: Vec::new(), jobs: 8 }, common.alias.clone());
    args.evidence.set(&mut setup);
    let ask = RunRequest {
        event,
        payload,
        settings: args.settings(),
        folder: String::new(),
        elements: words(&args.element),
        pull: args.pull_request.map(PullNumber),
        dry_run: args.dry_run,
        deep: args.evidence.deep,
        repository: connection.repository.clone(),
        server: environment.server.clone().unwrap_or_else(|| "https://github.com".into()),
        validate: args.validate_check.clone(),
        build: args.build_check.clone(),
    };
    let outcome = worked(connection, setup, ask).await?;
    told(&outcome, args, common, &environment)
}

/// Runs the bot. The checkout is used for what it holds; what it does not hold is asked of GitHub.
async fn worked(connection: Connection, setup: Setup, mut ask: RunRequest) -> anyhow::Result<Outcome> {
    let github = GitHub::connect(connection)?;
    let local = LocalObjects::around(&setup.project).unwrap_or_else(|why| {
        tracing::warn!("the checkout is not used: {why}");
        None
    });
    ask.folder = match &local {
        Some(local) => local.prefix_of(&setup.project).map_err(Usage)?,
        None => setup.project.to_string_lossy().into_owned(),
    };
    let objects = Arc::new(Layered::new(local.map(Arc::new), Arc::new(github.clone())));
    run(&github, objects, setup, &ask, Arc::new(|_| ())).await
}

/// Annotations and the plan on standard output, the summary, the outputs and the report in their files.
fn told(outcome: &Outcome, args: &Run, common: &Common, environment: &Environment) -> anyhow::Result<Exit> {
    if common.format == Format::Json {
        print(&format!("{:#}\n", outcome.json()))?;
    } else {
        let commands: String = outcome.told.iter().map(|t| render::commands(&t.findings, "")).collect();
        let plans = if args.dry_run { outcome.plan_text() } else { String::new() };
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
        Exit::Findings if args.fail_on == FailOn::Never => Exit::Done,
        exit => exit,
    })
}

/// One line that the runner does not take for a command.
fn plain(text: &str) -> String {
    cargo2_bot::report::github::harmless(text)
}

pub(super) async fn run_doctor(common: &Common) -> anyhow::Result<Exit> {
    let environment = Environment::read(env);
    let workspace = open(common, &Locks { lock: Vec::new(), jobs: 1 }, Arc::new(|_| ()))?;
    let github = connection(&environment).map(GitHub::connect).transpose();
    let seen = cargo2_bot::app::doctor::look(&workspace, github.as_ref().map(Option::as_ref)).await;
    print(&seen.text(colored(common.color, &std::io::stdout())))?;
    Ok(if seen.bad() { Exit::Findings } else { Exit::Done })
}
