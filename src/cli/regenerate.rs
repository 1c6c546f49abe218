//! The commands `regenerate`, `track` and `check`.

use super::args::{Check, FixArg, Locks, Regenerate, Track};
use super::progress::Status;
use super::{Context, output};
use crate::app::regenerate::{self as app, Fixes, Mode};
use crate::app::track;
use crate::cargo2::discover::Selection;
use crate::cargo2::shards::{self, Shard};
use crate::io::Workspace;
use crate::report::{Exit, Report};
use std::sync::Arc;

/// Verifies the blocks, and regenerates those that differ from their locks.
pub(super) async fn regenerate(args: &Regenerate, context: Context<'_>) -> anyhow::Result<Exit> {
    let mode = if args.check { Mode::Look } else { Mode::Write };
    let mut request =
        app::Request { selection: Selection { names: args.elements.clone() }, mode, ..app::Request::default() };
    let work = async |workspace: Arc<Workspace>| {
        if let Some(Shard { index, of }) = args.shard {
            let (_, found) = app::discovered(&workspace, &Selection::default())?;
            request.selection.names = shards::split(&found, of).swap_remove(index - 1).elements;
            // Without a name all of them would be selected.
            if request.selection.names.is_empty() {
                return Ok(Report::default());
            }
        }
        app::regenerate(&workspace, &request).await
    };
    output::report(&watched(&args.locks, context, work).await?, context, false)
}

/// Moves refs and regenerates blocks; with `--check` it only says what would move.
pub(super) async fn track(args: &Track, context: Context<'_>) -> anyhow::Result<Exit> {
    let mode = if args.check { Mode::Look } else { Mode::Write };
    let selection = Selection { names: args.elements.clone() };
    let request = track::Request { selection, mode, as_buildstream: args.as_buildstream };
    let work = async |workspace: Arc<Workspace>| track::track(&workspace, &request).await;
    let locks = Locks { lock: Vec::new(), jobs: args.jobs };
    output::report(&watched(&locks, context, work).await?, context, false)
}

/// Checks the blocks, the elements and the tracker's matrix.
pub(super) async fn check(args: &Check, context: Context<'_>) -> anyhow::Result<Exit> {
    let mode = if args.fix.is_some() && !args.dry_run { Mode::Write } else { Mode::Look };
    let fixes = match args.fix {
        None => Fixes::None,
        Some(FixArg::Safe) => Fixes::Safe,
        Some(FixArg::Tracker) => Fixes::Tracker,
    };
    let request = app::Request { selection: Selection { names: args.elements.clone() }, mode, fixes };
    let work = async |workspace: Arc<Workspace>| app::check(&workspace, &request).await;
    output::report(&watched(&args.locks, context, work).await?, context, args.fix.is_some())
}

/// Works on the project with a line of progress.
async fn watched(
    locks: &Locks,
    context: Context<'_>,
    work: impl AsyncFnOnce(Arc<Workspace>) -> anyhow::Result<Report>,
) -> anyhow::Result<Report> {
    let status = Arc::new(Status::new(context.common.quiet));
    let shown = status.clone();
    let workspace = context.open(locks, Arc::new(move |progress| shown.show(&progress)))?;
    let _cleared = status.cleared();
    work(workspace).await
}
