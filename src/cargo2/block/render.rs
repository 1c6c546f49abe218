//! Entries as text, byte for byte as BuildStream writes them.

use super::{BlockEntry, Origin};
use crate::yaml::Node;
use crate::yaml::Value;
use crate::yaml::quote::scalar;
use std::fmt::Write as _;

/// The shape of a block in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The column of the dashes, from 0.
    pub dash: usize,
    /// The column of the keys, from 0.
    pub key: usize,
    /// `\n` or `\r\n`.
    pub newline: &'static str,
    /// Whether entries name their kind. Those of the plugin's first version do not.
    pub kinds: bool,
}

impl Shape {
    /// The shape that BuildStream writes with the dashes in column `dash`.
    #[must_use]
    pub const fn at(dash: usize) -> Self {
        Self { dash, key: dash + 2, newline: "\n", kinds: true }
    }
}

/// The `ref:` list of these entries, every line ended.
#[must_use]
pub fn list(entries: &[BlockEntry], shape: Shape) -> String {
    entries.iter().fold(String::with_capacity(entries.len() * 150), |mut out, e| {
        entry(e, None, shape, &mut out);
        out
    })
}

/// One entry, with the `provenance` that it keeps.
pub fn entry(entry: &BlockEntry, provenance: Option<&Node>, shape: Shape, out: &mut String) {
    let mut lines = Lines { out, shape, first: true };
    match &entry.from {
        Origin::Registry { sha } => {
            if shape.kinds {
                lines.pair("kind", "registry");
            }
            lines.pair("name", &entry.name);
            lines.pair("version", &entry.version);
            lines.pair("sha", sha);
        }
        Origin::Git { commit, repo, query } => {
            lines.pair("kind", "git");
            lines.pair("commit", commit);
            lines.pair("repo", repo);
            if !query.is_empty() {
                lines.line("query:");
                for (key, value) in query {
                    lines.line(&joined(&format!("  {}", scalar(key)), value));
                }
            }
            lines.pair("name", &entry.name);
            lines.pair("version", &entry.version);
        }
    }
    if let Some(node) = provenance {
        lines.node("provenance", node, 0);
    }
}

/// One source per crate, as the packaging guide writes them. `base` is the base URL of the crates.
#[must_use]
pub fn per_crate(entries: &[BlockEntry], base: &str, shape: Shape) -> String {
    let base = if base.ends_with('/') || base.ends_with(':') { base.to_owned() } else { format!("{base}/") };
    let mut out = String::new();
    for entry in entries {
        let Origin::Registry { sha } = &entry.from else {
            continue;
        };
        let mut lines = Lines { out: &mut out, shape, first: true };
        let BlockEntry { name, version, .. } = entry;
        lines.pair("kind", "cargo2");
        lines.line(&format!("url: \"{base}{name}/{name}-{version}.crate\""));
        lines.pair("ref", sha);
    }
    out
}

/// `key: value`, or `key:` alone for an empty value.
fn joined(key: &str, value: &str) -> String {
    let value = scalar(value);
    if value.is_empty() { format!("{key}:") } else { format!("{key}: {value}") }
}

/// Writes the lines of one entry.
struct Lines<'a> {
    out: &'a mut String,
    shape: Shape,
    first: bool,
}

impl Lines<'_> {
    fn pair(&mut self, key: &str, value: &str) {
        self.line(&joined(key, value));
    }

    fn line(&mut self, text: &str) {
        let Shape { dash, key, newline, .. } = self.shape;
        let lead = if std::mem::take(&mut self.first) { "-" } else { "" };
        let (before, after) = if lead.is_empty() { (key, 0) } else { (dash, key - dash - 1) };
        let _ = write!(self.out, "{:before$}{lead}{:after$}{text}{newline}", "", "");
    }

    /// A node below `key`, in block style. Lists begin at their key's column, as the writer puts them.
    fn node(&mut self, key: &str, node: &Node, depth: usize) {
        let pad = " ".repeat(depth * 2);
        match &node.value {
            Value::Scalar(text, _) => self.line(&format!("{pad}{}", joined(&scalar(key), text))),
            Value::Map(pairs, _) if pairs.is_empty() => {
                self.line(&format!("{pad}{}: {{}}", scalar(key)));
            }
            Value::Map(pairs, _) => {
                self.line(&format!("{pad}{}:", scalar(key)));
                for (k, v) in pairs {
                    self.node(k.as_str().unwrap_or_default(), v, depth + 1);
                }
            }
            Value::List(items, _) if items.is_empty() => {
                self.line(&format!("{pad}{}: []", scalar(key)));
            }
            Value::List(items, _) => {
                self.line(&format!("{pad}{}:", scalar(key)));
                for item in items {
                    self.line(&format!("{pad}- {}", scalar(item.as_str().unwrap_or_default())));
                }
            }
            Value::Lifted(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(query: &[(&str, &str)]) -> BlockEntry {
        let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let from = Origin::Git { commit: "c0ffee".into(), repo: "github:o/r.git".into(), query };
        BlockEntry { name: "g".into(), version: "0.20".into(), from }
    }

    fn registry() -> BlockEntry {
        BlockEntry { name: "a".into(), version: "1.0.0+x.1".into(), from: Origin::Registry { sha: "1e55".into() } }
    }

    #[test]
    fn keys_stand_in_the_order_of_the_plugin() {
        let text = list(&[registry(), git(&[("branch", "0.20")])], Shape::at(2));
        assert_eq!(
            text,
            "  - kind: registry\n    name: a\n    version: 1.0.0+x.1\n    sha: 1e55\n  - kind: git\n    commit: c0ffee\n    repo: github:o/r.git\n    query:\n      branch: 0.20\n    name: g\n    version: 0.20\n"
        );
    }

    #[test]
    fn a_git_crate_without_query_has_no_query_key() {
        assert!(!list(&[git(&[])], Shape::at(0)).contains("query"));
    }

    #[test]
    fn the_shape_of_the_file_is_kept() {
        let shape = Shape { dash: 1, key: 5, newline: "\r\n", kinds: true };
        assert_eq!(
            list(&[registry()], shape),
            " -   kind: registry\r\n     name: a\r\n     version: 1.0.0+x.1\r\n     sha: 1e55\r\n"
        );
    }

    #[test]
    fn one_source_per_crate_is_written_as_the_guide_shows_it() {
        assert_eq!(
            per_crate(&[registry()], "https://crates.example/crates", Shape::at(0)),
            "- kind: cargo2\n  url: \"https://crates.example/crates/a/a-1.0.0+x.1.crate\"\n  ref: 1e55\n"
        );
    }
}
