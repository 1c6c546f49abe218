//! Which parts of a patch decide about the wanted path.

use std::collections::{BTreeSet, HashMap};

use super::names::{base, normal};
use super::{PatchError, unsupported};

/// The parts of a patch (one for each file section), found by the names in their headers.
#[derive(Debug, Default)]
pub(super) struct Touch {
    by_name: HashMap<String, Vec<usize>>,
    names: Vec<Vec<String>>,
    /// Names that are no plain paths, and the line of their section.
    odd: Vec<(Vec<u8>, u32)>,
    lines: Vec<u32>,
}

impl Touch {
    /// Adds the next section, with every name that its headers give it.
    pub(super) fn push<'n>(&mut self, line: u32, names: impl Iterator<Item = &'n [u8]>) {
        let index = self.names.len();
        let mut plain: Vec<String> = Vec::new();
        for name in names {
            match normal(name) {
                Ok(path) if plain.contains(&path) => {}
                Ok(path) => {
                    self.by_name.entry(path.clone()).or_default().push(index);
                    plain.push(path);
                }
                Err(()) => self.odd.push((name.to_owned(), line)),
            }
        }
        self.names.push(plain);
        self.lines.push(line);
    }

    /// The sections that decide about `wanted`, in order: those that name it, those that name a
    /// file which such a section also names (the source of a rename, the other side), and so on.
    pub(super) fn sections(&self, wanted: &str) -> Result<BTreeSet<usize>, PatchError> {
        let last = base(wanted).as_bytes();
        if let Some((_, line)) = self.odd.iter().find(|(name, _)| name.windows(last.len()).any(|w| w == last)) {
            return Err(unsupported(*line, wanted, "a file name that is not a plain relative path"));
        }
        for (at, _) in wanted.match_indices('/') {
            let parent = wanted.get(..at).unwrap_or_default();
            if let Some(section) = self.by_name.get(parent).and_then(|list| list.first()) {
                let line = self.lines.get(*section).copied().unwrap_or_default();
                return Err(unsupported(line, wanted, "a folder of the path is patched as a file"));
            }
        }
        let mut found = BTreeSet::new();
        let mut seen: BTreeSet<&str> = BTreeSet::from([wanted]);
        let mut queue = vec![wanted];
        while let Some(name) = queue.pop() {
            for &index in self.by_name.get(name).into_iter().flatten() {
                if !found.insert(index) {
                    continue;
                }
                for other in self.names.get(index).into_iter().flatten() {
                    if seen.insert(other) {
                        queue.push(other);
                    }
                }
            }
        }
        Ok(found)
    }

    /// How many sections name `path`.
    pub(super) fn count(&self, path: &str) -> usize {
        self.by_name.get(path).map_or(0, Vec::len)
    }
}
