//! The settings of a project for its crates: licences that are fine, quiet days, and what its aliases are.

use crate::bst::place;
use crate::config::QuietDays;
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
    /// The mirrors of aliases before, by the aliases' names. Those that the change itself brings prove nothing.
    pub mirrors_before: BTreeMap<String, Vec<String>>,
    /// How long a release is too young to be taken without a look.
    pub quiet: QuietDays,
}

/// How two places of repositories relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They are one repository, written the same or in another way.
    Same,
    /// One is a mirror of the other, as project.conf said before the change.
    Mirror,
    /// They are two repositories.
    Other,
}

impl Settings {
    /// Returns how the repository that was named before relates to the one that is named now.
    #[must_use]
    pub fn relation(&self, before: &str, after: &str) -> Relation {
        let (before, after) = (resolve(before, &self.aliases_before), resolve(after, &self.aliases));
        if place::repository(&before) == place::repository(&after) {
            return Relation::Same;
        }
        let of = |url: &str| -> Vec<String> {
            std::iter::once(url.to_owned()).chain(self.mirrored(url)).map(|url| place::repository(&url)).collect()
        };
        let (before, after) = (of(&before), of(&after));
        if before.iter().any(|place| after.contains(place)) { Relation::Mirror } else { Relation::Other }
    }

    /// The places that a URL below a mirror is a mirror of.
    fn mirrored<'a>(&'a self, url: &'a str) -> impl Iterator<Item = String> + 'a {
        let all = self.mirrors_before.iter().filter_map(|(alias, urls)| Some((self.aliases_before.get(alias)?, urls)));
        let pairs = all.flat_map(|(own, urls)| urls.iter().map(move |mirror| (own, mirror)));
        pairs.filter_map(|(own, mirror)| {
            let rest = url.strip_prefix(mirror.as_str()).filter(|_| !mirror.is_empty())?;
            Some(format!("{own}{rest}"))
        })
    }
}

/// A place with its alias replaced; as it is where it begins with none.
#[must_use]
pub fn resolve(url: &str, aliases: &BTreeMap<String, String>) -> String {
    let known = url.split_once(':').and_then(|(alias, rest)| Some(format!("{}{rest}", aliases.get(alias)?)));
    known.unwrap_or_else(|| url.to_owned())
}
