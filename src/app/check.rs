//! `check`: the findings of the lints and of the matrix. Gathers, then decides.

use crate::bst::project::Project;
use crate::cargo2::element::CrateList;
use crate::cargo2::element_file::ProjectFile;
use crate::cargo2::snapshot::Snapshot;
use crate::finding::read::Read;
use crate::finding::{Finding, Severity};
use crate::io::Workspace;
use crate::lint::rules::not_in_stack;
use crate::lint::through::{self, Through, through};
use crate::lint::{self, Context, Manifest, Subject};
use crate::report::{Seen, SeenCargo, SeenElement};
use crate::text::{SourceText, Span};
use crate::workflows::{self, ReadScript, RustElement, WORKFLOWS};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the lints found, and what they looked at.
pub(crate) struct Linted {
    pub(crate) findings: Vec<Finding>,
    subjects: Vec<Subject>,
    rust: Vec<RustElement>,
    /// Whether what is shipped is known.
    stack: bool,
    /// The elements that the tracker says a person merges.
    merged_by_people: BTreeSet<String>,
}

/// Collects the findings of the lints and of the matrix. `lists`: whether the tracker's scripts are read, which is of use in a checkout;
/// the files of a commit may be far away.
///
/// # Errors
/// When the bot fails.
pub(crate) async fn linted(
    workspace: &Arc<Workspace>,
    snapshot: &Snapshot,
    crate_lists: &[CrateList],
    lists: bool,
) -> anyhow::Result<Linted> {
    let subjects = subjects(workspace, snapshot);
    let manifests = manifests(workspace, crate_lists).await?;
    let targets: Vec<&str> = workspace.config.targets.iter().map(String::as_str).collect();
    let stack = workspace.config.stack.as_deref().or_else(|| lint::default_stack(&subjects));
    let project = &snapshot.project.name;
    let context = Context { project, subjects: &subjects, stack, targets: &targets, manifests: &manifests };
    let mut findings = lint::lint(&context);
    let stack = not_in_stack::is_known(&context);
    let rust = rust_elements(&snapshot.project, &subjects);
    let tracker = if lists {
        tracked(workspace, snapshot, &rust, &scripts(workspace, snapshot))
    } else {
        tracked(workspace, snapshot, &rust, &workflows::no_scripts)
    };
    findings.extend(tracker.findings);
    Ok(Linted { findings, subjects, rust, stack, merged_by_people: tracker.merged_by_people })
}

/// Looks at what calls cargo in the elements of crate lists, and reads the files of upstream through which they do.
///
/// # Errors
/// When the bot fails.
pub(crate) async fn seen(
    workspace: &Arc<Workspace>,
    linted: &Linted,
    crate_lists: &[CrateList],
) -> anyhow::Result<Seen> {
    let tracked = |name: &str| linted.rust.iter().any(|element| element.name == name && element.tracked);
    let place = |name: &String| Some(through(linted.subjects.iter().find(|subject| subject.name == *name)?));
    let items = crate_lists.iter().flat_map(|crate_list| {
        let of = move |name: &String| Some((crate_list.clone(), name.clone(), place(name)?));
        crate_list.elements.iter().filter_map(of)
    });
    let found = workspace.in_pool(
        items.collect(),
        |(_, name, _)| name.clone(),
        |workspace, (crate_list, name, place)| async move {
            let cargo = match place {
                Through::Element(seen) => seen,
                Through::File(program, names) => in_file(&workspace, &crate_list, program, names).await,
            };
            (name, cargo)
        },
    );
    let elements = found.await?.into_iter().map(|(name, cargo)| {
        let (tracked, by_people) = (tracked(&name), linted.merged_by_people.contains(&name));
        (name, SeenElement { cargo, tracked, by_people })
    });
    Ok(Seen { stack: linted.stack, switched_off: BTreeSet::new(), elements: elements.collect() })
}

