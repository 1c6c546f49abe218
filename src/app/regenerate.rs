//! The whole data flow on one screen: gather, verify, update; and, for `check`, the lints beside it.

use crate::app::check;
use crate::cargo2::discover::{self, Discovered, Selection};
use crate::cargo2::element::CrateList;
use crate::cargo2::element_file::Element;
use crate::cargo2::generated_lock;
use crate::cargo2::plan::{self, VerifiedList};
use crate::cargo2::snapshot::Snapshot;
use crate::cargo2::verify::{self, LockFile};
use crate::finding::fixes;
use crate::finding::read::Unreadable;
use crate::finding::rules;
use crate::finding::{self, Finding};
use crate::io::Workspace;
use crate::report::{Report, blocks as reported};
use crate::text::Location;
use crate::workflows::rules::rust_untracked;
use crate::workflows::untracked;
use std::sync::Arc;

/// Whether a run may write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The run only verifies.
    #[default]
    Look,
    /// The run updates files.
    Write,
}

/// The fixes that are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fixes {
    /// None: what would be fixed is shown at most.
    #[default]
    None,
    /// Those that are safe.
    Safe,
    /// Entries of the tracker as well: somebody may have left them out deliberately.
    Tracker,
}

/// The options of a run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The elements to which the run is limited.
    pub selection: Selection,
    /// Whether the run may write.
    pub mode: Mode,
    /// The fixes that are asked for.
    pub fixes: Fixes,
}

/// Regenerates the blocks of the checkout, or only verifies them.
///
/// # Errors
/// When the project itself cannot be read, or the bot fails. Problems of an element are in the report.
pub async fn regenerate(workspace: &Arc<Workspace>, request: &Request) -> anyhow::Result<Report> {
    let (_, found) = gather(workspace, request, None)?;
    blocks(workspace, request, found.crate_lists, found.findings).await.map(|report| finish_report(workspace, report))
}

/// Checks the tracker's matrix, the elements and their blocks, and fixes what can be fixed safely.
///
/// # Errors
/// As [`regenerate`].
pub async fn check(workspace: &Arc<Workspace>, request: &Request) -> anyhow::Result<Report> {
    let (snapshot, found) = gather(workspace, request, None)?;
    let mut lints = check::linted(workspace, &snapshot, &found.crate_lists, true).await?.findings;
    let selected = request.selection.elements(&snapshot.project);
    lints.retain(|f| selected.is_empty() || f.element.as_ref().is_none_or(|element| selected.contains(element)));
    let configured = |name: &str| workspace.config.reason_of(&rust_untracked::RULE, name);
    untracked::hold_back(&mut lints, request.fixes == Fixes::Tracker, request.fixes == Fixes::Safe, configured);
    // What the configuration switches off is not fixed either.
    for finding in lints.iter_mut().filter(|finding| workspace.config.is_off(finding)) {
        finding.fix = None;
    }
    let (mut changes, used) = fixes::combine(&lints);
    let mut report = if request.mode == Mode::Write {
        // The fixes are written first; the blocks are then those of the files as they are now.
        let mut failed = Vec::new();
        changes.retain(|change| match workspace.replace(&change.old, &change.new) {
            Ok(()) => true,
            Err(e) => {
                failed.push(unwritten(&change.old.path, &e));
                false
            }
        });
        let unfixed = |(finding, used): &(Finding, bool)| {
            !(*used && finding.fix.as_ref().is_some_and(|fix| changes.iter().any(|c| c.old.path == fix.file.path)))
        };
        let (_, found) = gather(workspace, request, None)?;
        let mut report = blocks(workspace, request, found.crate_lists, found.findings).await?;
        report.findings.extend(lints.into_iter().zip(used).filter(unfixed).map(|(finding, _)| finding).chain(failed));
        report
    } else {
        let mut report = blocks(workspace, request, found.crate_lists, found.findings).await?;
        report.findings.extend(lints);
        report
    };
    changes.append(&mut report.changes);
    report.changes = changes;
    if selected.is_empty() {
        report.findings.extend(workspace.config.unused_rules(&report.findings));
    }
    let mut report = finish_report(workspace, report);
    report.findings = untracked::by_folder(report.findings);
    Ok(report)
}

/// Reads the state of the project and its crate lists, limited to a selection.
///
/// # Errors
/// When the project, or the folder of its elements, cannot be read.
pub fn discovered(workspace: &Workspace, selection: &Selection) -> anyhow::Result<(Arc<Snapshot>, Discovered)> {
    let snapshot = workspace.snapshot()?;
    let mut found = snapshot.discovered.clone();
    // A selected element may be reached through a link, so that no listing names it.
    let unlisted = selection.elements(&snapshot.project).into_iter().filter(|name| snapshot.element(name).is_none());
    let read = |path: &str| workspace.files.text(path);
    for path in unlisted.map(|name| snapshot.project.path_of(&name)) {
        let text = read(&path);
        let element = text.may_exist().then(|| Element::parse(&snapshot.project, (path, text))).flatten();
        found.append(discover::crate_lists(&snapshot.project, element.as_slice(), &read));
    }
    let found = found.select(&snapshot.project, selection, &snapshot.elements);
    Ok((snapshot, found))
}

