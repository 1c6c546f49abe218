//! `track`: moves the refs of the git sources of Rust elements as `bst source track` does, and regenerates their blocks.
//!
//! ```text
//! elements ─> sources that are tracked ─> refs of their repositories ─> targets ─┐
//! files with new refs, in memory ─> crate lists ─> locks ─> blocks ─> changes <──┘
//! ```
//! Elements that share a file move together or not at all, and no element keeps another one from moving.

mod describing;
mod group;
mod remarks;
mod resolve;
mod target;
mod words;

use crate::app::regenerate::{self, Mode, discovered};
use crate::cargo2::discover::{Discovered, Selection};
use crate::finding::{Finding, rules};
use crate::io::Workspace;
use crate::report::{Report, blocks as reported};
pub(crate) use group::Group;
use std::sync::Arc;

/// The options of a run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The elements to which the run is limited.
    pub selection: Selection,
    /// Whether the run may write.
    pub mode: Mode,
    /// Whether BuildStream's choice is taken, whatever it is.
    pub as_buildstream: bool,
}

/// Tracks the Rust elements of the checkout.
///
/// # Errors
/// When the project itself cannot be read, or the bot fails. Problems of an element are in the report.
pub async fn track(workspace: &Arc<Workspace>, request: &Request) -> anyhow::Result<Report> {
    let (groups, mut findings) = groups(workspace, &request.selection, request.as_buildstream).await?;
    if !request.as_buildstream {
        findings.extend(remarks::of_moves(workspace, &groups).await);
    }
    let mut report = Report { findings, ..Report::default() };
    for group in groups {
        let mut written = false;
        if request.mode == Mode::Write && !group.changes.is_empty() {
            let mut failed = Vec::new();
            for change in &group.changes {
                if let Err(e) = workspace.replace(&change.old, &change.new) {
                    failed.push(regenerate::unwritten(&change.old.path, &e));
                }
            }
            written = failed.is_empty();
            report.findings.extend(failed);
        }
        report.add(of_group(group, request.mode, written));
    }
    Ok(regenerate::finish_report(workspace, report))
}

/// The report on one group. Blocks that move with their refs have not drifted.
fn of_group(group: Group, mode: Mode, written: bool) -> Report {
    let mut report = Report { findings: group.findings, ..Report::default() };
    let shown = written || (mode == Mode::Look && !group.moves.is_empty());
    for planned in group.planned {
        report.add(reported::of_plan(planned, shown));
    }
    // A ref and its block are one change of a file.
    report.changes = group.changes;
    for (source, mut moved) in group.moves {
        moved.written = written;
        if mode == Mode::Look {
            let from = moved.from.as_deref().unwrap_or("no ref");
            let place = source.node.pair("ref").map_or_else(|| source.node.location(), |(_, value)| value.location());
            let finding = Finding::new(&rules::TRACK_DUE, format!("{} leads to {}", what(&moved.track), moved.to));
            report.findings.push(finding.at(place).of(&moved.element).note(format!("{from} → {}", moved.to)));
        }
        report.moves.push(moved);
    }
    report
}

/// What a source tracks, in words.
fn what(track: &str) -> String {
    if track.is_empty() { "its place in the outer repository".into() } else { format!("`{}`", track.escape_debug()) }
}

/// Finds out what tracking would change. Nothing is written.
///
/// # Errors
/// When the project cannot be read, or the bot fails.
pub(crate) async fn groups(
    workspace: &Arc<Workspace>,
    selection: &Selection,
    as_buildstream: bool,
) -> anyhow::Result<(Vec<Group>, Vec<Finding>)> {
    let (snapshot, found) = discovered(workspace, selection)?;
    let Discovered { findings, elements, .. } = found;
    let targets = {
        let snapshot = snapshot.clone();
        let work = move |workspace: Arc<Workspace>, name: String| {
            let snapshot = snapshot.clone();
            async move { target::target(&workspace, &snapshot, name, as_buildstream).await }
        };
        workspace.in_pool(elements, String::clone, work).await?
    };
    let mut groups = Vec::new();
    for targets in group::together(targets, &snapshot) {
        groups.push(group::moved(workspace, &snapshot, targets).await?);
    }
    Ok((groups, findings))
}
