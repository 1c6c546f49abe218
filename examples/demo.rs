//! Shows the main job on the example project: a drift is found, mended, and gone.
//!
//! `examples/dakota` is a project whose tracker has just moved the ref of `bluefin/greeter.bst` to v1.2.0; its cargo2 block is
//! still that of v1.1.0. This program copies it to a temporary folder, makes the upstream repository there from
//! `examples/upstream`, and runs cargo2-bot as a user would: offline, without a token.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "this is a program of its own")]

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> Result<ExitCode> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("dakota");
    copy(&here.join("dakota"), &project)?;
    let commit = upstream(&here.join("upstream/greeter"), &folder.path().join("upstream/example/greeter.git"))?;
    let element = project.join("elements/bluefin/greeter.bst");
    std::fs::write(&element, std::fs::read_to_string(&element)?.replace("COMMIT", &commit))?;

    let alias = format!("github=file://{}/", folder.path().join("upstream").display());
    let program = program()?;
    let run = |args: &[&str]| -> Result<Option<i32>> {
        println!("$ cargo2-bot {} --alias github=…", args.join(" "));
        let mut command = Command::new(&program);
        command.args(args).args(["--alias", &alias, "--offline", "--cache", "none", "--project"]).arg(&project);
        let code = command.status()?.code();
        println!("(exit code {})\n", code.unwrap_or(-1));
        Ok(code)
    };
    println!("The tracker has moved the ref of bluefin/greeter.bst to v1.2.0; its cargo2 block is that of v1.1.0.\n");
    let found = run(&["regenerate", "--check"])?;
    let before = std::fs::read_to_string(&element)?;
    let mended = run(&["regenerate"])?;
    let after = std::fs::read_to_string(&element)?;
    let kept = before.lines().filter(|line| after.lines().any(|l| l == *line)).count();
    println!(
        "{kept} of {} lines of the element stayed; it has {} now.\n",
        before.lines().count(),
        after.lines().count()
    );
    let right = run(&["regenerate", "--check"])?;
    let as_told = (found, mended, right) == (Some(3), Some(0), Some(0));
    Ok(if as_told { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program beside this example. `cargo run` builds it when it builds the example's test twin; else it is built now.
fn program() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let folder = me.parent().and_then(Path::parent).context("the example has no build folder")?;
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--bin", "cargo2-bot", "--manifest-path"]);
    build.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    if folder.ends_with("release") {
        build.arg("--release");
    }
    anyhow::ensure!(build.status()?.success(), "cargo2-bot could not be built");
    Ok(folder.join("cargo2-bot"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A bare repository with a commit and a tag for each folder; the last commit's id.
fn upstream(from: &Path, to: &Path) -> Result<String> {
    let repository = git2::Repository::init_bare(to)?;
    let who = git2::Signature::new("Example", "example@example.com", &git2::Time::new(1_700_000_000, 0))?;
    let mut versions: Vec<_> = std::fs::read_dir(from)?.collect::<std::io::Result<Vec<_>>>()?;
    versions.sort_by_key(std::fs::DirEntry::file_name);
    let mut parent: Option<git2::Commit<'_>> = None;
    for version in versions {
        let mut tree = repository.treebuilder(None)?;
        for file in std::fs::read_dir(version.path())? {
            let file = file?;
            tree.insert(file.file_name(), repository.blob_path(&file.path())?, 0o100_644)?;
        }
        let tree = repository.find_tree(tree.write()?)?;
        let name = version.file_name().to_string_lossy().into_owned();
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let id = repository.commit(Some("refs/heads/main"), &who, &who, &name, &tree, &parents)?;
        repository.reference(&format!("refs/tags/{name}"), id, true, "release")?;
        parent = Some(repository.find_commit(id)?);
    }
    Ok(parent.context("the example upstream is empty")?.id().to_string())
}