/// Reads the file that a program takes its calls of cargo from, at the pinned commit beside the lock.
async fn in_file(workspace: &Workspace, crate_list: &CrateList, program: &str, names: &[&str]) -> SeenCargo {
    for name in names {
        return match workspace.beside_the_lock(crate_list, name).await {
            Read::Absent => continue,
            Read::Known(text) if through::always_locked(&text) => SeenCargo::InFile((*name).to_owned()),
            Read::Known(_) => SeenCargo::Not(format!("`{name}` calls cargo in a way that was not followed")),
            Read::Unreadable(why) => SeenCargo::Not(format!("`{name}` of upstream cannot be read: {why}")),
        };
    }
    SeenCargo::Not(format!("it calls cargo through `{program}`, whose file was not found beside the lock"))
}

/// Collects all elements of a project that can be read, as the lints see them. The others are findings of the snapshot.
#[must_use]
pub(crate) fn subjects(workspace: &Workspace, snapshot: &Snapshot) -> Vec<Subject> {
    let read = |path: &str| workspace.files.text(path);
    let mut subjects = Vec::new();
    for element in &snapshot.elements {
        match &element.parsed {
            Ok(root) => subjects.push(lint::subject(&element.name, root, &snapshot.project, &read)),
            Err(finding) => tracing::debug!("{}: {}", element.name, finding.message),
        }
    }
    subjects
}

/// Reads the upstream manifests next to the locks. Where the lock itself cannot be read, that is the finding.
async fn manifests(workspace: &Arc<Workspace>, crate_lists: &[CrateList]) -> anyhow::Result<Vec<Manifest>> {
    workspace.announce(crate_lists);
    let found = workspace.in_pool(
        crate_lists.to_vec(),
        |list| list.name().to_owned(),
        |workspace, crate_list: CrateList| async move {
            let root = match workspace.beside_the_lock(&crate_list, "Cargo.toml").await {
                Read::Known(text) => Ok(text),
                Read::Absent => return None,
                Read::Unreadable(_) if workspace.lock(&crate_list).await.is_err() => return None,
                Read::Unreadable(why) => Err(why),
            };
            Some(Manifest { element: crate_list.name().to_owned(), root })
        },
    );
    Ok(found.await?.into_iter().flatten().collect())
}

