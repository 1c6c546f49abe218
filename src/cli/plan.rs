//! The command `plan`.

use super::Context;
use super::output::print;
use crate::app::regenerate::discovered;
use crate::cargo2::discover::Selection;
use crate::report::Exit;

/// The Rust elements as `{"include": […]}`, for `fromJSON` in a workflow.
pub(super) fn plan(context: Context<'_>) -> anyhow::Result<Exit> {
    let workspace = context.open_plainly()?;
    let (snapshot, found) = discovered(&workspace, &Selection::default())?;
    let project = &snapshot.project;
    let row = |element: &String| {
        let track = workspace.config.tracks(element);
        serde_json::json!({ "element": element, "file": project.path_of(element), "track": track })
    };
    let rows: Vec<_> = found.elements.iter().map(row).collect();
    print(&format!("{}\n", serde_json::json!({ "include": rows })))?;
    Ok(Exit::Done)
}