/// Gathers the input: every file is read here; locks are read later, in the pool. `base` is the state before a change, if
/// there is one: its files count as newer than the history.
pub(crate) fn gather(
    workspace: &Workspace,
    request: &Request,
    base: Option<&Workspace>,
) -> anyhow::Result<(Arc<Snapshot>, Discovered)> {
    let read = |path: &str| workspace.files.text(path);
    let (snapshot, mut found) = discovered(workspace, &request.selection)?;
    let project = &snapshot.project;
    found.crate_lists.iter_mut().for_each(|crate_list| crate_list.configure(&workspace.config));
    found.findings.extend(workspace.unknown_locks(&found.elements));
    let earlier = |paths: &[String]| base.map(|base| texts(base, paths)).into_iter().chain(workspace.earlier(paths));
    found.findings.extend(generated_lock::findings(&found.crate_lists, project, &read, earlier));
    // An element that cannot be looked up is not reported as unknown.
    let exists = |name: &str| !matches!(workspace.files.exists(&project.path_of(name)), Ok(false));
    found.findings.extend(workspace.config.unknown_elements(&exists));
    Ok((snapshot, found))
}

/// Reads files of a state of the project; those that it does not have are left out.
fn texts(workspace: &Workspace, paths: &[String]) -> Result<generated_lock::Texts, Unreadable> {
    let mut texts = generated_lock::Texts::new();
    for path in paths {
        if let Some(text) = workspace.files.text(path).optional()? {
            texts.insert(path.clone(), text);
        }
    }
    Ok(texts)
}

/// Verifies and updates: each block against its lock, in parallel; one new text for each file, read again before it counts.
async fn blocks(
    workspace: &Arc<Workspace>,
    request: &Request,
    crate_lists: Vec<CrateList>,
    findings: Vec<Finding>,
) -> anyhow::Result<Report> {
    workspace.announce(&crate_lists);
    let verdicts = workspace
        .in_pool(crate_lists, |list| list.name().to_owned(), verified)
        .await?
        .into_iter()
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut report = Report { findings, ..Report::default() };
    for (path, group) in plan::by_file(verdicts) {
        let planned = plan::plan(group);
        let mut written = false;
        if let (Mode::Write, Some(change)) = (request.mode, &planned.change) {
            match workspace.replace(&change.old, &change.new) {
                Ok(()) => written = true,
                Err(e) => report.findings.push(unwritten(&path, &e)),
            }
        }
        report.add(reported::of_plan(planned, written));
    }
    Ok(report)
}

/// Fetches the lock of one crate list and verifies the list; the lock is dropped afterwards.
///
/// # Errors
/// When the bot fails.
pub(crate) async fn verified(workspace: Arc<Workspace>, crate_list: CrateList) -> anyhow::Result<VerifiedList> {
    Ok(verified_with(workspace, crate_list, |_| ()).await?.0)
}

/// Does the same, and returns what `also` makes of the lock. None where it is not available.
///
/// # Errors
/// When the bot fails.
pub(crate) async fn verified_with<T: Send + 'static>(
    workspace: Arc<Workspace>,
    crate_list: CrateList,
    also: fn(&LockFile) -> T,
) -> anyhow::Result<(VerifiedList, Option<T>)> {
    let lock: Result<LockFile, Box<Finding>> = workspace.lock(&crate_list).await;
    let origin = match &lock {
        Ok(lock) => {
            tracing::info!("{}: the lock is {}", crate_list.name(), lock.origin);
            Some(lock.origin.clone())
        }
        Err(why) => {
            // The reason becomes the verdict.
            tracing::debug!("{}: {}", crate_list.name(), why.message);
            None
        }
    };
    let verified = workspace.compute(move || {
        let (verdict, notes) = verify::verify_block(&crate_list, lock.as_ref().map_err(|finding| (**finding).clone()));
        (VerifiedList { crate_list, verdict, origin, notes }, lock.iter().map(also).next())
    });
    verified.await
}

/// Completes a report: adds expired exceptions, applies configured severities, and sorts.
pub(super) fn finish_report(workspace: &Workspace, mut report: Report) -> Report {
    report.findings.extend(workspace.expired.iter().cloned());
    workspace.config.apply_severity_overrides(&mut report.findings);
    finding::sort_and_dedup(&mut report.findings);
    report
}

pub(super) fn unwritten(path: &str, error: &anyhow::Error) -> Finding {
    Finding::new(&rules::WRITE_FAILED, format!("{error:#}")).at(Location::file(path))
}
