//! The command `audit`.

use super::args::{Audit, Format};
use super::output::print;
use super::run::connection;
use super::{Context, Usage};
use crate::app;
use crate::github::audit;
use crate::io::actions::Environment;
use crate::io::github::GitHub;
use crate::report::Exit;

/// Prints what the hold came to, as GitHub keeps it.
pub(super) async fn audit(args: &Audit, context: Context<'_>) -> anyhow::Result<Exit> {
    let environment = Environment::read(|name| context.surroundings.get(name));
    let connection = connection(&environment, context)
        .ok_or_else(|| Usage("GITHUB_TOKEN and GITHUB_REPOSITORY (owner/name) are not both set".into()))?;
    let entries = app::audit::audit(&GitHub::connect(connection)?, args.last).await?;
    print(&match context.common.format {
        Format::Json => format!("{:#}\n", serde_json::to_value(&entries)?),
        _ => audit::text(&entries),
    })?;
    Ok(Exit::Done)
}
