//! The command `init`.

use super::args::{Format, Init};
use super::output::print;
use super::{Context, Usage};
use crate::app::init::{self as app, Checkout, Plan, Request};
use crate::io::Workspace;
use crate::io::commit::LocalObjects;
use crate::report::{Exit, Report, human};
use serde_json::json;
use std::sync::Arc;

/// Writes the workflows and the configuration, or prints the ruleset.
pub(super) fn init(args: &Init, context: Context<'_>) -> anyhow::Result<Exit> {
    let workspace = context.open_plainly()?;
    if let Some(id) = args.ruleset {
        return print(&app::ruleset(&workspace, id)?).map(|()| Exit::Done);
    }
    if let Some(action) = args.action.as_ref().filter(|action| !app::is_action(action)) {
        return Err(
            Usage(format!("`{}` is not an action: write owner/cargo2-bot@COMMIT", action.escape_debug())).into()
        );
    }
    let usage = |why: crate::finding::read::Unreadable| anyhow::Error::from(Usage(why.into()));
    let folder = context.project();
    let git = LocalObjects::around(&folder).map_err(usage)?;
    let (root, checkout) = match &git {
        None => (workspace.clone(), Checkout::default()),
        Some(git) => {
            let mut setup = context.plain_setup();
            setup.project = git.workdir().to_owned();
            let checkout = Checkout {
                folder: git.prefix_of(&folder).map_err(usage)?,
                remote: git.remote(),
                default: git.default_base().map(|name| name.trim_start_matches("origin/").to_owned()),
            };
            (Arc::new(Workspace::open(setup, Arc::new(|_| ()))?), checkout)
        }
    };
    let request = Request {
        app: args.app,
        update: args.update,
        dry_run: args.dry_run,
        action: args.action.clone(),
        git: checkout,
    };
    let plan = app::init(&workspace, &root, &request)?;
    print(&match context.common.format {
        Format::Json => json(&plan, args.dry_run),
        _ => text(&plan, args.dry_run, context),
    })?;
    Ok(Exit::Done)
}

fn text(plan: &Plan, dry_run: bool, context: Context<'_>) -> String {
    let mut out: String = plan.found.iter().map(|found| format!("found    {found}\n")).collect();
    for file in &plan.files {
        let done = if file.new { "wrote    " } else { "updated  " };
        let path = &file.change.new.path;
        out.push_str(&if dry_run { format!("would write {path}\n") } else { format!("{done}{path}\n") });
    }
    out.extend(plan.kept.iter().map(|kept| format!("kept     {kept}\n")));
    // What is replaced is shown in any case.
    let changes = plan.files.iter().filter(|file| dry_run || !file.new).map(|file| file.change.clone()).collect();
    out.push_str(&human::changes(&Report { changes, ..Report::default() }, context.colored(&std::io::stdout())));
    for (at, (what, commands)) in plan.next.iter().enumerate() {
        out.push_str(&format!("\n{}. {what}\n", at + 1));
        out.extend(commands.iter().map(|command| format!("     {command}\n")));
    }
    out
}

fn json(plan: &Plan, dry_run: bool) -> String {
    let file = |file: &app::Planned| json!({ "path": &*file.change.new.path, "new": file.new, "text": &*file.change.new.text });
    let step = |(what, commands): &(String, Vec<String>)| json!({ "what": what, "commands": commands });
    let document = json!({
        "written": !dry_run,
        "found": plan.found,
        "files": plan.files.iter().map(file).collect::<Vec<_>>(),
        "kept": plan.kept,
        "next": plan.next.iter().map(step).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
