//! The image of the action, run as a runner runs it, against a GitHub with state. `CARGO2_BOT_IMAGE` names the image that
//! `.ci/peers/container` built, `CARGO2_BOT_PYTHON` the Python that runs it; without them it is skipped.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::print_stderr, clippy::disallowed_methods)]

#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "run/world.rs"]
mod world;

mod support;

use std::process::Command;
use world::{NEW, OLD, TOOL, World, tool};

#[test]
fn the_image_mends_holds_and_explains_as_the_program_does() {
    let (Some(image), Some(python)) = (std::env::var_os("CARGO2_BOT_IMAGE"), std::env::var_os("CARGO2_BOT_PYTHON"))
    else {
        eprintln!("skipped: CARGO2_BOT_IMAGE and CARGO2_BOT_PYTHON are not set");
        return;
    };
    let world = World::new();
    let number = world.bump(OLD);
    let dir = tempfile::tempdir().unwrap();
    let event = dir.path().join("event.json");
    std::fs::write(&event, "{}").unwrap();
    let workspace = dir.path().join("workspace");
    std::fs::create_dir(&workspace).unwrap();
    let run = |inputs: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/peers/container-run.py")).arg(&image).arg(&workspace);
        command.args(["--api", &world.fake.api_url(), "--repository", "owner/name", "--token", "workflow"]);
        command.arg("--event").arg(format!("workflow_run={}", event.display()));
        command.args(["--env", &format!("CARGO2_BOT_INDEX={}", world.index.url())]);
        for (name, value) in support::LISTS_ALONE {
            command.args(["--env", &format!("{name}={value}")]);
        }
        for input in inputs {
            command.args(["--with", input]);
        }
        support::ended(&command.output().unwrap())
    };
    let dry = run(&["dry-run=true"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(dry.stdout.contains("commit to auto/track-tool"), "{dry:?}");
    assert_eq!(world.fake.writes().len(), 0, "a dry run writes nothing");
    let done = run(&[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(NEW));
    assert_eq!(world.checks(&world.head(number)).len(), 2);
    for part in [format!("held=[{number}]"), "mended=1".to_owned(), "--- GITHUB_STEP_SUMMARY".to_owned()] {
        assert!(done.stdout.contains(&part), "{part}: {done:?}");
    }
    world.fake.close(number);
    let broken = run(&["pull-request=nonsense"]);
    assert_eq!(broken.code, Some(2), "{broken:?}");
}
