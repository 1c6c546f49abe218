//! The command `doctor`.

use super::Context;
use super::args::{Doctor, Format};
use super::output::print;
use super::run::connection;
use crate::app::doctor::{Seen, look};
use crate::config;
use crate::io::actions::Environment;
use crate::io::github::GitHub;
use crate::report::{Exit, Report, human};

/// Prints the diagnosis of the setup, and puts right what is a file.
pub(super) async fn doctor(args: &Doctor, context: Context<'_>) -> anyhow::Result<Exit> {
    let environment = Environment::read(|name| context.surroundings.get(name));
    let color = context.colored(&std::io::stdout());
    let json = context.common.format == Format::Json;
    let workspace = match context.open_plainly() {
        Ok(workspace) => workspace,
        Err(error) => {
            let seen = Seen::misconfigured(&error.downcast::<config::Error>()?);
            print(&if json { seen.json() } else { seen.text(color) })?;
            return Ok(Exit::Findings);
        }
    };
    let github = connection(&environment, context).map(GitHub::connect).transpose();
    let github = github.as_ref().map(Option::as_ref);
    let mut seen = look(&workspace, github).await;
    if args.fix {
        let changes = seen.changes();
        for change in &changes {
            workspace.replace(&change.old, &change.new)?;
        }
        if !changes.is_empty() {
            seen = look(&workspace, github).await;
        }
        if !json {
            print(&human::changes(&Report { changes, ..Report::default() }, color))?;
        }
    }
    print(&if json { seen.json() } else { seen.text(color) })?;
    Ok(if seen.bad() { Exit::Findings } else { Exit::Done })
}
