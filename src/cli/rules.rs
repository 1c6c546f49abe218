//! The commands `rules` and `explain`.

use super::Usage;
use super::args::Format;
use super::output::print;
use crate::finding::Rule;
use crate::registry;
use crate::report::Exit;
use crate::text::closest;
use serde_json::{Value, json};

/// Lists the rules.
pub(super) fn list(format: Format) -> anyhow::Result<Exit> {
    let all = registry::all();
    let line = |rule: &&Rule| format!("{:<28} {:<8} {}\n", rule.id, rule.severity.name(), rule.means);
    let text = match format {
        Format::Json => format!("{:#}\n", all.iter().map(|rule| document(rule)).collect::<Value>()),
        _ => all.iter().map(line).collect(),
    };
    print(&text).map(|()| Exit::Done)
}

/// Explains one rule.
pub(super) fn explain(id: &str, format: Format) -> anyhow::Result<Exit> {
    let all = registry::all();
    match (all.iter().find(|rule| rule.id == id), format) {
        (Some(rule), Format::Json) => print(&format!("{:#}\n", document(rule))).map(|()| Exit::Done),
        (Some(_), _) => print(&registry::explain(id).unwrap_or_default()).map(|()| Exit::Done),
        (None, _) => {
            let known: Vec<&str> = all.iter().map(|rule| rule.id).collect();
            let meant = closest(id, &known).map(|id| format!(": did you mean `{id}`?")).unwrap_or_default();
            Err(Usage(format!("there is no rule `{}`{meant}; `cargo2-bot rules` lists them", id.escape_debug())).into())
        }
    }
}

fn document(rule: &Rule) -> Value {
    json!({ "rule": rule.id, "severity": rule.severity, "means": rule.means, "remedy": rule.remedy })
}
