//! `init`: looks at a checkout, and writes the workflows and the configuration that the bot needs there.

mod next;
#[cfg(test)]
mod tests;
mod texts;

use crate::app::check;
use crate::cargo2::snapshot::Snapshot;
use crate::config::CONFIG;
use crate::finding::fixes::Change;
use crate::finding::read::{Read, Unreadable};
use crate::github::settings::RELAY;
use crate::io::Workspace;
use crate::lint;
use crate::text::SourceText;
use crate::workflows::trackers::{Opener, openers};
use crate::workflows::{self, Facts};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use texts::action;

/// The options of `init`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Whether the bot has an App of its own.
    pub app: bool,
    /// Whether workflows that were written before are brought up to date.
    pub update: bool,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The action and its pin, instead of this release's.
    pub action: Option<String>,
    /// What git knows of the checkout.
    pub git: Checkout,
}

/// What git knows of the checkout.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checkout {
    /// The project's folder below the repository's root; empty for the root.
    pub folder: String,
    /// The address of the remote repository.
    pub remote: Option<String>,
    /// The default branch, if it is known.
    pub default: Option<String>,
}

/// Why nothing is written.
#[derive(Clone, Debug)]
pub(crate) struct Refused(pub String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// What the files are made from.
#[derive(Clone, Debug, Default)]
struct Site {
    folder: String,
    /// The host of the remote repository, and `owner/name`.
    remote: Option<(String, String)>,
    default: String,
    /// The other guarded branches.
    branches: BTreeSet<String>,
    trackers: Vec<Opener>,
    /// The names of the workflows whose end starts the bot.
    listens: Vec<String>,
    stack: Option<String>,
    app: bool,
    action: String,
    gitlab: bool,
}

/// A file that is written, or would be.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// As it is (empty where there is none), and as it will be.
    pub change: Change,
    /// Whether it is new.
    pub new: bool,
}

/// All that `init` does and says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// What was found.
    pub found: Vec<String>,
    /// The files, those that stay as they are left out.
    pub files: Vec<Planned>,
    /// The files that stay as they are, and why.
    pub kept: Vec<String>,
    /// What is left to be done by hand: what, and the commands.
    pub next: Vec<(String, Vec<String>)>,
}

/// Plans the files, and writes them. `root` is the repository that holds the project.
///
/// # Errors
/// When the project cannot be read, or a file is in the way.
pub(crate) fn init(workspace: &Workspace, root: &Workspace, request: &Request) -> anyhow::Result<Plan> {
    let snapshot = workspace.snapshot()?;
    let site = look(workspace, root, &snapshot, request)?;
    let mut plan = Plan { found: found(&site, &snapshot), ..Plan::default() };
    let config = if site.folder.is_empty() { CONFIG.to_owned() } else { format!("{}/{CONFIG}", site.folder) };
    let mut wanted = vec![(config.clone(), texts::config(&site))];
    if site.gitlab {
        wanted.push((texts::GITLAB_PATH.to_owned(), texts::gitlab(&site)));
    } else {
        wanted.push((texts::BOT_PATH.to_owned(), texts::bot(&site)));
        wanted.push((RELAY.to_owned(), texts::relay(&site)));
    }
    for (path, text) in wanted {
        let old = root.files.text(&path).optional()?;
        if old.as_ref().is_some_and(|old| *old.text == *text) {
            plan.kept.push(format!("{path}: up to date"));
        } else if old.is_some() && path == config {
            plan.kept.push(format!("{path}: yours, and left as it is (`mode: {}`)", mode(workspace)));
        } else {
            plan.files.push(planned(&path, old, text, request.update)?);
        }
    }
    plan.next = next::steps(&site, &old_starters(&snapshot));
    if !request.dry_run {
        for file in &plan.files {
            if file.new { root.create(&file.change.new)? } else { root.replace(&file.change.old, &file.change.new)? }
        }
    }
    Ok(plan)
}

