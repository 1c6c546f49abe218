//! The command `doctor`.

use super::Context;
use super::output::print;
use super::run::connection;
use crate::app::doctor::look;
use crate::io::actions::Environment;
use crate::io::github::GitHub;
use crate::report::Exit;

/// Prints the diagnosis of the setup.
pub(super) async fn doctor(context: Context<'_>) -> anyhow::Result<Exit> {
    let environment = Environment::read(|name| context.surroundings.get(name));
    let workspace = context.open_plainly()?;
    let github = connection(&environment, context).map(GitHub::connect).transpose();
    let seen = look(&workspace, github.as_ref().map(Option::as_ref)).await;
    print(&seen.text(context.colored(&std::io::stdout())))?;
    Ok(if seen.bad() { Exit::Findings } else { Exit::Done })
}
