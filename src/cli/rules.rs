//! The commands `rules` and `explain`.

use super::Usage;
use super::output::print;
use crate::finding::Rule;
use crate::registry;
use crate::report::Exit;

/// Lists the rules.
pub(super) fn list() -> anyhow::Result<Exit> {
    let line = |rule: &Rule| format!("{:<28} {:<8} {}\n", rule.id, rule.severity.name(), rule.means);
    print(&registry::all().into_iter().map(line).collect::<String>()).map(|()| Exit::Done)
}

/// Explains one rule.
pub(super) fn explain(rule: &str) -> anyhow::Result<Exit> {
    match registry::explain(rule) {
        Some(text) => print(&text).map(|()| Exit::Done),
        None => Err(Usage(format!("there is no rule `{rule}`; `cargo2-bot rules` lists them")).into()),
    }
}