/// The ruleset of the project, as JSON.
///
/// # Errors
/// When the project cannot be read.
pub(crate) fn ruleset(workspace: &Workspace, app: Option<u64>) -> anyhow::Result<String> {
    let snapshot = workspace.snapshot()?;
    let config = workspace.config.guarded_branches().into_iter().map(str::to_owned);
    let branches: BTreeSet<String> = base_branches(&snapshot)?.into_iter().chain(config).collect();
    let merges = |text: &Read<Arc<SourceText>>| matches!(text, Read::Known(file) if file.text.contains("gh pr merge"));
    let all = snapshot.workflows.as_ref().optional()?.map_or(&[][..], Vec::as_slice);
    Ok(texts::ruleset(app, branches.into_iter(), all.iter().any(|(_, text)| merges(text))))
}

fn mode(workspace: &Workspace) -> &'static str {
    match workspace.config.mode {
        crate::config::Mode::Report => "report",
        crate::config::Mode::Enforce => "enforce",
    }
}

/// A file in place of what is there.
fn planned(path: &str, old: Option<Arc<SourceText>>, text: String, update: bool) -> Result<Planned, Refused> {
    let ours = |old: &Arc<SourceText>| old.text.contains(texts::WRITTEN.trim_end());
    match &old {
        Some(old) if !ours(old) => {
            return Err(Refused(format!(
                "`{path}` is there already, and was not written by `cargo2-bot init`: move it away first"
            )));
        }
        Some(_) if !update => {
            return Err(Refused(format!("`{path}` is there already: `cargo2-bot init --update` brings it up to date")));
        }
        _ => {}
    }
    let new = old.is_none();
    let old = old.unwrap_or_else(|| Arc::new(SourceText::new(path, "")));
    Ok(Planned { change: Change { old, new: Arc::new(SourceText::new(path, text)) }, new })
}

fn base_branches(snapshot: &Snapshot) -> Result<BTreeSet<String>, Unreadable> {
    Ok(workflows::base_branches(snapshot).optional()?.unwrap_or_default())
}

/// Collects what the files are made from.
fn look(workspace: &Workspace, root: &Workspace, snapshot: &Snapshot, request: &Request) -> anyhow::Result<Site> {
    let git = &request.git;
    let default = git.default.clone().unwrap_or_else(|| "main".to_owned());
    let all = snapshot.workflows.as_ref().map(|all| openers(all, &snapshot.project.element_path));
    let all: Vec<Opener> = all.optional()?.unwrap_or_default();
    let own = |path: &str| texts::WORKFLOWS.contains(&path.trim_start_matches("../"));
    let all: Vec<Opener> = all.into_iter().filter(|opener| !own(&opener.path)).collect();
    let mut branches = base_branches(snapshot)?;
    branches.extend(workspace.config.guarded_branches().into_iter().map(str::to_owned));
    branches.remove(&default);
    let subjects = check::subjects(workspace, snapshot);
    let stack = workspace.config.stack.as_deref().or_else(|| lint::default_stack(&subjects)).map(str::to_owned);
    let written = root.files.text(texts::BOT_PATH).optional()?;
    let had_app = written.is_some_and(|old| old.text.contains("create-github-app-token"));
    let remote = git.remote.as_deref().and_then(host_and_path);
    let on_gitlab = remote.as_ref().map(|(host, _)| host.contains("gitlab"));
    let gitlab = match on_gitlab {
        Some(on_gitlab) => on_gitlab,
        None => root.files.exists(".gitlab-ci.yml")? && !snapshot.workflows.may_exist(),
    };
    let relay = std::iter::once("cargo2-bot relay".to_owned());
    Ok(Site {
        folder: git.folder.clone(),
        remote,
        default,
        branches,
        listens: relay.chain(all.iter().map(|opener| opener.name.clone())).collect(),
        trackers: ordered(all, workspace, snapshot),
        stack,
        app: request.app || had_app,
        action: request.action.clone().unwrap_or_else(action),
        gitlab,
    })
}

