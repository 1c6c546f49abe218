//! Texts of elements and workflows.

use crate::world::tool;

/// A Rust element whose source's kind is spelled like this: all after `- `.
pub fn spelled(kind: &str) -> String {
    tool(0, 0).replace("kind: cargo2", kind)
}

/// The sources of a Rust element, from `sources:` on.
pub fn sources() -> String {
    let element = tool(0, 0);
    element[element.find("sources:").unwrap()..].to_owned()
}

/// The same with each line moved to the right.
pub fn indented(by: usize) -> String {
    sources().lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// The project's Rust element with something added: `head` before the first key, `more` as its first sources.
pub fn tool_with(head: &str, more: &str) -> String {
    format!("{head}{}", tool(0, 0).replace("sources:\n", &format!("sources:\n{more}")))
}

/// The project's configuration with more keys.
pub fn project(more: &str) -> String {
    format!("name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n{more}")
}

/// A workflow with one job that runs a script.
pub fn workflow(on: &str, permissions: &str, run: &str) -> String {
    format!(
        "name: W\non: {on}\npermissions: {permissions}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n    - name: run it\n      run: {run}\n"
    )
}

/// A workflow that can write nothing.
pub fn read_only(run: &str) -> String {
    workflow("pull_request", "{contents: read}", run)
}
