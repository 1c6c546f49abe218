//! Failures to read that a line would lose.

use super::code::bare;
use super::house::{is_test, without_tests};

/// The rooms that ask adapters: there every result is one of a read, or is made from one.
const ASKING: [&str; 2] = ["src/app/", "src/cli/"];

/// How adapters are asked. In the other rooms only statements with one of these are looked at.
const READING: [&str; 12] = [
    "files.text(",
    "files.bytes(",
    "files.entry(",
    "files.names(",
    "files.elements(",
    "files.exists(",
    "files.workflows(",
    "objects.blob(",
    "objects.tree(",
    "workspace.lock(",
    "workspace.refs(",
    "workspace.snapshot(",
];

/// What forgets why something failed.
const LOSING: [&str; 6] = [".ok()", "if let Ok(", "let Ok(", "Result::ok)", "Err(_) =>", ".unwrap_or_default()"];

/// The statements of a file that lose a failure.
pub(crate) fn lost(path: &str, text: &str) -> Vec<String> {
    if is_test(path) {
        return Vec::new();
    }
    let code = bare(without_tests(text));
    let asks = ASKING.iter().any(|room| path.starts_with(room));
    let mut found = Vec::new();
    for statement in code.split([';', '{', '}']) {
        let reads = READING.iter().any(|read| statement.contains(read));
        let loses = LOSING.iter().find(|lose| {
            let everywhere = **lose != ".unwrap_or_default()";
            statement.contains(**lose) && (reads || (asks && everywhere))
        });
        if let Some(lose) = loses {
            let shown: Vec<&str> = statement.split_whitespace().collect();
            found.push(format!("{path}: `{lose}` in `{}`", shown.join(" ")));
        }
    }
    found
}
