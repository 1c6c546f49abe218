//! Our binary, as a user starts it.

use std::{
    env,
    path::Path,
    process::{Command, Output},
};

/// Exit code when nothing is left to do.
pub(crate) const DONE: i32 = 0;
/// Exit code when findings of severity error are left; drift under `--check` is one.
pub(crate) const FINDINGS: i32 = 3;

/// What a run of our binary said.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Everything that was said, for the message of a failed test.
    pub(crate) fn said(&self) -> String {
        format!("exit {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// `cargo2-bot regenerate` on a project; `aliases` are the ones that the command line vouches for.
pub(crate) fn regenerate(project: &Path, aliases: &[(&str, &str)], more: &[&str]) -> Run {
    on("regenerate", project, aliases, more)
}

/// `cargo2-bot track`, in the same way.
pub(crate) fn track(project: &Path, aliases: &[(&str, &str)], more: &[&str]) -> Run {
    on("track", project, aliases, more)
}

fn on(name: &str, project: &Path, aliases: &[(&str, &str)], more: &[&str]) -> Run {
    let mut command = bot();
    command.arg(name).arg("--project").arg(project);
    for (name, url) in aliases {
        command.arg("--alias").arg(format!("{name}={url}"));
    }
    command.args(more);
    run(&mut command)
}

/// `cargo2-bot generate LOCK`: the block on standard output.
pub(crate) fn generate(lock: &Path, mirrors: &[(&str, &str)]) -> Run {
    let mut command = bot();
    command.arg("generate").arg(lock);
    for (prefix, value) in mirrors {
        command.arg("--git-mirror").arg(format!("{prefix}={value}"));
    }
    run(&mut command)
}

/// Nothing of the machine's environment decides what the bot does.
fn bot() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo2-bot"));
    for (name, _) in env::vars_os() {
        let known = name.to_string_lossy();
        if ["GITHUB_", "CARGO2_BOT_", "GIT_"].iter().any(|prefix| known.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Run {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}
