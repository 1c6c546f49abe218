//! The command `new`.

use super::Context;
use super::args::{Format, New};
use super::output::{self, print};
use crate::app::new::{self as app, Created};
use crate::report::{Exit, Report};

/// Writes a new element.
pub(super) async fn new(args: &New, context: Context<'_>) -> anyhow::Result<Exit> {
    let workspace = context.open_plainly()?;
    let request = app::Request {
        name: args.element.clone(),
        url: args.url.clone(),
        track: args.track.clone(),
        bin: args.bin.clone(),
        service: args.service,
        dry_run: args.dry_run,
    };
    match app::create(&workspace, &request).await? {
        Created::Planned(plan) if context.common.format == Format::Json => {
            let changed: Vec<&str> = plan.stack.iter().chain(&plan.tracker).map(|change| &*change.old.path).collect();
            let document = serde_json::json!({
                "written": !args.dry_run,
                "path": &*plan.element.path,
                "text": &*plan.element.text,
                "changed": changed,
                "checklist": plan.checklist_text(),
            });
            print(&format!("{document:#}\n")).map(|()| Exit::Done)
        }
        Created::Planned(plan) if args.dry_run => print(&plan.element.text).map(|()| Exit::Done),
        Created::Planned(plan) => {
            let changed = plan.stack.iter().chain(&plan.tracker).map(|change| format!("changed {}\n", change.old.path));
            let done: String = std::iter::once(format!("wrote {}\n", plan.element.path)).chain(changed).collect();
            print(&format!("{done}\n{}", plan.checklist_text())).map(|()| Exit::Done)
        }
        Created::Refused(findings) => output::report(&Report { findings, ..Report::default() }, context, false),
    }
}
