//! Several states of a project over one workspace: each with its own files, all with one trust and one configuration.

use crate::app::regenerate::{self, Mode, Request};
use crate::config;
use crate::finding::read::{Read, Unreadable};
use crate::finding::rules;
use crate::github::tree::Listing;
use crate::io::commit::{LocalObjects, Objects};
use crate::io::files::Files;
use crate::io::{Setup, Workspace};
use crate::report::{Report, Status};
use base64::Engine as _;
use std::fmt::Write as _;
use std::sync::Arc;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A repository whose project is in `p`.
struct Repository {
    dir: tempfile::TempDir,
    git: git2::Repository,
}

impl Repository {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(dir.path()).unwrap();
        Self { dir, git }
    }

    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    fn write(&self, path: &str, text: &str) {
        let full = self.dir.path().join("p").join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }

    /// Commits all that is there, with these files.
    fn commit(&self, files: &[(&str, &str)]) -> String {
        files.iter().for_each(|(path, text)| self.write(path, text));
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::FORCE, None).unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::now("a", "a@example.org").unwrap();
        let parent = self.git.head().ok().map(|head| head.peel_to_commit().unwrap());
        self.git.commit(Some("HEAD"), &who, &who, "c", &tree, &parent.iter().collect::<Vec<_>>()).unwrap().to_string()
    }

    fn objects(&self) -> Arc<LocalObjects> {
        Arc::new(LocalObjects::around(self.dir.path()).unwrap().unwrap())
    }

    fn files(&self, commit: &str) -> Files {
        Files::at(self.objects(), commit, "p").unwrap()
    }

    fn workspace(&self, commit: &str) -> Workspace {
        let setup = Setup { offline: true, jobs: 1, ..Setup::default() };
        Workspace::over(self.files(commit), setup, Arc::new(|_| ())).unwrap()
    }
}

fn regenerated(workspace: Workspace, mode: Mode) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let request = Request { mode, ..Request::default() };
    runtime.block_on(regenerate::regenerate(&Arc::new(workspace), &request)).unwrap()
}

/// Each block's status, then each finding's rule.
fn shown(report: &Report) -> String {
    let blocks = report.blocks.iter().map(|block| format!("{:?}", block.status));
    blocks.chain(report.findings.iter().map(|f| f.rule.id.to_owned())).collect::<Vec<_>>().join(" ")
}

fn lock(crates: &[&str]) -> String {
    let source = cargo_lock::SourceId::default();
    let one = |name: &&str| {
        let sha = "0".repeat(64);
        format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\nchecksum = \"{sha}\"\n")
    };
    crates.iter().map(one).fold("version = 4\n".to_owned(), |all, one| all + &one)
}

fn list(crates: &[&str]) -> String {
    crates.iter().fold(String::new(), |mut out, name| {
        let sha = "0".repeat(64);
        let _ = write!(out, "  - kind: registry\n    name: {name}\n    version: 1.0.0\n    sha: {sha}\n");
        out
    })
}

fn local(crates: &[&str]) -> String {
    format!("kind: make\nsources:\n- kind: local\n  path: up\n- kind: cargo2\n  ref:\n{}", list(crates))
}

fn generated(commit: &str) -> String {
    let lock = base64::engine::general_purpose::STANDARD.encode(lock(&["a"]));
    let git = format!("- kind: git_repo\n  url: https://git.example/up.git\n  ref: {commit}\n");
    format!(
        "kind: make\nsources:\n{git}- kind: gen_cargo_lock\n  ref: {lock}\n- kind: cargo2\n  ref:\n{}",
        list(&["a"])
    )
}

const CONF: (&str, &str) = ("project.conf", "name: p\nelement-path: e\n");

#[test]
fn each_commit_is_verified_by_its_own_files_and_the_checkout_by_none() {
    let repository = Repository::new();
    let base = repository.commit(&[CONF, ("e/a.bst", &local(&["a"])), ("up/Cargo.lock", &lock(&["a"]))]);
    let head = repository.commit(&[("up/Cargo.lock", &lock(&["a", "b"]))]);
    repository.write("e/a.bst", "not: [yaml");
    let workspace = repository.workspace(&base);
    let beside = workspace.beside(repository.files(&head));
    assert_eq!(shown(&regenerated(workspace, Mode::Look)), "Right");
    assert_eq!(shown(&regenerated(beside, Mode::Look)), "Drifted block-drift");
}

