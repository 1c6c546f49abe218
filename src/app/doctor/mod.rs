//! Diagnoses the setup: what the bot sees, and how to fix what keeps it from working.

mod events;
mod github;
mod jobs;
mod workflow;

use crate::app::check;
use crate::bst::project;
use crate::cargo2::snapshot::Snapshot;
use crate::config::{self, CONFIG, Mode};
use crate::finding::Fix;
use crate::finding::fixes::{self, Change};
use crate::github::branches::Branches;
use crate::io::Workspace;
use crate::io::github::{GitHub, GitHubError};
use crate::workflows;
use serde_json::json;
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

impl Mark {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Weak => "weak",
            Self::Bad => "wrong",
            Self::Unknown => "unknown",
        }
    }
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
    /// The edit of a file that does it, where that is one.
    pub fix: Option<Fix>,
}

/// Everything that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// One entry for each thing.
    pub points: Vec<Point>,
}

impl Seen {
    fn add(&mut self, mark: Mark, text: impl Into<String>, remedy: Option<&str>) {
        self.points.push(Point { mark, text: text.into(), remedy: remedy.map(str::to_owned), fix: None });
    }

    fn add_fixable(&mut self, mark: Mark, text: impl Into<String>, remedy: &str, fix: Option<Fix>) {
        self.points.push(Point { mark, text: text.into(), remedy: Some(remedy.to_owned()), fix });
    }

    /// What the edits of files that put things right change.
    #[must_use]
    pub(crate) fn changes(&self) -> Vec<Change> {
        let fixes: Vec<Fix> = self.points.iter().filter_map(|point| point.fix.clone()).collect();
        fixes::together(&fixes)
    }

    /// For programs.
    #[must_use]
    pub(crate) fn json(&self) -> String {
        let point = |point: &Point| json!({ "state": point.mark.word(), "text": point.text, "remedy": point.remedy, "fixable": point.fix.is_some() });
        let document = json!({ "wrong": self.bad(), "points": self.points.iter().map(point).collect::<Vec<_>>() });
        format!("{document:#}\n")
    }

    /// A configuration with which nothing works.
    #[must_use]
    pub(crate) fn misconfigured(error: &config::Error) -> Self {
        let mut seen = Self::default();
        seen.add(
            Mark::Bad,
            format!("configuration: {}: {}", error.location, error.message),
            Some("docs/configuration.md has every key"),
        );
        seen
    }

    /// Returns whether something keeps the bot from working.
    #[must_use]
    pub(crate) fn bad(&self) -> bool {
        self.points.iter().any(|point| point.mark == Mark::Bad)
    }

    /// For people.
    #[must_use]
    pub(crate) fn text(&self, color: bool) -> String {
        let mut out = String::new();
        for point in &self.points {
            let code = match point.mark {
                Mark::Good => "32",
                Mark::Weak => "33",
                Mark::Bad => "31",
                Mark::Unknown => "36",
            };
            let word = format!("{:<7}", point.mark.word());
            let word = if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word };
            out.push_str(&format!("{word}  {}\n", point.text.escape_debug().to_string().replace("\\'", "'")));
            let fixed = if point.fix.is_some() { " (`cargo2-bot doctor --fix` does it)" } else { "" };
            out.extend(point.remedy.iter().map(|remedy| format!("         {remedy}{fixed}\n")));
        }
        out
    }
}

/// Looks at the checkout and, where there is a token, at GitHub.
pub(crate) async fn look(workspace: &Arc<Workspace>, github: Result<Option<&GitHub>, &GitHubError>) -> Seen {
    let mut seen = Seen::default();
    let snapshot = checkout(workspace, &mut seen);
    configuration(workspace, &mut seen);
    if let Some(snapshot) = &snapshot {
        jobs::look(snapshot, &mut seen);
    }
    match github {
        Ok(None) => seen.add(
            Mark::Unknown,
            "GitHub: not checked, as GITHUB_TOKEN or GITHUB_REPOSITORY is not set",
            Some("set both to see what the token may do and whether the hold is required"),
        ),
        Err(error) => seen.add(Mark::Bad, format!("GitHub: {error}"), None),
        Ok(Some(connection)) => match connection.pulls().await {
            Ok(overview) => {
                let default = &overview.repository.default_branch;
                let branches = snapshot.map(|snapshot| Branches::new(default, &snapshot, &workspace.config));
                github::look(connection, &overview, branches.as_ref(), workspace.config.mode, &mut seen).await;
            }
            Err(error) => seen.add(Mark::Bad, format!("GitHub: {error}"), Some("see docs/action.md on tokens")),
        },
    }
    seen
}

/// Says whether the bot acts, and which exceptions no longer apply.
fn configuration(workspace: &Workspace, seen: &mut Seen) {
    if workspace.config.mode == Mode::Report {
        seen.add(Mark::Good, "configuration: `mode: report`, so nothing is written to GitHub", None);
    }
    for finding in &workspace.expired {
        seen.add(
            Mark::Weak,
            format!("configuration: {}", finding.message),
            Some(&format!("take it out of {CONFIG}, or give it another day")),
        );
    }
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
    let rust = check::rust_elements(project, &subjects);
    let linted = check::tracked(workspace, &snapshot, &rust, &check::scripts(workspace, &snapshot));
    let errors = linted.findings.iter().filter(|f| f.severity == crate::finding::Severity::Error).count();
    let listed = match linted.listed {
        0 => String::new(),
        count => format!("; Rust elements that only a list names: {count}"),
    };
    let text = format!("tracker: {}, {} entries, {errors} errors{listed}", linted.style.name(), linted.entries.len());
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
