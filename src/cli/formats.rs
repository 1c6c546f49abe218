//! The formats that each command writes. Every other one is refused, not ignored.

use super::Usage;
use super::args::{Command, Format};
use clap::ValueEnum as _;

const TEXT: &[Format] = &[Format::Human];
const DOCUMENT: &[Format] = &[Format::Human, Format::Json];
const REPORT: &[Format] = &[Format::Human, Format::Json, Format::Github, Format::Gitlab, Format::Sarif];
const REVIEW: &[Format] =
    &[Format::Human, Format::Json, Format::Github, Format::Gitlab, Format::Sarif, Format::Markdown];

/// The formats that a command writes.
fn of(command: &Command) -> &'static [Format] {
    match command {
        Command::Demo | Command::Completions(_) | Command::Man(_) => TEXT,
        Command::Init(_)
        | Command::New(_)
        | Command::Run(_)
        | Command::Plan(_)
        | Command::Audit(_)
        | Command::Doctor(_)
        | Command::Rules
        | Command::Explain(_) => DOCUMENT,
        Command::Generate(_) | Command::Regenerate(_) | Command::Track(_) | Command::Check(_) => REPORT,
        Command::Review(_) => REVIEW,
    }
}

/// Refuses a format that a command does not write.
///
/// # Errors
/// When it is one.
pub(super) fn check(command: &Command, format: Format) -> Result<(), Usage> {
    let known = of(command);
    if known.contains(&format) {
        return Ok(());
    }
    let name = |format: &Format| format.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let names: Vec<String> = known.iter().map(name).collect();
    Err(Usage(format!("this command does not write the format `{}`, but: {}", name(&format), names.join(", "))))
}
