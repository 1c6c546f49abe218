//! The real BuildStream.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A BuildStream with a cache and a home of its own.
pub(crate) struct Bst {
    program: PathBuf,
    state: TempDir,
}

impl Bst {
    /// The BuildStream that `CARGO2_BOT_BST` names. Without it the caller skips, unless `CARGO2_BOT_REQUIRE_PEERS=1`
    /// says that skipping is a failure.
    pub(crate) fn find() -> Option<Self> {
        let Some(program) = env::var_os("CARGO2_BOT_BST").filter(|path| !path.is_empty()) else {
            let required = env::var("CARGO2_BOT_REQUIRE_PEERS").is_ok_and(|value| value == "1");
            assert!(!required, "CARGO2_BOT_REQUIRE_PEERS=1, but CARGO2_BOT_BST does not name BuildStream's `bst`");
            super::compare::skipped("CARGO2_BOT_BST does not name BuildStream's `bst`");
            return None;
        };
        let state = TempDir::new().unwrap();
        fs::create_dir(state.path().join("home")).unwrap();
        let config = format!("cachedir: {}\ncache:\n  quota: 4G\n", state.path().join("cache").display());
        fs::write(state.path().join("bst.conf"), config).unwrap();
        Some(Self { program: PathBuf::from(program), state })
    }

    /// Puts a program of the test's own making before all others that BuildStream finds.
    pub(crate) fn install(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let bin = self.state.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `bst source track ELEMENT…`, in place. Panics with BuildStream's log if it fails.
    pub(crate) fn track(&self, project: &Path, elements: &[String]) -> Duration {
        let (ok, log, took) = self.try_track(project, elements);
        assert!(ok, "BuildStream did not track {}:\n{log}", elements.join(" "));
        took
    }

    /// Like [`Bst::track`], but a failure is an answer: (tracked, log, time).
    pub(crate) fn try_track(&self, project: &Path, elements: &[String]) -> (bool, String, Duration) {
        let begin = Instant::now();
        let output = self.command(project).args(["source", "track"]).args(elements).output().unwrap();
        let log = [output.stdout, output.stderr].concat();
        let log = String::from_utf8_lossy(&log);
        // The whole log repeats every crate; the summary says what failed and why.
        let log = log.find("Failure Summary").map_or(&*log, |at| &log[at..]);
        let lines = log.lines().filter(|line| !line.contains("Found new revision"));
        let log = lines.map(|line| format!("{}\n", line.chars().take(400).collect::<String>())).collect();
        (output.status.success(), log, begin.elapsed())
    }

    /// What `bst show` prints in this format for the elements and those of their dependencies that `deps` selects.
    /// Panics with BuildStream's messages if it does not load them.
    pub(crate) fn show(&self, project: &Path, deps: &str, format: &str, elements: &[&str]) -> String {
        let mut command = self.command(project);
        let output = command.args(["show", "--deps", deps, "--format", format]).args(elements).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "BuildStream does not show {}:\n{said}", elements.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, project: &Path) -> Command {
        let home = self.state.path().join("home");
        let ours = [self.state.path().join("bin"), self.program.parent().unwrap().to_owned()];
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(ours.into_iter().chain(env::split_paths(&inherited))).unwrap();
        let mut command = Command::new(&self.program);
        command
            .current_dir(project)
            .arg("--config")
            .arg(self.state.path().join("bst.conf"))
            .args(["--no-interactive", "--no-colors"])
            .env("HOME", home)
            .env("PATH", path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_CONFIG_HOME");
        command
    }
}
