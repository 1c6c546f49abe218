//! `regenerate --check` on synthetic projects, with a warm cache: the program itself, as a user runs it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails loudly")]

#[path = "../tests/support/git_http.rs"]
mod git_http;

use cargo2_bot::cargo2::block::{self, Config, Shape};
use cargo2_bot::cargo2::lock;
use divan::Bencher;
use git_http::{Fixture, GitServer, Item};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

const CRATES: usize = 400;

fn main() {
    divan::main();
}

/// A project of `n` elements, each with a lock of its own at a commit of its own; its cache is warm.
struct Synthetic {
    dir: tempfile::TempDir,
    _server: GitServer,
    alias: String,
}

impl Synthetic {
    #[allow(clippy::disallowed_methods, reason = "the bench makes its own files")]
    fn new(n: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("elements")).unwrap();
        std::fs::write(dir.path().join("project.conf"), "name: p\nelement-path: elements\n").unwrap();
        let fixture = Fixture::new();
        fixture.configure("uploadpack.allowFilter", "true");
        for i in 0..n {
            let text = lock_text(i);
            let commit = fixture.commit("main", &[("Cargo.lock", Item::File(text.as_bytes()))]);
            let entries = block::expected(&lock::parse(&text).unwrap(), &Config::default()).unwrap();
            let list = block::render_list(&entries, Shape::at(2));
            let element = format!(
                "kind: make\nsources:\n- kind: git_repo\n  url: 'up:'\n  ref: {commit}\n- kind: cargo2\n  ref:\n{list}"
            );
            std::fs::write(dir.path().join(format!("elements/e{i}.bst")), element).unwrap();
        }
        let server = GitServer::start(&fixture.path());
        let project = Self { dir, alias: format!("up={}", server.url()), _server: server };
        // The cache is filled in portions: the server here is a small one.
        let names: Vec<String> = (0..n).map(|i| format!("e{i}.bst")).collect();
        assert!(names.chunks(50).all(|some| project.check(false, some)), "the first runs fill the cache");
        project
    }

    fn check(&self, offline: bool, elements: &[String]) -> bool {
        let path = |name: &str| -> PathBuf { self.dir.path().join(name) };
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo2-bot"));
        command
            .args(["regenerate", "--check", "--alias", &self.alias])
            .args(elements)
            .arg("--project")
            .arg(path(""))
            .arg("--cache")
            .arg(path("cache"));
        if offline {
            command.arg("--offline");
        }
        let out = command.output().unwrap();
        print!("{}", String::from_utf8_lossy(if out.status.success() { b"" } else { &out.stdout }));
        out.status.success()
    }
}

fn lock_text(seed: usize) -> String {
    let source = cargo_lock::SourceId::default();
    let mut text = "version = 4\n".to_owned();
    for i in 0..CRATES {
        let _ = write!(
            text,
            "\n[[package]]\nname = \"crate-{i:05}\"\nversion = \"1.{i}.{seed}\"\nsource = \"{source}\"\nchecksum = \"{:064x}\"\n",
            i * 7919 + seed
        );
        let deps: String = (1..=3).map(|d| format!(" \"crate-{:05}\",\n", (i + d) % CRATES)).collect();
        let _ = write!(text, "dependencies = [\n{deps}]\n");
    }
    text
}

#[divan::bench(args = [10, 100, 1000], sample_count = 5, sample_size = 1)]
fn regenerate_check(bencher: Bencher<'_, '_>, n: usize) {
    let project = Synthetic::new(n);

    bencher.counter(n).bench_local(|| assert!(project.check(true, &[])));
}
