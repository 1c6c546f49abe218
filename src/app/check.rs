//! `check`: what the lints and the matrix say of the project. Gathers, then decides.

use crate::bst::project::Project;
use crate::cargo2::discover::Selection;
use crate::cargo2::element::CrateList;
use crate::finding::{Finding, Severity};
use crate::io::Workspace;
use crate::lint::{self, Context, Manifest, Subject};
use crate::text::SourceText;
use crate::workflows::{self, RustElement};
use std::sync::Arc;

/// Where workflows stand.
pub const WORKFLOWS: &str = ".github/workflows/";

/// The findings of the lints and of the matrix.
///
/// # Errors
/// When the folder of the elements cannot be read, or the bot fails.
pub async fn findings(
    workspace: &Arc<Workspace>,
    project: &Project,
    crate_lists: &[CrateList],
) -> anyhow::Result<Vec<Finding>> {
    let subjects = subjects(workspace, project)?;
    let manifests = manifests(workspace, crate_lists).await?;
    let targets: Vec<&str> = workspace.config.targets.iter().map(String::as_str).collect();
    let stack = workspace.config.stack.as_deref().or_else(|| lint::default_stack(&subjects));
    let context =
        Context { project: &project.name, subjects: &subjects, stack, targets: &targets, manifests: &manifests };
    let mut findings = lint::lint(&context);
    findings.extend(tracked(workspace, project, &rust_elements(project, &subjects)).findings);
    Ok(findings)
}

/// All elements of a project, as the lints see them. Those that cannot be read are left out.
///
/// # Errors
/// When the folder of the elements cannot be read.
pub fn subjects(workspace: &Workspace, project: &Project) -> anyhow::Result<Vec<Subject>> {
    let read = |path: &str| workspace.files.text(path);
    let everything = workspace.project_files(project, &Selection::default())?;
    let texts = everything.iter().filter_map(|(path, text)| Some((project.element_of(path)?, text.as_ref().ok()?)));
    Ok(texts.filter_map(|(name, file)| lint::subject(name, file, project, &read)).collect())
}

/// The upstream manifests next to the locks. One that cannot be had is no finding here: the lock says so.
async fn manifests(workspace: &Arc<Workspace>, crate_lists: &[CrateList]) -> anyhow::Result<Vec<Manifest>> {
    workspace.announce(crate_lists);
    let found = workspace.in_pool(crate_lists.to_vec(), |workspace: &Workspace, crate_list: CrateList| {
        let root = workspace.beside_the_lock(&crate_list, "Cargo.toml")?;
        Some(Manifest { element: crate_list.name().to_owned(), root })
    });
    Ok(found.await?.into_iter().flatten().collect())
}

/// What is wrong with how the tracker and the other workflows treat the Rust elements.
///
/// # Errors
/// When the folder of the elements cannot be read.
pub fn matrix_errors(workspace: &Workspace, project: &Project) -> anyhow::Result<Vec<Finding>> {
    let mut findings = tracked(workspace, project, &rust_elements(project, &subjects(workspace, project)?)).findings;
    workspace.config.apply_severity_overrides(&mut findings);
    findings.retain(|finding| finding.severity == Severity::Error);
    Ok(findings)
}

/// What the tracker and the other workflows do with the Rust elements.
#[must_use]
pub fn tracked(workspace: &Workspace, project: &Project, rust: &[RustElement]) -> workflows::Judged {
    let tracker_path = workspace.config.tracker.as_deref().unwrap_or(workflows::TRACKER);
    let names = workspace.files.names(WORKFLOWS.trim_end_matches('/')).unwrap_or_default();
    let paths =
        names.into_iter().filter(|n| n.ends_with(".yml") || n.ends_with(".yaml")).map(|n| format!("{WORKFLOWS}{n}"));
    let others: Vec<Arc<SourceText>> = paths
        .filter(|path| path != tracker_path)
        .filter_map(|path| workspace.files.text(&path).ok().flatten())
        .collect();
    let tracker = workspace.files.text(tracker_path).ok().flatten();
    let exists = |name: &str| workspace.files.exists(&project.path_of(name));
    workflows::lint_workflows(&workflows::Project {
        rust,
        exists: &exists,
        element_path: &project.element_path,
        tracker: tracker.as_ref(),
        others: &others,
    })
}

/// The Rust elements with a crate list, and whether trackers can move them.
#[must_use]
pub fn rust_elements(project: &Project, subjects: &[Subject]) -> Vec<RustElement> {
    let sources = |s: &Subject| s.root.get("sources").and_then(|n| n.as_list()).unwrap_or_default().to_vec();
    let rust = |s: &&Subject| sources(s).iter().any(|n| matches!(n.get_str("kind"), Some("cargo2" | "cargo")));
    let one = |s: &Subject| RustElement {
        name: s.name.clone(),
        tracked: sources(s).iter().any(|n| n.get("track").is_some()),
        path: project.path_of(&s.name),
    };
    subjects.iter().filter(rust).map(one).collect()
}
