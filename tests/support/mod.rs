//! What the integration tests share: projects in temporary folders and runs of the program with a clean environment.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests make their own files")]

pub mod index;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project in a temporary folder.
pub struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    /// A project with these files; `project.conf` is added where it is not among them.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { dir: tempfile::tempdir().unwrap() };
        if !files.iter().any(|(path, _)| *path == "project.conf") {
            project.write("project.conf", "name: test\nmin-version: 2.5\nelement-path: elements\n");
        }
        for (path, text) in files {
            project.write(path, text);
        }
        std::fs::create_dir_all(project.path().join("elements")).unwrap();
        project
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs the program on this project, without a cache.
    pub fn run(&self, args: &[&str]) -> Run {
        let mut all = vec!["--project", self.path().to_str().unwrap(), "--cache", "none"];
        all.extend(args);
        run(&all)
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Switches off what looks beyond the lists and the index. A flag of the command line wins.
pub const LISTS_ALONE: [(&str, &str); 3] =
    [("CARGO2_BOT_DEEP", "false"), ("CARGO2_BOT_ADVISORIES", "none"), ("CARGO2_BOT_PUBLISHERS", "false")];

/// The program, with nothing of the environment but where programs are.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo2-bot"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", "/nonexistent");
    command.env("CARGO2_BOT_CACHE", "none").envs(LISTS_ALONE);
    command
}

/// Runs the program.
pub fn run(args: &[&str]) -> Run {
    ended(&program().args(args).output().unwrap())
}

pub fn ended(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// The shared corpus of real elements, where it is.
pub fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = std::env::var_os("CARGO2_BOT_CORPUS").map_or_else(beside, PathBuf::from);
    path.is_dir().then_some(path)
}

/// A crate of the registry as a lock names it.
pub fn registry(name: &str, version: &str, sha: &str) -> String {
    let source = cargo_lock::SourceId::default();
    format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{sha}\"\n")
}

/// A lock with crates of the registry, each `(name, version)`; its checksums are made from them.
pub fn lock(crates: &[(&str, &str)]) -> String {
    let root = "[[package]]\nname = \"root\"\nversion = \"0.1.0\"\n";
    let crates: Vec<String> =
        crates.iter().map(|(name, version)| registry(name, version, &sha(name, version))).collect();
    format!("version = 4\n\n{root}\n{}", crates.join("\n"))
}

/// A checksum for a crate that does not exist.
pub fn sha(name: &str, version: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(format!("{name} {version}")).iter().map(|b| format!("{b:02x}")).collect()
}

/// The block for such crates, its dashes in column `indent`.
pub fn block(crates: &[(&str, &str)], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let one = |(name, version): &(&str, &str)| {
        format!(
            "{pad}- kind: registry\n{pad}  name: {name}\n{pad}  version: {version}\n{pad}  sha: {}\n",
            sha(name, version)
        )
    };
    crates.iter().map(one).collect()
}

/// How many lines stand unfolded: a fold is one.
pub fn unfolded(markdown: &str) -> usize {
    let mut depth = 0_usize;
    let mut lines = 0;
    for line in markdown.lines() {
        let (opens, closes) = (line.matches("<details>").count(), line.matches("</details>").count());
        lines += usize::from(depth == 0);
        depth = (depth + opens).saturating_sub(closes);
    }
    lines
}

/// A tracker with an entry for each element: `(group, name below bluefin/)`.
pub fn tracker(entries: &[(&str, &str)]) -> String {
    let entry = |(group, name): &(&str, &str)| {
        format!(
            "          - group: {group}\n            element: bluefin/{name}.bst\n            branch: auto/track-{name}\n            title: \"chore(deps): update {name}\"\n"
        )
    };
    format!(
        "name: Track
on:
  workflow_dispatch:
    inputs:
      group:
        type: choice
        options: [all, auto-merge, manual-merge]
jobs:
  track:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include:
{}    steps:
    - run: just bst source track \"${{{{ matrix.element }}}}\"
",
        entries.iter().map(entry).collect::<String>()
    )
}