/// Collects the errors in how the tracker and the other workflows treat the Rust elements.
#[must_use]
pub(crate) fn matrix_errors(workspace: &Workspace, snapshot: &Snapshot) -> Vec<Finding> {
    let rust = rust_elements(&snapshot.project, &subjects(workspace, snapshot));
    // No list is an error.
    let mut findings = tracked(workspace, snapshot, &rust, &workflows::no_scripts).findings;
    workspace.config.apply_severity_overrides(&mut findings);
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// Lints how the tracker and the other workflows treat the Rust elements.
#[must_use]
pub(crate) fn tracked(
    workspace: &Workspace,
    snapshot: &Snapshot,
    rust: &[RustElement],
    scripts: &ReadScript<'_>,
) -> workflows::LintedWorkflows {
    let own = tracker_path(workspace, snapshot, scripts);
    let tracker = tracker_at(workspace, snapshot, &own);
    let others: Vec<ProjectFile> = match &snapshot.workflows {
        Read::Known(all) => all.iter().filter(|(path, _)| !is_at(path, &own)).cloned().collect(),
        // A folder that cannot be listed is reported as the tracker that may be in it.
        Read::Absent | Read::Unreadable(_) => Vec::new(),
    };
    // An element that cannot be looked up is not reported as missing.
    let exists = |name: &str| !matches!(workspace.files.exists(&snapshot.project.path_of(name)), Ok(false));
    // What the bot tracks itself needs no tracker.
    let left = |element: &RustElement| element.tracked && !workspace.config.tracks(&element.name);
    let rust: Vec<RustElement> =
        rust.iter().map(|element| RustElement { tracked: left(element), ..element.clone() }).collect();
    workflows::lint_workflows(&workflows::Project {
        rust: &rust,
        exists: &exists,
        element_path: &snapshot.project.element_path,
        tracker: tracker.as_ref(),
        others: &others,
        scripts,
    })
}

/// Reads the scripts of the repository around a checkout, by their path from its root or from the project's folder.
pub(crate) fn scripts(workspace: &Workspace, snapshot: &Snapshot) -> impl Fn(&str) -> Read<Arc<SourceText>> {
    let up = match &snapshot.workflows {
        Read::Known(all) => {
            all.first().map_or("", |(path, _)| &path[..path.len() - path.trim_start_matches("../").len()])
        }
        Read::Absent | Read::Unreadable(_) => "",
    };
    move |path| match workspace.files.text(&format!("{up}{path}")) {
        Read::Absent if !up.is_empty() => workspace.files.text(path),
        text => text,
    }
}

/// The tracker workflow.
pub(crate) fn tracker(workspace: &Workspace, snapshot: &Snapshot) -> Read<Arc<SourceText>> {
    tracker_at(workspace, snapshot, &tracker_path(workspace, snapshot, &scripts(workspace, snapshot)))
}

fn tracker_at(workspace: &Workspace, snapshot: &Snapshot, path: &str) -> Read<Arc<SourceText>> {
    match &snapshot.workflows {
        Read::Unreadable(why) => return Read::Unreadable(why.clone()),
        Read::Known(all) => {
            if let Some((_, text)) = all.iter().find(|(own, _)| is_at(own, path)) {
                return text.clone();
            }
        }
        Read::Absent => {}
    }
    // It may be configured to be elsewhere in the project.
    if path.starts_with(WORKFLOWS) { Read::Absent } else { workspace.files.text(path) }
}

/// The path of the tracker, from the repository's root: the configured one, the usual one where a workflow is there, else that of
/// the workflow that tracks most.
fn tracker_path(workspace: &Workspace, snapshot: &Snapshot, scripts: &ReadScript<'_>) -> String {
    let usual = workflows::TRACKER;
    if let Some(configured) = &workspace.config.tracker {
        return configured.clone();
    }
    let Read::Known(all) = &snapshot.workflows else { return usual.to_owned() };
    if all.iter().any(|(path, _)| is_at(path, usual)) {
        return usual.to_owned();
    }
    let tracked = |(path, text): &ProjectFile| {
        let Read::Known(file) = text else { return None };
        let entries = workflows::tracked_entries(file, &snapshot.project.element_path, scripts)?;
        Some((entries, std::cmp::Reverse(path.trim_start_matches("../").to_owned())))
    };
    all.iter().filter_map(tracked).max().map_or_else(|| usual.to_owned(), |(_, path)| path.0)
}

/// Returns whether a workflow file, by its path from the project's folder, is at this path from the repository's root.
fn is_at(file: &str, path: &str) -> bool {
    file.trim_start_matches("../") == path
}

/// Collects the Rust elements with a crate list, and whether trackers can move them.
#[must_use]
pub(crate) fn rust_elements(project: &Project, subjects: &[Subject]) -> Vec<RustElement> {
    let sources = |s: &Subject| s.root.get("sources").and_then(|n| n.as_list()).unwrap_or_default().to_vec();
    let rust = |s: &&Subject| sources(s).iter().any(|n| matches!(n.get_str("kind"), Some("cargo2" | "cargo")));
    let untracked = |s: &Subject| {
        let (_, node) = s.root.pair("sources")?;
        let from = node.file.locate(node.span).line;
        let to = node.file.locate(Span::new(node.span.end, node.span.end)).line;
        workflows::untracked::reason(&node.file.text, from, to)
    };
    let one = |s: &Subject| RustElement {
        name: s.name.clone(),
        tracked: sources(s).iter().any(|n| n.get("track").is_some()),
        path: project.path_of(&s.name),
        untracked: untracked(s),
    };
    subjects.iter().filter(rust).map(one).collect()
}