#[test]
fn a_commit_that_is_to_be_updated_is_reported_and_left_alone() {
    let repository = Repository::new();
    let head = repository.commit(&[CONF, ("e/a.bst", &local(&["a"])), ("up/Cargo.lock", &lock(&["a", "b"]))]);
    let report = regenerated(repository.workspace(&head), Mode::Write);
    let finding = report.findings.iter().find(|f| f.rule.id == rules::WRITE_FAILED.id).unwrap();
    assert_eq!((finding.message.as_str(), report.blocks[0].status), ("a commit cannot be written", Status::Drifted));
    assert!(report.changes[0].new.text.contains("name: b"));
}

#[test]
fn the_head_has_the_configuration_and_the_trust_of_the_base() {
    let repository = Repository::new();
    let config = "elements:\n  a.bst:\n    exempt: {reason: old, until: 2001-01-01}\nhosts: [base.example]\n";
    let files = [CONF, ("e/a.bst", &local(&["a"])), ("up/Cargo.lock", &lock(&["b"])), (config::CONFIG, config)];
    let base = repository.commit(&files);
    let lax = "elements:\n  a.bst:\n    exempt: {reason: mine}\nhosts: [head.example]\n";
    let head = repository.commit(&[(config::CONFIG, lax)]);
    let workspace = repository.workspace(&base);
    let beside = workspace.beside(repository.files(&head));
    let given = workspace.at(repository.files(&head), Some(workspace.config.clone())).unwrap();
    let own = workspace.at(repository.files(&head), None).unwrap();
    assert_eq!(beside.config.hosts, ["base.example"]);
    for state in [&beside, &given, &own] {
        assert!(state.shares_with(&workspace), "the trust of the base is shared");
    }
    assert_eq!((beside.expired.len(), given.expired.len(), own.expired.len()), (1, 0, 0));
    assert_eq!(shown(&regenerated(own, Mode::Look)), "Exempt element-exempt");
    assert_eq!(shown(&regenerated(given, Mode::Look)), "Drifted block-drift");
}

/// The same objects without a history.
struct Bare(Arc<LocalObjects>);

impl Objects for Bare {
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        self.0.tree(commit)
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        self.0.blob(id)
    }
}

#[test]
fn what_was_before_a_commit_is_its_own_history_and_not_that_of_the_checkout() {
    let repository = Repository::new();
    let first = repository.commit(&[CONF, ("e/a.bst", &generated(A))]);
    let moved = repository.commit(&[("e/a.bst", &generated(B))]);
    let workspace = repository.workspace(&first);
    let of = |files: Files| shown(&regenerated(workspace.at(files, None).unwrap(), Mode::Look));
    assert_eq!(of(repository.files(&first)), "Right", "the checkout has moved on, this commit has not");
    assert_eq!(of(repository.files(&moved)), "Right generated-lock-stale");
    let bare = Files::at(Arc::new(Bare(repository.objects())), &moved, "p").unwrap();
    assert_eq!(of(bare), "Right", "without a history nothing is claimed");
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
async fn a_manifest_that_cannot_be_read_is_not_an_absent_one() {
    let repository = Repository::new();
    let commit = repository.commit(&[CONF, ("e/a.bst", &generated(A))]);
    let sources = tempfile::tempdir().unwrap();
    let path = sources.path().join("Cargo.toml");
    let locks = vec![("a.bst".to_owned(), sources.path().to_owned())];
    let setup = Setup { offline: true, jobs: 1, locks, ..Setup::default() };
    let workspace = Workspace::over(repository.files(&commit), setup, Arc::new(|_| ())).unwrap();
    let crate_list = workspace.snapshot().unwrap().discovered.crate_lists[0].clone();
    assert_eq!(workspace.beside_the_lock(&crate_list, "Cargo.toml").await, Read::Absent);
    std::fs::write(&path, b"[package]\n").unwrap();
    assert_eq!(workspace.beside_the_lock(&crate_list, "Cargo.toml").await, Read::Known("[package]\n".to_owned()));
    std::fs::write(&path, b"\xff").unwrap();
    assert_eq!(workspace.beside_the_lock(&crate_list, "Cargo.toml").await, Read::unreadable("it is not UTF-8"));
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(workspace.beside_the_lock(&crate_list, "Cargo.toml").await, Read::unreadable("this is not a file"));
}
