//! A project in a temporary folder with hostile things in it and around it, and bounded runs of the program on it.
#![allow(clippy::disallowed_methods, reason = "tests make their own files")]

use crate::canary;
use crate::git_http::GitServer;
use crate::served::{Foreign, Reply};
use crate::support;
use sha2::Digest as _;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The address space that the program may use, in KiB, and its time on a processor, in seconds. Both are the system's limits:
/// beyond them the program ends by a signal, which no case expects.
const MEMORY: u64 = 1 << 20;
const PROCESSOR: u64 = 120;

/// The time until a run is given up, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(400);

/// Bytes that a run may leave in files.
const LEFT: u64 = 64 << 20;

/// The crates that the upstream lock asks for.
pub const CRATES: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "0.2.0")];

/// How a run ended.
#[derive(Debug, Default)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// The files of the project that are not what they were.
    pub changed: Vec<String>,
    /// Whether the pull request is held, where there is one.
    pub held: Option<bool>,
    /// What was written on GitHub.
    pub writes: Vec<String>,
}

pub struct Lab {
    folder: tempfile::TempDir,
    arguments: RefCell<Vec<String>>,
    hosts: RefCell<Vec<Foreign>>,
    servers: RefCell<Vec<GitServer>>,
}

impl Lab {
    pub fn new() -> Self {
        let lab = Self {
            folder: tempfile::tempdir().unwrap(),
            arguments: RefCell::default(),
            hosts: RefCell::default(),
            servers: RefCell::default(),
        };
        for folder in ["project/elements", "home", "tmp", "log"] {
            std::fs::create_dir_all(lab.at(folder)).unwrap();
        }
        lab.write("project.conf", "name: p\nmin-version: 2.5\nelement-path: elements\n");
        let repository = git2::Repository::init(lab.at("project")).unwrap();
        canary::plant(&lab.at("home"), &repository);
        lab
    }

    /// A path beside the project.
    pub fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A path in the project.
    pub fn path(&self, path: &str) -> PathBuf {
        self.at("project").join(path)
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Puts a symbolic link into the project.
    pub fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    /// A host that answers so; returns its root.
    pub fn host(&self, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> String {
        let host = Foreign::start(answer);
        let url = host.url();
        self.hosts.borrow_mut().push(host);
        url
    }

    /// A git server that is looked at for secrets, too; returns its root.
    pub fn server(&self, server: GitServer) -> String {
        let root = server.root();
        self.servers.borrow_mut().push(server);
        root
    }

    /// Names a URL on the command line, and so trusts it.
    pub fn alias(&self, name: &str, url: &str) {
        self.arguments.borrow_mut().push(format!("--alias={name}={url}"));
    }

    /// How many requests foreign hosts were sent.
    pub fn requests(&self) -> usize {
        self.hosts.borrow().iter().map(|host| host.seen().len()).sum()
    }

    /// Runs the program on the project.
    pub fn run(&self, args: &[&str]) -> Ended {
        let project = self.at("project");
        let mut all = vec!["--project", project.to_str().unwrap()];
        all.extend(args);
        let arguments = self.arguments.borrow().clone();
        all.extend(arguments.iter().map(String::as_str));
        self.run_as(&all, &[])
    }

    /// Runs the program with nothing but these arguments and variables, its log and a cache.
    pub fn run_as(&self, args: &[&str], variables: &[(&str, String)]) -> Ended {
        let before = self.state();
        let mut command = self.bounded();
        command.args(args).args(["-vv", "--cache"]).arg(self.at("cache"));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let log = |name: &str| std::fs::File::create(self.at(name)).unwrap();
        command.stdin(Stdio::null()).stdout(log("log/out")).stderr(log("log/err"));
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{args:?} did not end");
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let read = |name: &str| String::from_utf8_lossy(&std::fs::read(self.at(name)).unwrap()).into_owned();
        let ended = Ended { code: status.code(), out: read("log/out"), err: read("log/err"), ..Ended::default() };
        let left: Vec<_> = self.at("tmp").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        let after = self.state();
        let known = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path));
        let changed: std::collections::BTreeSet<_> = known.cloned().collect();
        Ended { changed: changed.into_iter().collect(), ..ended }
    }

    /// The program in its limits, with the surroundings of a job.
    fn bounded(&self) -> Command {
        let mut command = Command::new("sh");
        let limits = format!("ulimit -v {MEMORY}; ulimit -t {PROCESSOR}; exec \"$0\" \"$@\"");
        command.args(["-c", &limits]).arg(support::program().get_program());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.at("home")).env("TMPDIR", self.at("tmp")).current_dir(self.at("log"));
        // The allocator reserves an address space for each thread: not what is bounded here.
        command.envs(crate::support::LISTS_ALONE);
        command.env("MALLOC_ARENA_MAX", "2").envs(canary::VARIABLES.map(|name| (name, canary::SECRET)));
        command
    }

    /// The files of the project, each with the hash of what it holds.
    fn state(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        walk(&self.at("project"), &mut |path| {
            let kept = !path.components().any(|part| part.as_os_str() == ".git");
            if kept {
                files.insert(path.display().to_string(), sha2::Sha256::digest(std::fs::read(path).unwrap()).to_vec());
            }
        });
        files
    }

    /// Asserts that no secret is in what was printed, in any file outside of those that hold it, or with a foreign host.
    pub fn no_secret_is_out(&self, ended: &Ended) {
        assert!(!canary::is_in(ended.out.as_bytes()), "a secret was printed");
        assert!(!canary::is_in(ended.err.as_bytes()), "a secret was logged");
        let mut left = 0;
        for folder in ["cache", "tmp", "log", "out"] {
            walk(&self.at(folder), &mut |path| {
                let bytes = std::fs::read(path).unwrap();
                left += bytes.len() as u64;
                assert!(!canary::is_in(&bytes), "a secret was written to {}", path.display());
            });
        }
        assert!(left <= LEFT, "{left} bytes were left");
        for path in &ended.changed {
            assert!(!canary::is_in(&std::fs::read(path).unwrap_or_default()), "a secret was written to {path}");
        }
        let hosts = self.hosts.borrow();
        let servers = self.servers.borrow();
        let sent = hosts.iter().flat_map(Foreign::seen);
        let sent = sent.chain(servers.iter().flat_map(|server| [server.headers(), server.questions()].concat()));
        sent.for_each(|text| assert!(!canary::is_in(text.as_bytes()), "a secret was sent: {text}"));
    }
}

/// Looks at every regular file below a folder.
fn walk(folder: &Path, look: &mut impl FnMut(&Path)) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(&entry.path(), look);
        } else if kind.is_file() {
            look(&entry.path());
        }
    }
}
