//! One state of the project, as a review needs it.

use crate::app::regenerate::{Request, gather};
use crate::cargo2::discover::Discovered;
use crate::cargo2::snapshot::Snapshot;
use crate::io::Workspace;
use std::sync::Arc;

/// One state of the project.
pub(super) struct State {
    pub snapshot: Arc<Snapshot>,
    /// Its crate lists, under the configuration that counts.
    pub found: Discovered,
}

/// The crate lists of a state of the project.
pub(super) fn state(workspace: &Workspace, base: Option<&Workspace>) -> anyhow::Result<State> {
    let (snapshot, mut found) = gather(workspace, &Request::default(), base)?;
    found.crate_lists.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(State { snapshot, found })
}
