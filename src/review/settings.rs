//! The settings of a project for its crates: licences that are fine, and what its aliases are.

use std::collections::BTreeMap;

/// The settings of a project for its crates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Licences that are fine, by their SPDX names. Empty: every licence is.
    pub licenses: Vec<String>,
    /// The URLs of aliases before, by their names: a repository of a crate may begin with one.
    pub aliases_before: BTreeMap<String, String>,
    /// The URLs of aliases now.
    pub aliases: BTreeMap<String, String>,
}

/// A place with its alias replaced; as it is where it begins with none.
#[must_use]
pub fn resolve(url: &str, aliases: &BTreeMap<String, String>) -> String {
    let known = url.split_once(':').and_then(|(alias, rest)| Some(format!("{}{rest}", aliases.get(alias)?)));
    known.unwrap_or_else(|| url.to_owned())
}
