//! The command `plan`.

use super::Context;
use super::args::Plan;
use super::output::print;
use crate::app::regenerate::discovered;
use crate::cargo2::discover::Selection;
use crate::cargo2::shards::{self, Shard};
use crate::report::Exit;
use serde_json::{Value, json};

/// The Rust elements, or parts of them, as `{"include": […]}`, for `fromJSON` in a workflow.
pub(super) fn plan(args: &Plan, context: Context<'_>) -> anyhow::Result<Exit> {
    let workspace = context.open_plainly()?;
    let (snapshot, found) = discovered(&workspace, &Selection::default())?;
    let project = &snapshot.project;
    let rows: Vec<Value> = match args.shards {
        None => found
            .elements
            .iter()
            .map(|element| {
                let track = workspace.config.tracks(element);
                json!({ "element": element, "file": project.path_of(element), "track": track })
            })
            .collect(),
        Some(of) => {
            let of = usize::from(of);
            let row = |(index, part): (usize, shards::Part)| {
                let shard = Shard { index: index + 1, of };
                json!({ "shard": shard.to_string(), "elements": part.elements.len(), "crates": part.crates })
            };
            shards::split(&found, of).into_iter().enumerate().map(row).collect()
        }
    };
    print(&format!("{}\n", json!({ "include": rows })))?;
    Ok(Exit::Done)
}
