//! A project in a git repository, an index, and runs of `review` on them.
#![allow(unreachable_pub, reason = "a module of a test")]
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use super::support::index::Index;
use super::support::{self, Run, sha};
use git2::{Repository, RepositoryInitOptions, Signature};
use std::path::{Path, PathBuf};

pub const TOOL: &str = "elements/bluefin/tool.bst";
pub const LOCK: &str = "files/up/Cargo.lock";

/// A crate of a list.
#[derive(Clone)]
pub struct Crate {
    pub name: String,
    pub version: String,
    pub from: Place,
}

#[derive(Clone)]
pub enum Place {
    Registry(String),
    /// Repository, commit, and the tag that is asked for.
    Git(&'static str, String, Option<&'static str>),
}

/// A crate of the registry, with the checksum that [`sha`] makes.
pub fn registry(name: &str, version: &str) -> Crate {
    with_sha(name, version, &sha(name, version))
}

pub fn with_sha(name: &str, version: &str, sha: &str) -> Crate {
    Crate { name: name.into(), version: version.into(), from: Place::Registry(sha.into()) }
}

/// A crate from git, its commit a digit forty times.
pub fn git(name: &str, version: &str, repo: &'static str, commit: char, tag: Option<&'static str>) -> Crate {
    let commit = commit.to_string().repeat(40);
    Crate { name: name.into(), version: version.into(), from: Place::Git(repo, commit, tag) }
}

/// The lock of a program that needs them all.
pub fn lock(crates: &[Crate]) -> String {
    let needed: Vec<String> = crates.iter().map(|c| format!(" \"{} {}\",\n", c.name, c.version)).collect();
    let root = format!("[[package]]\nname = \"root\"\nversion = \"0.1.0\"\ndependencies = [\n{}]\n", needed.concat());
    let package = |krate: &Crate| {
        let Crate { name, version, from } = krate;
        let head = format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        match from {
            Place::Registry(sha) => {
                format!("{head}source = \"{}\"\nchecksum = \"{sha}\"\n", cargo_lock::SourceId::default())
            }
            Place::Git(repo, commit, tag) => {
                let query = tag.map(|tag| format!("?tag={tag}")).unwrap_or_default();
                format!("{head}source = \"git+{repo}{query}#{commit}\"\n")
            }
        }
    };
    format!("version = 3\n\n{root}{}", crates.iter().map(package).collect::<String>())
}

/// The element with a block of these crates.
pub fn tool(crates: &[Crate]) -> String {
    let entry = |krate: &Crate| {
        let Crate { name, version, from } = krate;
        match from {
            Place::Registry(sha) => {
                format!("  - kind: registry\n    name: {name}\n    version: {version}\n    sha: {sha}\n")
            }
            Place::Git(repo, commit, tag) => {
                let query = tag.map(|tag| format!("    query:\n      tag: {tag}\n")).unwrap_or_default();
                format!(
                    "  - kind: git\n    commit: {commit}\n    repo: {repo}\n{query}    name: {name}\n    version: {version}\n"
                )
            }
        }
    };
    let mut crates: Vec<&Crate> = crates.iter().collect();
    crates.sort_by_key(|krate| (&krate.name, &krate.version));
    let entries: String = crates.into_iter().map(entry).collect();
    format!(
        "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - cargo build --release --locked\n  install-commands:\n  - install -Dm755 target/release/tool \"%{{install-root}}%{{bindir}}/tool\"\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{entries}"
    )
}

/// A checkout on the branch `main`.
pub struct Checkout {
    dir: tempfile::TempDir,
    git: Repository,
    /// The project's folder below the root.
    folder: &'static str,
    pub index: Index,
}

impl Checkout {
    /// A project at the root, committed with these crates.
    pub fn new(crates: &[Crate]) -> Self {
        Self::below("", crates)
    }

    pub fn below(folder: &'static str, crates: &[Crate]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.external_template(false).initial_head("main");
        let git = Repository::init_opts(dir.path(), &options).unwrap();
        let checkout = Self { dir, git, folder, index: Index::start(&[]) };
        let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
        checkout.write("project.conf", conf);
        checkout.write("elements/freedesktop-sdk.bst", "kind: junction\n");
        checkout.write("elements/bluefin/deps.bst", "kind: stack\n\ndepends:\n- bluefin/tool.bst\n");
        let tracker = support::tracker(&[("manual-merge", "tool")]);
        checkout.write(".github/workflows/track-bst-sources.yml", &tracker);
        checkout.bump(crates);
        checkout.commit();
        checkout
    }

    /// A checkout at `before` whose files are at `after`, in an index that has all of them.
    pub fn bumped(before: &[Crate], after: &[Crate]) -> Self {
        let checkout = Self::new(before);
        checkout.publish(&[before, after].concat());
        checkout.bump(after);
        checkout
    }

    /// Publishes each crate of the registry once, long ago.
    pub fn publish(&self, crates: &[Crate]) {
        let mut known = std::collections::BTreeSet::new();
        for krate in crates {
            if let Place::Registry(sha) = &krate.from
                && known.insert((&krate.name, &krate.version))
            {
                self.index.publish(&krate.name, &krate.version, sha);
            }
        }
    }

    /// Lock and block of these crates.
    pub fn bump(&self, crates: &[Crate]) {
        self.write(LOCK, &lock(crates));
        self.write(TOOL, &tool(crates));
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join(self.folder)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).unwrap();
    }

    /// Commits all files.
    pub fn commit(&self) -> String {
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::FORCE, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        let parent = self.git.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        self.git.commit(Some("HEAD"), &who, &who, "a commit", &tree, &parents).unwrap().to_string()
    }

    /// Goes to a new branch at this commit.
    pub fn branch(&self, name: &str) {
        self.git.branch(name, &self.git.head().unwrap().peel_to_commit().unwrap(), false).unwrap();
        self.git.set_head(&format!("refs/heads/{name}")).unwrap();
    }

    /// Goes to a branch that is there.
    pub fn go(&self, name: &str) {
        self.git.set_head(&format!("refs/heads/{name}")).unwrap();
        self.git.checkout_head(Some(git2::build::CheckoutBuilder::new().force())).unwrap();
    }

    pub fn review(&self, args: &[&str]) -> Run {
        review(&self.path(), &self.index.url(), args)
    }

    /// The report in both forms for people, for a review that ends with this code.
    pub fn reports(&self, code: i32, args: &[&str]) -> [String; 2] {
        ["markdown", "human"].map(|format| {
            let run = self.review(&[&["--format", format], args].concat());
            assert_eq!(run.code, Some(code), "{}\n{}", run.stdout, run.stderr);
            run.stdout
        })
    }
}

/// Runs `review` in a folder.
pub fn review(folder: &Path, index: &str, args: &[&str]) -> Run {
    let mut command = support::program();
    command.current_dir(folder).args(["review", "--cache", "none"]).args(args).env("CARGO2_BOT_INDEX", index);
    support::ended(&command.output().unwrap())
}

/// What a reviewer sees at first, in lower case: a claim begins with a capital letter where a sentence does.
pub fn first_screen(text: &str) -> String {
    text.lines().take(20).collect::<Vec<_>>().join("\n").to_lowercase()
}

/// Each report says all of this in its first twenty lines.
pub fn at_once(reports: &[String], words: &[&str]) {
    for report in reports {
        let first = first_screen(report);
        let missing: Vec<_> = words.iter().filter(|word| !first.contains(&word.to_lowercase())).collect();
        assert!(missing.is_empty(), "{missing:?} is not in the first twenty lines of\n{report}");
    }
}
