//! Prints reports in the format that the command line names.

use super::Context;
use super::args::Format;
use crate::registry;
use crate::report::{self, Exit, Report};
use std::io::Write as _;

/// Prints a report, with the changes as diffs where they are requested.
pub(super) fn report(report: &Report, context: Context<'_>, changes: bool) -> anyhow::Result<Exit> {
    let color = context.colored(&std::io::stdout());
    let diffs = if changes && context.common.format == Format::Human {
        report::human::changes(report, color)
    } else {
        String::new()
    };
    print(&(diffs + &rendered(report, context.common.format, color)))?;
    Ok(report.exit())
}

/// A report as text.
pub(super) fn rendered(report: &Report, format: Format, color: bool) -> String {
    match format {
        Format::Human => report::human::report(report, color),
        Format::Json => report::json::report(report),
        Format::Github => report::github::report(report),
        Format::Gitlab => report::gitlab::report(report),
        Format::Sarif => report::sarif::report(report, &registry::all()),
        // Only a review is written as a comment.
        Format::Markdown => report::human::report(report, false),
    }
}

/// Writes to standard output.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // A closed pipe is no failure: the reader has seen enough.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}
