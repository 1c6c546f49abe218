//! What a build script is made of: its own file, the code that it includes or runs, and the files that it names.
//!
//! What a script puts together at run time is not seen: a name that is not in its text as a whole, and folders that it walks.

use super::lexer;
use super::odd::extension;
use std::collections::{BTreeMap, BTreeSet};

/// The number of files that are followed.
pub(super) const MOST: usize = 500;

/// Extensions of code that a build script can include or run.
const CODE: [&str; 12] = ["bash", "cmake", "in", "js", "lua", "mk", "pl", "py", "rb", "rs", "sh", "tcl"];

/// Names of files that are run without an extension that says so.
const PROGRAMS: [&str; 4] = ["CMakeLists.txt", "Makefile", "build", "configure"];

/// The files of a build script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The code that runs.
    pub(super) code: BTreeSet<String>,
    /// The other files that it names.
    pub(super) reads: BTreeSet<String>,
}

/// The parts of these scripts, of the `files` of an archive. `texts` has the contents of those that can be followed.
pub(super) fn parts(scripts: &[String], files: &BTreeSet<&str>, texts: &BTreeMap<String, String>) -> Parts {
    let mut parts = Parts::default();
    let mut left: Vec<String> = scripts.to_vec();
    while let Some(path) = left.pop() {
        if parts.code.len() == MOST || !parts.code.insert(path.clone()) {
            continue;
        }
        let Some(text) = texts.get(&path).filter(|_| extension(&path).as_deref() == Some("rs")) else { continue };
        let (strings, modules) = lexer::mentions(text);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = path.strip_suffix(".rs").unwrap_or(&path);
        for module in modules {
            let module = module.trim_start_matches("r#");
            let places = [folder, own].map(|at| [format!("{at}/{module}.rs"), format!("{at}/{module}/mod.rs")]);
            left.extend(places.into_iter().flatten().filter_map(|path| inside(&path, files)));
        }
        for string in strings {
            let watched = string.split_once("rerun-if-changed=").map(|(_, path)| path);
            let named = watched.unwrap_or(string);
            let found = inside(named, files).or_else(|| inside(&format!("{folder}/{named}"), files));
            match found {
                // What is watched need not be run, and a script watches the sources of its crate.
                Some(path) if is_code(&path) => left.extend(watched.is_none().then_some(path)),
                Some(path) => drop(parts.reads.insert(path)),
                None => {}
            }
        }
    }
    parts
}

/// The file that a path names, if the archive has it.
fn inside(path: &str, files: &BTreeSet<&str>) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    let path = parts.join("/");
    files.contains(path.as_str()).then_some(path)
}

/// Returns whether a file could be run by a build script.
pub(super) fn may_run(path: &str) -> bool {
    is_code(path) && !super::odd::is_aside(path)
}

fn is_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    extension(path).is_some_and(|kind| CODE.contains(&kind.as_str())) || PROGRAMS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str, files: &[(&str, &str)]) -> (String, String) {
        let mut texts: BTreeMap<String, String> = [("build.rs".to_owned(), script.to_owned())].into();
        texts.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        let names = texts.keys().map(String::as_str).collect();
        let parts = parts(&["build.rs".to_owned()], &names, &texts);
        let joined = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(" ");
        (joined(parts.code), joined(parts.reads))
    }

    #[test]
    fn code_that_is_included_or_run_is_followed() {
        let files = [
            ("one.rs", "mod two;"),
            ("one/two.rs", "fn a() { include!(\"../gen/x.rs\") }"),
            ("gen/x.rs", ""),
            ("three/mod.rs", ""),
            ("run.sh", ""),
            ("src/lib.rs", ""),
            ("other.rs", ""),
        ];
        let script =
            "mod one; mod three; // mod other;\nrun(\"sh\", \"./run.sh\"); p(\"cargo:rerun-if-changed=src/lib.rs\");";
        assert_eq!(of(script, &files).0, "build.rs gen/x.rs one.rs one/two.rs run.sh three/mod.rs");
        let script = "mod one; include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/gen/x.rs\"));";
        assert_eq!(of(script, &files).0, "build.rs gen/x.rs one.rs one/two.rs");
    }

    #[test]
    fn files_that_are_named_are_read() {
        let files = [("native/a.c", ""), ("native/b.c", ""), ("table.txt", "")];
        let script = "file(\"native/a.c\"); p(\"cargo::rerun-if-changed=table.txt\"); dir(\"native\"); f(\"../b.c\");";
        assert_eq!(of(script, &files), ("build.rs".into(), "native/a.c table.txt".into()));
    }
}
