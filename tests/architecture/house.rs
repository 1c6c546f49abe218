//! The house: which file imports which, read from every path that the code names.

use super::code::{bare, names};
use std::collections::{BTreeMap, BTreeSet};

/// The rooms, from the bottom floor up. A room imports only rooms before it in this list.
pub(crate) const FLOORS: [&str; 18] = [
    "encode",
    "text",
    "yaml",
    "finding",
    "bst",
    "config",
    "cargo2",
    "report",
    "shell",
    "workflows",
    "github",
    "lint",
    "review",
    "registry",
    "io",
    "app",
    "cli",
    "fuzzing",
];

/// The crate as its files: path from the crate's root, and the code that is not a test.
pub(crate) struct House {
    files: BTreeMap<String, Vec<Vec<String>>>,
    modules: BTreeMap<Vec<String>, String>,
}

/// The module that a file is.
fn module(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("/mod");
    if matches!(inner, "lib" | "main") { Vec::new() } else { inner.split('/').map(str::to_owned).collect() }
}

/// Whether a file holds tests or helpers of tests alone.
pub(crate) fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        let name = part.trim_end_matches(".rs");
        matches!(name, "tests" | "testing") || name.ends_with("_tests")
    })
}

/// The code before the test module, which is the last thing in a file.
pub(crate) fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

impl House {
    pub(crate) fn new(files: &[(String, String)]) -> Self {
        let code = files.iter().filter(|(path, _)| path.starts_with("src/") && !is_test(path));
        let files: BTreeMap<String, Vec<Vec<String>>> =
            code.map(|(path, text)| (path.clone(), names(&bare(without_tests(text))))).collect();
        let modules = files.keys().map(|path| (module(path), path.clone())).collect();
        Self { files, modules }
    }

    /// The file that holds what a path names: that of the longest module in front.
    fn file_of(&self, path: &[String]) -> Option<&String> {
        (1..=path.len()).rev().find_map(|len| self.modules.get(&path[..len]))
    }

    /// The files that a file names something of.
    fn imports(&self, path: &str) -> BTreeSet<&String> {
        let own = module(path);
        let target = |named: &Vec<String>| {
            let ups = named.iter().take_while(|part| *part == "super").count();
            let full: Vec<String> = match named.first().map(String::as_str) {
                Some("crate" | "cargo2_bot") => named[1..].to_vec(),
                Some("self") => own.iter().chain(&named[1..]).cloned().collect(),
                Some("super") if ups <= own.len() => {
                    own[..own.len() - ups].iter().chain(&named[ups..]).cloned().collect()
                }
                // A child module, named by its parent.
                Some(_) if named.len() > 1 => {
                    let full: Vec<String> = own.iter().chain(named).cloned().collect();
                    self.modules.contains_key(&full[..=own.len()]).then_some(full)?
                }
                _ => return None,
            };
            self.file_of(&full)
        };
        self.files[path].iter().filter_map(target).filter(|target| *target != path).collect()
    }

    /// The imports that lead to a higher floor, and the rooms that stand on none.
    pub(crate) fn upward(&self) -> Vec<String> {
        let floor = |path: &str| FLOORS.iter().position(|room| module(path).first().is_some_and(|own| own == room));
        let mut found = Vec::new();
        for path in self.files.keys().filter(|path| !module(path).is_empty()) {
            let Some(own) = floor(path) else {
                found.push(format!("{path} is in no room"));
                continue;
            };
            for target in self.imports(path) {
                if floor(target).is_none_or(|other| other > own) {
                    found.push(format!("{path} imports {target}, which is above it"));
                }
            }
        }
        found
    }

    /// The circles of files. What the `mod.rs` around a file declares is common to its folder, so that is no arrow.
    pub(crate) fn circles(&self) -> Vec<String> {
        let inside =
            |path: &str, door: &str| door.ends_with("/mod.rs") && path.starts_with(door.trim_end_matches("mod.rs"));
        let arrows: BTreeMap<&String, BTreeSet<&String>> = self
            .files
            .keys()
            .map(|path| (path, self.imports(path).into_iter().filter(|target| !inside(path, target)).collect()))
            .collect();
        let mut left = arrows.clone();
        // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
        loop {
            let targets: BTreeSet<&String> = left.values().flatten().copied().collect();
            let free: Vec<&String> = left
                .iter()
                .filter(|(path, to)| !targets.contains(*path) || !to.iter().any(|target| left.contains_key(target)))
                .map(|(path, _)| *path)
                .collect();
            if free.is_empty() {
                break;
            }
            for path in free {
                left.remove(path);
            }
            let kept: BTreeSet<&String> = left.keys().copied().collect();
            left.values_mut().for_each(|to| to.retain(|target| kept.contains(target)));
        }
        left.iter().map(|(path, to)| format!("{path} -> {to:?}")).collect()
    }
}
