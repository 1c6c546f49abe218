//! `demo`: shows the main job on an example project. A drift is found, explained, fixed, and gone.
//!
//! `examples/dakota` is a project whose tracker has just moved the ref of `bluefin/greeter.bst` to v1.2.0; its cargo2 block is
//! still that of v1.1.0. The project, its upstream and its entries of the index are part of the program. They are
//! copied to a temporary folder, where the demo runs the commands that a user would: offline, and without a token.

use crate::io::demo::{Sandbox, TextFile};
use crate::report::Exit;
use std::collections::BTreeMap;

/// The files of a folder below `examples`, as `(path, text)`.
macro_rules! embedded {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../examples/", $folder, "/", $path)))),+]
    };
}

/// Files that are part of the program: `(path, text)`.
type Embedded = &'static [(&'static str, &'static str)];

/// The project, as the tracker left it.
pub const PROJECT: Embedded = embedded!("dakota":
    ".github/workflows/track-bst-sources.yml",
    "elements/bluefin/deps.bst",
    "elements/bluefin/greeter.bst",
    "elements/bluefin/wallpapers.bst",
    "elements/freedesktop-sdk.bst",
    "files/wallpapers/README",
    "include/aliases.yml",
    "project.conf",
);

/// The two releases of the upstream.
const RELEASES: [(&str, Embedded); 2] = [
    ("v1.1.0", embedded!("upstream/greeter/v1.1.0": "Cargo.lock", "Cargo.toml")),
    ("v1.2.0", embedded!("upstream/greeter/v1.2.0": "Cargo.lock", "Cargo.toml")),
];

/// The entries of the index, one line for each version of a crate.
const INDEX: &str = include_str!("../../examples/upstream/index.jsonl");

/// The address of that index. Nothing is fetched from it.
const INDEX_URL: &str = "https://index.example/";

/// The element's ref in the example.
const PINNED: &str = "v1.2.0-0-gCOMMIT";

/// The text before the first step.
pub const INTRODUCTION: &str = "\
This is the example project `examples/dakota`, in a temporary folder, offline.
Its tracker has just moved the ref of bluefin/greeter.bst from v1.1.0 to v1.2.0; the cargo2 block is still that of v1.1.0.
";

/// The text after the last step.
pub const CONCLUSION: &str = "\
The drift is gone, and the temporary folder with it. On a checkout of your own project, begin with `cargo2-bot doctor`.
";

/// One command of the demo.
#[derive(Debug)]
pub struct Step {
    /// The purpose of the command.
    pub purpose: &'static str,
    /// The arguments that are shown.
    pub shown: &'static [&'static str],
    /// The exit code that shows that it worked.
    pub expected: Exit,
}

/// The commands, in their order.
pub const STEPS: [Step; 4] = [
    Step { purpose: "1. The drift is found.", shown: &["regenerate", "--check"], expected: Exit::Findings },
    Step {
        purpose: "2. It is explained: this is the content of the comment on the pull request, for a terminal.",
        shown: &["review"],
        expected: Exit::Findings,
    },
    Step { purpose: "3. It is fixed.", shown: &["regenerate"], expected: Exit::Done },
    Step { purpose: "4. It is gone.", shown: &["regenerate", "--check"], expected: Exit::Done },
];

/// The example in a temporary folder, which is removed with this value.
#[derive(Debug)]
pub struct Demo {
    sandbox: Sandbox,
}

impl Demo {
    /// Copies the example to a temporary folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prepare() -> anyhow::Result<Self> {
        let sandbox = Sandbox::new()?;
        let releases = RELEASES.map(|(tag, files)| (tag, files.iter().map(owned).collect()));
        let commits = sandbox.upstream("upstream/example/greeter.git", &releases)?;
        // The tags and the commits of the releases, the older one first.
        let pins: Vec<String> =
            RELEASES.iter().zip(&commits).map(|((tag, _), commit)| format!("{tag}-0-g{commit}")).collect();
        let state = |pin: &str| -> Vec<TextFile> {
            PROJECT.iter().map(|(path, text)| ((*path).to_owned(), text.replace(PINNED, pin))).collect()
        };
        let states: Vec<_> = pins.iter().map(|pin| state(pin)).collect();
        if let [before, after] = &states[..] {
            sandbox.checkout("project", before, after)?;
        }
        for (name, answer) in answers() {
            sandbox.index_answer("cache/index", INDEX_URL, &name, &answer);
        }
        Ok(Self { sandbox })
    }

    /// The arguments of a step's command, those included that keep it inside of the temporary folder.
    #[must_use]
    pub fn arguments(&self, step: &Step) -> Vec<String> {
        let path = |below: &str| self.sandbox.path(below).to_string_lossy().into_owned();
        let mut arguments: Vec<String> = step.shown.iter().map(|argument| (*argument).to_owned()).collect();
        if step.shown.first() == Some(&"review") {
            arguments.push(format!("--index={INDEX_URL}"));
        }
        arguments.extend([
            "--offline".to_owned(),
            format!("--alias=github=file://{}/", path("upstream")),
            format!("--cache={}", path("cache")),
            format!("--project={}", path("project")),
        ]);
        arguments
    }
}

fn owned((path, text): &(&str, &str)) -> TextFile {
    ((*path).to_owned(), (*text).to_owned())
}

/// The lines of the index, by the crate that they are about.
fn answers() -> BTreeMap<String, String> {
    let mut answers: BTreeMap<String, String> = BTreeMap::new();
    for line in INDEX.lines() {
        let name = line.strip_prefix(r#"{"name":""#).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let answer = answers.entry(name.to_owned()).or_default();
        answer.push_str(line);
        answer.push('\n');
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_knows_each_crate_of_both_locks_with_its_checksum() {
        let answers = answers();
        for (tag, files) in RELEASES {
            let lock: toml::Table = toml::from_str(files[0].1).unwrap();
            for package in lock["package"].as_array().unwrap() {
                let Some(checksum) = package.get("checksum").and_then(toml::Value::as_str) else { continue };
                let name = package["name"].as_str().unwrap();
                let known = crate::review::index_line::parse(name, answers[name].as_bytes()).unwrap();
                let version = package["version"].as_str().unwrap();
                let found = known.versions.iter().find(|known| known.version == version).unwrap();
                assert_eq!(found.checksum, checksum, "{tag}: {name}");
            }
        }
    }

    #[test]
    fn the_project_has_its_pin_once() {
        let count = |text: &str| text.matches(PINNED).count();
        assert_eq!(PROJECT.iter().map(|(_, text)| count(text)).sum::<usize>(), 1);
    }
}
