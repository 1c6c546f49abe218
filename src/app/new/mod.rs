//! `new`: a Rust element from an upstream repository. Gathers the tracked ref and its lock, then plans, then writes.

pub(crate) mod scaffold;

use crate::app::check;
use crate::bst::project::Project;
use crate::bst::track;
use crate::cargo2::block::{self, Shape};
use crate::cargo2::element;
use crate::cargo2::verify::{self, Verdict};
use crate::finding::Finding;
use crate::io::Workspace;
use crate::lint;
use crate::text::SourceText;
use crate::yaml::{Node, quote};
use scaffold::Plan;
use std::sync::Arc;

/// The options of `new`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The element, as BuildStream will name it.
    pub name: String,
    /// The upstream repository.
    pub url: String,
    /// The tracked branch, or pattern of tags.
    pub track: String,
    /// The program.
    pub bin: Option<String>,
    /// Whether a systemd unit and a preset are installed.
    pub service: bool,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// The result of `new`.
#[derive(Clone, Debug)]
pub(crate) enum Created {
    /// The plan that was written, or would be.
    Planned(Box<Plan>),
    /// The findings on a lock for which no element can be written.
    Refused(Vec<Finding>),
}

/// Makes a new Rust element.
///
/// # Errors
/// When the project or the upstream cannot be read, the element exists, or a name is not plain.
pub(crate) async fn create(workspace: &Workspace, request: &Request) -> anyhow::Result<Created> {
    scaffold::plain(&request.name, &request.url, &request.track)?;
    let snapshot = workspace.snapshot()?;
    let project = &snapshot.project;
    let subjects = check::subjects(workspace, &snapshot);
    if workspace.files.exists(&project.path_of(&request.name))? {
        return Err(scaffold::Error::Exists(request.name.clone()).into());
    }
    let git_ref = tracked(workspace, project, request).await?;
    let block = match crates(workspace, project, request, &git_ref).await {
        Ok(block) => block,
        Err(findings) => return Ok(Created::Refused(findings)),
    };
    let sources = subjects.iter().filter_map(|s| s.root.get("sources")?.as_list()).flatten();
    let crates_url = scaffold::crates_url(sources.filter(|n: &&Node| n.get_str("kind") == Some("cargo2")));
    let stack = workspace.config.stack.as_deref().or_else(|| lint::default_stack(&subjects));
    let stack = match stack {
        Some(name) => workspace.files.text(&project.path_of(name)).optional()?,
        None => None,
    };
    let tracker = check::tracker(workspace, &snapshot).optional()?;
    let plan = scaffold::plan(&scaffold::Request {
        name: &request.name,
        url: &request.url,
        track: &request.track,
        git_ref: &git_ref,
        bin: request.bin.as_deref(),
        service: request.service,
        block: &block,
        crates_url: crates_url.as_deref(),
        element_path: &project.element_path,
        exists: &|name| !matches!(workspace.files.exists(&project.path_of(name)), Ok(false)),
        stack: stack.as_ref(),
        tracker: tracker.as_ref(),
        rust: &check::rust_elements(project, &subjects),
    })?;
    if !request.dry_run {
        workspace.create(&plan.element)?;
        for change in plan.stack.iter().chain(&plan.tracker) {
            workspace.replace(&change.old, &change.new)?;
        }
    }
    Ok(Created::Planned(Box::new(plan)))
}

/// Resolves the ref that the upstream's tracked branch or tag has now.
async fn tracked(workspace: &Workspace, project: &Project, request: &Request) -> anyhow::Result<String> {
    let url = project.translate(&request.url).map_err(|why| scaffold::Error::Block(why.to_string()))?;
    let refs = workspace.refs(&url).await?;
    let chosen = track::choose(&refs, &request.track, &[]);
    let chosen = chosen.ok_or_else(|| {
        scaffold::Error::Block(format!("no branch or tag of {url} matches `{}`", request.track.escape_debug()))
    })?;
    let format = project.source_config("git_repo").and_then(|config| config.get_str("ref-format"));
    // The plugin's own default is the bare commit.
    let at = if format == Some("git-describe") { 0 } else { chosen.git_ref.len().saturating_sub(40) };
    Ok(chosen.git_ref.get(at..).unwrap_or_default().to_owned())
}

/// Computes the crate list for the lock at that ref, like that of an element that has none yet.
async fn crates(
    workspace: &Workspace,
    project: &Project,
    request: &Request,
    git_ref: &str,
) -> Result<String, Vec<Finding>> {
    let [url, track, git_ref] = [&request.url, &request.track, git_ref].map(quote::scalar);
    let text =
        format!("sources:\n- kind: git_repo\n  url: {url}\n  track: {track}\n  ref: {git_ref}\n- kind: cargo2\n");
    let file = Arc::new(SourceText::new(&project.path_of(&request.name), text));
    let found = element::read(&request.name, &file, project, &|path| workspace.files.text(path));
    let Some(crate_list) = found.crate_lists.first() else { return Err(found.findings) };
    let lock = workspace.lock(crate_list).await;
    let (verdict, _) = verify::verify_block(crate_list, lock.as_ref().map_err(|finding| (**finding).clone()));
    match verdict {
        Verdict::Drifted { expected, .. } => Ok(block::render_list(&expected, Shape::at(2))),
        Verdict::Right { .. } | Verdict::Exempt => Ok(String::new()),
        Verdict::Unverified { findings } => Err(findings),
    }
}
