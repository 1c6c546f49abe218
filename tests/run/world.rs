//! A repository on the fake GitHub with a project in it, an index, and runs of the program on them.
#![allow(unreachable_pub, reason = "a module of a test")]
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use super::fake_github::Fake;
use super::support::index::Index;
use super::support::{self, Run, block, lock};
use std::path::PathBuf;

pub const TRACKER: &str = ".github/workflows/track-bst-sources.yml";
pub const TOOL: &str = "elements/bluefin/tool.bst";
pub const LOCK: &str = "files/up/Cargo.lock";

/// The crates before and after a bump.
pub const OLD: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];
pub const NEW: &[(&str, &str)] = &[("a", "1.1.0"), ("b", "1.0.0"), ("c", "0.3.0")];

/// A tracker with the Rust element where a person merges it.
pub fn tracker(group: &str) -> String {
    crate::support::tracker(&[(group, "tool")])
}

/// The Rust element with a block of these crates.
pub fn tool(crates: &[(&str, &str)]) -> String {
    format!(
        "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - cargo build --release --locked\n  install-commands:\n  - install -Dm755 target/release/tool \"%{{install-root}}%{{bindir}}/tool\"\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(crates, 2)
    )
}

pub struct World {
    pub fake: Fake,
    pub index: Index,
    dir: tempfile::TempDir,
    pub token: &'static str,
}

/// What a run left behind.
pub struct Ended {
    pub run: Run,
    pub outputs: String,
    pub summary: String,
    /// The writes: method and path, GraphQL mutations by their names.
    pub writes: Vec<String>,
    /// All requests.
    pub requests: usize,
}

impl World {
    /// A repository whose base is in order.
    pub fn new() -> Self {
        let fake = Fake::new();
        let deps = "kind: stack\n\ndepends:\n- bluefin/tool.bst\n";
        let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
        fake.commit(
            "main",
            &[
                ("project.conf", Some(conf)),
                ("elements/freedesktop-sdk.bst", Some("kind: junction\n")),
                ("elements/bluefin/deps.bst", Some(deps)),
                (TOOL, Some(&tool(OLD))),
                (LOCK, Some(&lock(OLD))),
                (TRACKER, Some(&tracker("manual-merge"))),
                (".github/CODEOWNERS", Some("elements/ @reviewer\n")),
            ],
            "owner",
        );
        fake.permission("reviewer", "write");
        fake.clear_log();
        let crates: Vec<(&str, &str)> = [OLD, NEW].concat();
        Self { fake, index: Index::start(&crates), dir: tempfile::tempdir().unwrap(), token: "workflow" }
    }

    /// A pull request of the tracker that moves the lock, with this block.
    pub fn bump(&self, block: &[(&str, &str)]) -> u64 {
        let files = [(LOCK, Some(lock(NEW))), (TOOL, Some(tool(block)))];
        let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, text.as_deref())).collect();
        self.fake.commit("auto/track-tool", &files, "github-actions[bot]");
        let number = self.fake.open_pull("auto/track-tool", "main", "github-actions[bot]", "chore(deps): update tool");
        self.fake.clear_log();
        number
    }

    pub fn head(&self, number: u64) -> String {
        self.fake.pull(number).head_sha
    }

    /// Conclusions of the checks at a commit, by name.
    pub fn checks(&self, sha: &str) -> Vec<(String, Option<String>)> {
        let mut all: Vec<_> = self.fake.checks(sha).into_iter().map(|run| (run.name, run.conclusion)).collect();
        all.sort();
        all
    }

    pub fn event(&self, event: &str, payload: &str) -> Ended {
        self.run(event, payload, &[])
    }

    /// As [`World::everything`], on an Enterprise server, whose GraphQL address is not below the other.
    pub fn enterprise(&self) -> Ended {
        let urls = (self.fake.enterprise_api_url(), self.fake.enterprise_graphql_url());
        self.run_at(urls, "workflow_run", "{}", &[])
    }

    /// The folder in which the runs start.
    pub fn workspace(&self) -> PathBuf {
        self.dir.path().join("workspace")
    }

    /// Puts a shallow checkout of the base, owned by somebody else, where the runs start.
    pub fn check_out(&self) {
        let workspace = self.dir.path().join("workspace");
        let _ = std::fs::remove_dir_all(&workspace);
        let url = format!("file://{}", self.fake.git_dir().display());
        let mut git = std::process::Command::new("git");
        git.args(["clone", "-q", "--depth=1", "--branch=main", &url]).arg(&workspace);
        assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
        // Only root can give files away; elsewhere the checkout stays ours.
        let _ = std::process::Command::new("chown").args(["-R", "1001:1001"]).arg(&workspace).status();
    }

    pub fn everything(&self) -> Ended {
        self.event("workflow_run", "{}")
    }

    pub fn run(&self, event: &str, payload: &str, args: &[&str]) -> Ended {
        self.run_at((self.fake.api_url(), self.fake.graphql_url()), event, payload, args)
    }

    /// The command `audit`, with these arguments.
    pub fn audit(&self, args: &[&str]) -> Run {
        let mut command = support::program();
        command.arg("audit").args(args).env("GITHUB_REPOSITORY", "owner/name").env("GITHUB_TOKEN", self.token);
        command.env("GITHUB_API_URL", self.fake.api_url()).env("GITHUB_GRAPHQL_URL", self.fake.graphql_url());
        support::ended(&command.output().unwrap())
    }

    fn run_at(&self, (api, graphql): (String, String), event: &str, payload: &str, args: &[&str]) -> Ended {
        self.fake.clear_log();
        let path = |name: &str| self.dir.path().join(name);
        let file = |name: &str, text: &str| -> PathBuf {
            std::fs::write(path(name), text).unwrap();
            path(name)
        };
        let workspace = path("workspace");
        std::fs::create_dir_all(&workspace).unwrap();
        let (output, summary) = (file("output", ""), file("summary", ""));
        let mut command = support::program();
        command
            .current_dir(&workspace)
            .args(["run", "--cache", "none"])
            .args(args)
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", file("event.json", payload))
            .env("GITHUB_REPOSITORY", "owner/name")
            .env("GITHUB_API_URL", api)
            .env("GITHUB_GRAPHQL_URL", graphql)
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("GITHUB_TOKEN", self.token)
            .env("CARGO2_BOT_INDEX", self.index.url());
        let run = support::ended(&command.output().unwrap());
        assert!(!run.stdout.contains("workflow_secret"), "a token is printed");
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        let writes = self.fake.writes().into_iter().map(|(method, path, _)| name(&method, &path)).collect();
        let requests = self.fake.requests().len();
        Ended { run, outputs: read(&output), summary: read(&summary), writes, requests }
    }
}

/// A write in a word or two: `POST issues/1/comments`, `Commit`.
fn name(method: &str, path: &str) -> String {
    match path.split_once('#') {
        Some((_, operation)) => operation.to_owned(),
        None => format!("{method} {}", path.trim_start_matches("/repos/owner/name/")),
    }
}

impl Ended {
    /// The value of an output.
    pub fn output(&self, name: &str) -> &str {
        let line = self.outputs.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap_or_else(|| panic!("no output {name}: {}", self.outputs))
    }

    pub fn ok(&self) -> &Self {
        assert_eq!(self.run.code, Some(0), "{:?}\n{}", self.run, self.summary);
        self
    }
}
