//! Diagnoses the setup: what the bot sees, and how to fix what keeps it from working.

use crate::app::check;
use crate::bst::project;
use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::github::checks::{BLOCK, HOLD};
use crate::github::facts::{Actor, Required};
use crate::io::Workspace;
use crate::io::github::{GitHub, GitHubError, Overview};
use crate::workflows;
use crate::yaml;
use std::sync::Arc;

/// The state of one thing that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is as it should be.
    Good,
    /// It works, but less well than it could.
    Weak,
    /// It keeps the bot from working.
    Bad,
    /// It could not be checked.
    Unknown,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// Its state.
    pub mark: Mark,
    /// The description.
    pub text: String,
    /// The advice, if something should be done.
    pub remedy: Option<String>,
}

/// Everything that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// One entry for each thing.
    pub points: Vec<Point>,
}

impl Seen {
    fn add(&mut self, mark: Mark, text: impl Into<String>, remedy: Option<&str>) {
        self.points.push(Point { mark, text: text.into(), remedy: remedy.map(str::to_owned) });
    }

    /// Whether something keeps the bot from working.
    #[must_use]
    pub(crate) fn bad(&self) -> bool {
        self.points.iter().any(|point| point.mark == Mark::Bad)
    }

    /// For people.
    #[must_use]
    pub(crate) fn text(&self, color: bool) -> String {
        let mut out = String::new();
        for point in &self.points {
            let (word, code) = match point.mark {
                Mark::Good => ("ok     ", "32"),
                Mark::Weak => ("weak   ", "33"),
                Mark::Bad => ("wrong  ", "31"),
                Mark::Unknown => ("unknown", "36"),
            };
            let word = if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() };
            out.push_str(&format!("{word}  {}\n", point.text.escape_debug().to_string().replace("\\'", "'")));
            out.extend(point.remedy.iter().map(|remedy| format!("         {remedy}\n")));
        }
        out
    }
}

/// Looks at the checkout and, where there is a token, at GitHub.
pub(crate) async fn look(workspace: &Arc<Workspace>, github: Result<Option<&GitHub>, &GitHubError>) -> Seen {
    let mut seen = Seen::default();
    if let Some(snapshot) = checkout(workspace, &mut seen) {
        workflows(&snapshot, &mut seen);
    }
    match github {
        Ok(None) => seen.add(
            Mark::Unknown,
            "GitHub: not checked, as GITHUB_TOKEN or GITHUB_REPOSITORY is not set",
            Some("set both to see what the token may do and whether the hold is required"),
        ),
        Err(error) => seen.add(Mark::Bad, format!("GitHub: {error}"), None),
        Ok(Some(github)) => match github.pulls().await {
            Ok(overview) => on_github(github, &overview, &mut seen).await,
            Err(error) => seen.add(Mark::Bad, format!("GitHub: {error}"), Some("see docs/action.md on tokens")),
        },
    }
    seen
}

fn checkout(workspace: &Workspace, seen: &mut Seen) -> Option<Arc<Snapshot>> {
    let snapshot = match workspace.snapshot() {
        Ok(snapshot) => snapshot,
        Err(error) if error.is::<project::Error>() => {
            seen.add(Mark::Bad, format!("project: {error}"), Some("name its folder with --project DIR"));
            return None;
        }
        Err(error) => {
            seen.add(Mark::Bad, format!("elements: {error:#}"), None);
            return None;
        }
    };
    let (project, found) = (&snapshot.project, &snapshot.discovered);
    let place = if project.element_path.is_empty() { "." } else { &project.element_path };
    seen.add(Mark::Good, format!("project: `{}`, elements in `{place}`", project.name), None);
    let (mark, remedy) = match (found.elements.len(), found.findings.len()) {
        (0, _) => (Mark::Weak, Some("there is nothing for the bot to do until an element has a cargo2 source")),
        (_, 0) => (Mark::Good, None),
        (..) => (Mark::Weak, Some("see `cargo2-bot check`")),
    };
    let text = format!("elements: {} files, {} of them Rust", snapshot.elements.len(), found.elements.len());
    seen.add(mark, text, remedy);
    let subjects = check::subjects(workspace, &snapshot);
    let linted = check::tracked(workspace, &snapshot, &check::rust_elements(project, &subjects));
    let errors = linted.findings.iter().filter(|f| f.severity == crate::finding::Severity::Error).count();
    let text = format!("tracker: {}, {} entries, {errors} errors", linted.style.name(), linted.entries.len());
    let remedy = "`cargo2-bot check` says what is wrong, `cargo2-bot check --fix` fixes what it can";
    match (linted.style, errors) {
        (workflows::Form::Missing, _) => {
            seen.add(Mark::Weak, text, Some("name it in .github/cargo2-bot.yml: `tracker:`"));
        }
        (_, 0) => seen.add(Mark::Good, text, None),
        _ => seen.add(Mark::Bad, text, Some(remedy)),
    }
    Some(snapshot)
}