/// The trackers: the configured one first, then those that name Rust elements.
fn ordered(all: Vec<Opener>, workspace: &Workspace, snapshot: &Snapshot) -> Vec<Opener> {
    let rust = check::rust_elements(&snapshot.project, &check::subjects(workspace, snapshot));
    let texts = match &snapshot.workflows {
        Read::Known(texts) => texts.as_slice(),
        Read::Absent | Read::Unreadable(_) => &[],
    };
    let rank = |opener: &Opener| {
        if workspace.config.tracker.as_deref() == Some(opener.path.trim_start_matches("../")) {
            return usize::MAX;
        }
        let text = texts.iter().find(|(path, _)| *path == opener.path).map(|(_, text)| text.as_ref());
        let project = workflows::Project {
            rust: &rust,
            exists: &|_| true,
            element_path: &snapshot.project.element_path,
            tracker: text.unwrap_or(Read::Absent),
            others: &[],
            scripts: &check::scripts(workspace, snapshot),
        };
        let facts = Facts::read(&project);
        rust.iter().filter(|r| facts.names(&r.name)).count() + facts.listed().count()
    };
    let mut trackers: Vec<(usize, Opener)> =
        all.into_iter().filter(|opener| opener.tracks).map(|opener| (rank(&opener), opener)).collect();
    trackers.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    trackers.into_iter().map(|(_, opener)| opener).collect()
}

/// What is said to have been found.
fn found(site: &Site, snapshot: &Snapshot) -> Vec<String> {
    let rust = snapshot.discovered.elements.len();
    let mut found =
        vec![format!("project `{}`, {} elements, {rust} of them Rust", snapshot.project.name, snapshot.elements.len())];
    for tracker in &site.trackers {
        found.push(format!("tracker `{}`, named `{}`", tracker.path.trim_start_matches("../"), tracker.name));
    }
    if site.trackers.is_empty() {
        let place =
            if site.gitlab { "in the workflows of GitHub: GitLab's pipelines are not read" } else { "by its content" };
        found.push(format!("no tracker {place}; name it in {CONFIG}"));
    }
    let remote = site
        .remote
        .as_ref()
        .map_or("no remote repository".to_owned(), |(host, path)| format!("repository `{path}` on {host}"));
    let more: Vec<String> = site.branches.iter().map(|branch| format!("`{branch}`")).collect();
    let more = if more.is_empty() { String::new() } else { format!(", also guarded: {}", more.join(", ")) };
    found.push(format!("{remote}, default branch `{}`{more}", site.default));
    found
}

/// The workflows that start the bot and were not written here.
fn old_starters(snapshot: &Snapshot) -> Vec<String> {
    let Read::Known(all) = &snapshot.workflows else { return Vec::new() };
    let starts = |(path, text): &&(String, Read<Arc<SourceText>>)| {
        let own = texts::WORKFLOWS.contains(&path.trim_start_matches("../"));
        let uses = |line: &str| line.contains("uses:") && line.contains("/cargo2-bot@");
        !own && matches!(text, Read::Known(file) if file.text.lines().any(uses))
    };
    all.iter().filter(starts).map(|(path, _)| path.trim_start_matches("../").to_owned()).collect()
}

/// The host and the path of a remote repository's address: `https://host/owner/name.git`, `git@host:owner/name`.
fn host_and_path(url: &str) -> Option<(String, String)> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    let (host, path) = rest.split_once([':', '/'])?;
    // A port, where there is one.
    let path = path
        .split_once('/')
        .filter(|(port, _)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(path, |(_, path)| path);
    let path = path.trim_matches('/').trim_end_matches(".git");
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    (plain(host) && plain(path) && path.contains('/')).then(|| (host.to_owned(), path.to_owned()))
}

/// Returns whether a text names an action and a pin.
#[must_use]
pub(crate) fn is_action(text: &str) -> bool {
    let (action, comment) = text.split_once(" # ").unwrap_or((text, ""));
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    action.split_once('@').is_some_and(|(name, at)| plain(name) && plain(at) && name.contains('/'))
        && !comment.contains(|c: char| c.is_control())
}
