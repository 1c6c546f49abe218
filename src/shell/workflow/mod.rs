//! What a shell script of a workflow merges, and for which matrix entries. Nothing is run.
//!
//! Only what workflows use to choose is understood: `if`, `&&`, `||`, early exits, `[ ]` and `[[ ]]` on texts,
//! simple assignments and step outputs. What is not understood counts as possible, never as impossible.

mod lines;
mod test;
mod values;
mod walk;

use crate::workflows::expr::{AbstractValue, Lookup, Tri};
use lines::{commands, lines, words};
use std::collections::HashMap;
pub(crate) use test::matches;
use walk::Walker;

/// How long a script may be, in bytes. GitHub refuses longer expressions than 21,000 characters.
pub const MAX_SCRIPT: usize = 64 << 10;

/// How many merges of one script are told.
const MAX_MERGES: usize = 100;

/// A command that merges a pull request, or enables its auto-merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The command.
    pub command: String,
    /// Whether it is reached.
    pub guard: Tri,
}

/// What a script does, for one entry.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// What it merges, in order.
    pub merges: Vec<Merge>,
    /// What it writes to `$GITHUB_OUTPUT`.
    pub outputs: HashMap<String, AbstractValue>,
}

/// The scripts' logical lines, for those who look for words in them.
#[must_use]
pub fn logical_lines(script: &str) -> Vec<String> {
    lines(script).into_iter().map(|line| line.text).collect()
}

/// Reads a script. `lookup` gives what `${{ }}` stands for, `environment` the variables.
#[must_use]
pub fn read(script: &str, lookup: &Lookup<'_>, environment: &HashMap<String, AbstractValue>) -> Effects {
    let mut walker = Walker::new(lookup, environment.clone());
    if script.len() > MAX_SCRIPT {
        if merges(script).is_some() {
            walker.effects.merges.push(Merge { command: "gh pr merge".into(), guard: Tri::Unclear });
        }
        return walker.effects;
    }
    for line in lines(script) {
        for (op, command) in commands(&line.text) {
            walker.command(op, command);
        }
    }
    walker.effects
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// Whether a command merges: surely, or perhaps because it is a text that another command may run.
fn merges(text: &str) -> Option<bool> {
    const MUTATIONS: [&str; 3] = ["enablePullRequestAutoMerge", "mergePullRequest", "enqueuePullRequest"];
    let first = text.split_ascii_whitespace().next().unwrap_or_default();
    if matches!(first, "echo" | "printf" | "cat" | ":") || text.contains("--disable-auto") {
        return None;
    }
    let api = text.contains("gh api") || text.contains("curl");
    let put = text.contains("/merge") && text.contains("PUT");
    if api && (put || MUTATIONS.iter().any(|name| text.contains(name))) {
        return Some(true);
    }
    let at = text.find("gh pr merge")?;
    let before = text[..at].trim_end();
    let set = |word: &&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let prefixed = words(before).iter().all(set) || words(before).len() == 1 && !before.contains(['\'', '"']);
    Some(prefixed || before.ends_with(['(', '!', '`']) || before.contains("xargs"))
}

#[cfg(test)]
mod tests;