/// The permissions that jobs with the bot need, and their purpose.
const NEEDED: [(&str, &str); 4] = [
    ("contents", "commits that update blocks"),
    ("pull-requests", "comments, labels, reviewers"),
    ("checks", "the hold"),
    ("issues", "labels and reactions"),
];

/// Checks whether a workflow starts the bot, with the permissions that it needs.
fn workflows(snapshot: &Snapshot, seen: &mut Seen) {
    let mut users = 0;
    let files = match &snapshot.workflows {
        Read::Known(files) => files.as_slice(),
        Read::Absent => &[],
        Read::Unreadable(why) => return seen.add(Mark::Bad, format!("workflows: {why}"), None),
    };
    for (path, text) in files {
        let name = path.rsplit('/').next().unwrap_or_default();
        let file = match text {
            Read::Known(file) => file,
            Read::Absent => continue,
            Read::Unreadable(why) => {
                seen.add(Mark::Bad, format!("workflow: `{name}`: {why}"), None);
                continue;
            }
        };
        if !file.text.contains("cargo2-bot") {
            continue;
        }
        let root = match yaml::parse(file) {
            Ok(root) => root,
            Err(error) => {
                seen.add(Mark::Bad, format!("workflow: `{name}`: {}", error.message), None);
                continue;
            }
        };
        let jobs = root.get("jobs").and_then(yaml::Node::as_map).unwrap_or_default();
        for (job, body) in jobs {
            let steps = body.get("steps").and_then(yaml::Node::as_list).unwrap_or_default();
            let ours = |step: &yaml::Node| step.get_str("uses").is_some_and(|uses| uses.contains("cargo2-bot"));
            if !steps.iter().any(ours) {
                continue;
            }
            users += 1;
            let permissions = body.get("permissions").or_else(|| root.get("permissions"));
            let writes = |what: &str| match permissions {
                None => true,
                Some(node) => node.as_str() == Some("write-all") || node.get_str(what) == Some("write"),
            };
            let missing: Vec<String> = NEEDED
                .iter()
                .filter(|(what, _)| !writes(what))
                .map(|(what, why)| format!("{what}: write ({why})"))
                .collect();
            let job = job.as_str().unwrap_or_default();
            if missing.is_empty() {
                seen.add(Mark::Good, format!("workflow: `{name}`, job `{job}`"), None);
            } else {
                let remedy = format!("unless its token is an app's, add to its permissions: {}", missing.join(", "));
                seen.add(Mark::Weak, format!("workflow: `{name}`, job `{job}`"), Some(&remedy));
            }
        }
    }
    if users == 0 {
        seen.add(Mark::Weak, "workflow: none starts the bot", Some("examples/workflows has some to copy"));
    }
}

async fn on_github(github: &GitHub, overview: &Overview, seen: &mut Seen) {
    token(&overview.viewer, seen);
    let branch = &overview.repository.default_branch;
    let open = overview.pulls.len();
    seen.add(Mark::Good, format!("repository: `{}`, {open} open pull requests", overview.repository.full_name), None);
    required(branch, &github.required(branch).await, seen);
}

/// Describes the account of the token.
fn token(viewer: &Actor, seen: &mut Seen) {
    match (viewer.login.as_str(), viewer.bot) {
        ("github-actions[bot]", _) => seen.add(
            Mark::Weak,
            "token: the workflow's own; what it commits starts no workflows, and it cannot write workflow files",
            Some("give the action the token of a GitHub App to have both"),
        ),
        (login, true) => seen.add(Mark::Good, format!("token: of the app `{login}`"), None),
        (login, false) => seen.add(
            Mark::Weak,
            format!("token: of the person `{login}`; it cannot write check runs, so the hold is a commit status"),
            Some("use the workflow's token or that of a GitHub App"),
        ),
    }
}

/// Checks whether a rule of the branch makes the hold binding.
fn required(branch: &str, required: &Required, seen: &mut Seen) {
    let rule = |name: &str| required.checks.iter().any(|(check, _)| check == name);
    if let Some(why) = &required.unknown {
        seen.add(Mark::Unknown, format!("rules of `{branch}`: {why}"), Some("ask somebody who may read them"));
    }
    for name in [HOLD, BLOCK] {
        let remedy = format!(
            "add it to the required checks of a ruleset for `{branch}`; until then it has no effect on merges by people"
        );
        match rule(name) {
            true => seen.add(Mark::Good, format!("check `{name}`: required on `{branch}`"), None),
            false if required.unknown.is_some() => {}
            false => seen.add(Mark::Weak, format!("check `{name}`: not required on `{branch}`"), Some(&remedy)),
        }
    }
}
