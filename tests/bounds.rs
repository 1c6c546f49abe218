//! Bounds that hold: files and caches after kills, on full disks and in folders that are somebody else's; memory against servers
//! that never end. All with the real program.
//!
//! `CARGO2_BOT_LONG=1` kills it 150 times. `CARGO2_BOT_PROGRAM` names another build of the program to compare with.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test that reports")]
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

#[path = "bounds/endless.rs"]
mod endless;
#[path = "bounds/files.rs"]
mod files;
#[path = "bounds/folders.rs"]
mod folders;
#[path = "support/git_http.rs"]
mod git_http;
#[path = "bounds/kills.rs"]
mod kills;
#[path = "bounds/memory.rs"]
mod memory;
#[path = "support/packs.rs"]
mod packs;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use git_http::{Fixture, GitServer, Item};
use support::{Project, block, lock};

pub const OLD: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];
pub const NEW: &[(&str, &str)] = &[("a", "1.1.0"), ("b", "1.0.0"), ("c", "0.1.0")];

/// The program that is tested, with a clean environment.
pub fn program() -> Command {
    let clean = support::program();
    let Some(other) = std::env::var_os("CARGO2_BOT_PROGRAM") else { return clean };
    let mut command = Command::new(other);
    command.env_clear().envs(clean.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

/// A project in a git checkout whose elements are of an upstream on the loopback address, and folders of its own for all that
/// the program writes.
pub struct Place {
    pub project: Project,
    pub server: GitServer,
    _fixture: Fixture,
    dir: tempfile::TempDir,
    commit: String,
    pub elements: Vec<String>,
}

impl Place {
    pub fn new(elements: usize) -> Self {
        let fixture = Fixture::new();
        fixture.configure("uploadpack.allowFilter", "true");
        let commit = fixture.commit("main", &[("Cargo.lock", Item::File(lock(NEW).as_bytes()))]);
        let server = GitServer::start(&fixture.path());
        server.keep_answers();
        let project = Project::new(&[(
            "project.conf",
            "name: t\nmin-version: 2.5\nelement-path: elements\naliases:\n  up: https://up.example/\n",
        )]);
        std::fs::create_dir(project.path().join(".git")).unwrap();
        let names: Vec<String> = (0..elements).map(|number| format!("elements/e{number}.bst")).collect();
        let place =
            Self { project, server, _fixture: fixture, dir: tempfile::tempdir().unwrap(), commit, elements: names };
        place.reset();
        for folder in ["tmp", "cache"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        place
    }

    /// A folder beside the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// An element with this block.
    pub fn element(&self, crates: &[(&str, &str)]) -> String {
        let commit = &self.commit;
        format!(
            "kind: make\n\nsources:\n- kind: git_repo\n  url: up:repo.git\n  ref: {commit}\n- kind: cargo2\n  ref:\n{}",
            block(crates, 2)
        )
    }

    /// All elements as they were, with blocks that do not match.
    pub fn reset(&self) {
        self.elements.iter().for_each(|name| self.project.write(name, self.element(OLD)));
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.args(args).arg("--project").arg(self.project.path()).arg("--cache").arg(self.path("cache"));
        command.arg("--alias").arg(format!("up={}", self.server.root())).env("TMPDIR", self.path("tmp"));
        command
    }

    /// The files in the checkout that are not its own, and those in the cache that are not whole.
    pub fn strays(&self) -> Strays {
        let known = |path: &PathBuf| {
            let name = path.strip_prefix(self.project.path()).unwrap().to_str().unwrap();
            name == "project.conf" || self.elements.iter().any(|element| element == name)
        };
        let (git, checkout) = files_below(self.project.path())
            .into_iter()
            .filter(|path| !known(path))
            .partition(|path| path.starts_with(self.project.path().join(".git")));
        let partial = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with('.');
        let cache = files_below(&self.path("cache")).into_iter().filter(partial).collect();
        let temporary = std::fs::read_dir(self.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        Strays { checkout, git, cache, temporary }
    }

    /// Lets a day pass for all that lies about.
    pub fn a_day_later(&self) {
        let strays = self.strays();
        let then = SystemTime::now() - Duration::from_secs(86_400);
        for path in strays.git.iter().chain(&strays.cache).chain(&strays.temporary).chain(&strays.checkout) {
            std::fs::File::open(path).unwrap().set_modified(then).unwrap();
        }
    }
}

/// What lies about.
#[derive(Debug, Default)]
pub struct Strays {
    pub checkout: Vec<PathBuf>,
    pub git: Vec<PathBuf>,
    pub cache: Vec<PathBuf>,
    pub temporary: Vec<PathBuf>,
}

impl Strays {
    pub fn counts(&self) -> [usize; 4] {
        [self.checkout.len(), self.git.len(), self.cache.len(), self.temporary.len()]
    }
}

/// All files below a folder, the cache's own folders among them.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Whether a process may be anybody.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
