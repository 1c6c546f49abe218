//! The cargo2 block: the crates that a `ref:` list names, as values.

mod current;
mod expected;
mod render;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::collections::BTreeMap;

pub use current::{CurrentBlock, CurrentEntry, Problem, per_crate, read};
pub use expected::{Config, expected};
pub use render::{Shape, entry as render_entry, list as render_list, per_crate as render_per_crate};

/// One crate of a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct BlockEntry {
    /// The crate's name.
    pub name: String,
    /// Its version, as the lock writes it.
    pub version: String,
    /// Its origin.
    #[serde(flatten)]
    pub from: Origin,
}

/// The origin of a crate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Origin {
    /// From crates.io.
    Registry {
        /// The sha256 of the `.crate` file, in hex.
        sha: String,
    },
    /// From a git repository.
    Git {
        /// The commit.
        commit: String,
        /// The repository, after `git-mirrors`.
        repo: String,
        /// `rev`, `tag` or `branch`, as in the manifest, in the URL's order.
        #[serde(serialize_with = "as_map")]
        #[schemars(with = "BTreeMap<String, String>")]
        query: Vec<(String, String)>,
    },
}

/// Pairs as a mapping.
fn as_map<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(key, value)| (key, value)).collect::<BTreeMap<_, _>>())
}

impl BlockEntry {
    /// The order that `bst source track` writes: name, version as text, repository, commit.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }

    fn key(&self) -> (&str, &str, &str, &str) {
        let (repo, commit) = match &self.from {
            Origin::Registry { .. } => ("", ""),
            Origin::Git { commit, repo, .. } => (repo.as_str(), commit.as_str()),
        };
        (&self.name, &self.version, repo, commit)
    }
}

impl std::fmt::Display for BlockEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// The ways in which projects write their crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// The cargo2 plugin's: one source with a `ref:` list.
    List,
    /// The packaging guide's: one source for each crate, below the marker line.
    PerCrate,
    /// That of the plugin's first version, `kind: cargo`: a `ref:` list whose entries have no kind.
    Cargo,
}

/// The line above the sources of the layout `per-crate`.
pub const MARKER: &str = "# ── GENERATED: do not edit below this line ──";
