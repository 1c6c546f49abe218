//! What the action promises in action.yml, its page, its image and the example workflows says the same everywhere.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod app;
mod flags;

use serde_yaml::{Mapping, Value};
use std::path::{Path, PathBuf};

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(at(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&text(path)).unwrap()
}

fn action() -> Value {
    yaml("action.yml")
}

fn mapping<'a>(value: &'a Value, key: &str) -> &'a Mapping {
    value[key].as_mapping().unwrap()
}

/// Names and descriptions, in the order of the file.
fn described(action: &Value, key: &str) -> Vec<(String, String)> {
    let words = |value: &Value| value.as_str().unwrap().to_owned();
    mapping(action, key).iter().map(|(name, of)| (words(name), words(&of["description"]))).collect()
}

/// The cells of the table below a heading of a page, without its head.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    rows.skip(2).map(cells).collect()
}

fn code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

fn examples() -> Vec<(String, Value)> {
    let mut paths: Vec<_> = at("examples/workflows").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| format!("examples/workflows/{}", path.file_name().unwrap().to_str().unwrap());
    let all: Vec<_> = paths.iter().map(|path| (name(path), yaml(&name(path)))).collect();
    assert_eq!(all.len(), 4, "{paths:?}");
    all
}

/// Steps of the one job of a workflow.
fn steps(workflow: &Value) -> Vec<Value> {
    let jobs = mapping(workflow, "jobs");
    assert_eq!(jobs.len(), 1);
    jobs.values().next().unwrap()["steps"].as_sequence().unwrap().clone()
}

fn uses(step: &Value, action: &str) -> bool {
    step["uses"].as_str().is_some_and(|uses| uses.split('@').next() == Some(action))
}

#[test]
fn the_page_lists_every_input_with_its_default() {
    let action = action();
    let wanted: Vec<_> = mapping(&action, "inputs")
        .iter()
        .map(|(name, input)| (name.as_str().unwrap().to_owned(), input["default"].as_str().unwrap().to_owned()))
        .collect();
    let documented: Vec<_> = table(&text("docs/action.md"), "Inputs")
        .iter()
        .map(|row| {
            let default = if row[1] == "empty" { "" } else { code(&row[1]).unwrap() };
            (code(&row[0]).unwrap().to_owned(), default.to_owned())
        })
        .collect();
    assert_eq!(documented, wanted);
}

#[test]
fn the_page_lists_every_output() {
    let wanted: Vec<_> = described(&action(), "outputs").into_iter().map(|(name, _)| name).collect();
    let documented: Vec<_> =
        table(&text("docs/action.md"), "Outputs").iter().map(|row| code(&row[0]).unwrap().to_owned()).collect();
    assert_eq!(documented, wanted);
}

#[test]
fn every_input_and_output_is_described_and_none_is_required() {
    let action = action();
    for (name, description) in [described(&action, "inputs"), described(&action, "outputs")].concat() {
        assert!(description.len() > 20 && description.ends_with('.'), "{name}: {description}");
    }
    for (name, input) in mapping(&action, "inputs") {
        assert!(input.get("required").is_none() && input.get("default").is_some(), "{name:?}");
    }
}

#[test]
fn the_token_reaches_the_program_by_the_environment_alone() {
    let action = action();
    assert_eq!(action["runs"]["args"], serde_yaml::from_str::<Value>("[run]").unwrap());
    assert_eq!(action["runs"]["env"]["GITHUB_TOKEN"].as_str(), Some("${{ inputs.token }}"));
}

#[test]
fn the_image_starts_the_program_by_its_path_as_root() {
    let dockerfile = text("Dockerfile");
    let entry = dockerfile.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).unwrap();
    let entry: Vec<String> = serde_json::from_str(entry).unwrap();
    assert_eq!(entry, ["/usr/local/bin/cargo2-bot"]);
    assert!(dockerfile.contains("/image/usr/local/bin/cargo2-bot"));
    assert!(!dockerfile.lines().any(|line| line.starts_with("USER")));
}

#[test]
fn the_image_is_built_from_what_the_build_needs() {
    let kept: Vec<_> =
        text(".dockerignore").lines().filter_map(|line| line.strip_prefix('!').map(str::to_owned)).collect();
    for path in &kept {
        assert!(at(path).exists(), "{path} is not there");
    }
    // Targets whose files are missing would stop cargo; sources may include no file that is left out.
    let manifest: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();
    assert!(!manifest.contains_key("bin") && !manifest.contains_key("example") && !manifest.contains_key("test"));
    assert!(manifest.contains_key("bench") && kept.iter().any(|path| path == "benches"));
    assert!(!at("build.rs").exists());
    let rust = toml::from_str::<toml::Table>(&text("rust-toolchain.toml")).unwrap();
    let channel = rust["toolchain"]["channel"].as_str().unwrap().trim_end_matches(".0").to_owned();
    assert!(text("Dockerfile").contains(&format!("ARG RUST_IMAGE=docker.io/library/rust:{channel}-bookworm\n")));
}

#[test]
fn the_crate_has_every_file_that_its_sources_include() {
    let manifest: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();
    let kept = manifest["package"]["include"].as_array().unwrap();
    let kept: Vec<&str> = kept.iter().map(|path| path.as_str().unwrap().trim_start_matches('/')).collect();
    let image = text(".dockerignore");
    for path in image.lines().filter_map(|line| line.strip_prefix('!')) {
        let there = kept.iter().any(|kept| *kept == path || path.starts_with(kept.trim_end_matches('*')));
        assert!(
            there || matches!(path, "Cargo.toml" | "Cargo.lock"),
            "{path} is in the image's build, and not in the crate"
        );
    }
}

#[test]
fn examples_give_only_inputs_that_exist() {
    let inputs: Vec<_> = described(&action(), "inputs").into_iter().map(|(name, _)| name).collect();
    for (path, workflow) in examples() {
        let steps = steps(&workflow);
        let ours = steps.iter().find(|step| uses(step, "OWNER/cargo2-bot")).unwrap();
        if let Some(with) = ours["with"].as_mapping() {
            for name in with.keys() {
                assert!(inputs.iter().any(|input| Some(input.as_str()) == name.as_str()), "{path}: {name:?}");
            }
        }
    }
}

#[test]
fn examples_never_check_out_the_head_of_a_pull_request() {
    for (path, workflow) in examples() {
        for step in steps(&workflow).iter().filter(|step| uses(step, "actions/checkout")) {
            let with = &step["with"];
            assert_eq!(with["persist-credentials"].as_bool(), Some(false), "{path}");
            let ref_ = with["ref"].as_str().unwrap_or_default();
            assert!(!ref_.contains("head") && !ref_.contains("github.ref") && !ref_.contains("sha }}/merge"), "{path}");
            // These start at a commit that a pull request brings; what is checked out has to be said.
            let on = mapping(&workflow, "on");
            if on.contains_key("pull_request_review") || on.contains_key("merge_group") {
                assert!(ref_.contains("base"), "{path}: {ref_}");
            }
        }
    }
}

#[test]
fn examples_run_no_script_and_stop_no_run_that_writes() {
    for (path, workflow) in examples() {
        assert!(steps(&workflow).iter().all(|step| step.get("run").is_none()), "{path}");
        let job = mapping(&workflow, "jobs").values().next().unwrap();
        let concurrency = workflow.get("concurrency").or_else(|| job.get("concurrency")).unwrap();
        assert_eq!(concurrency["cancel-in-progress"].as_bool(), Some(false), "{path}");
        assert!(mapping(&workflow, "permissions").is_empty(), "{path}: rights are given to the job");
    }
}

/// A step of a release, in the checkout as it is.
fn release(arguments: &[&str], image: &str) -> std::process::Output {
    let mut command = std::process::Command::new(at(".github/release"));
    command.args(arguments).env("RELEASE_IMAGE", image).env_remove("GITHUB_REPOSITORY").output().unwrap()
}

#[test]
fn a_release_names_its_image_by_digest_and_changes_nothing_else() {
    let (name, digest) = ("ghcr.io/example/cargo2-bot", format!("sha256:{}", "0a".repeat(32)));
    let made = release(&["action", &digest], name);
    assert!(made.status.success(), "{made:?}");
    let made = String::from_utf8(made.stdout).unwrap();
    let image = format!("docker://{name}@{digest}");
    assert_eq!(made.replace(&image, "Dockerfile"), text("action.yml"));
    assert_eq!(serde_yaml::from_str::<Value>(&made).unwrap()["runs"]["image"], image);
    let short = digest.trim_end_matches('a');
    for (bad, name) in [("1.2.3", name), ("", name), (short, name), (&format!("{digest}\nx"), name), (&digest, "a|b")] {
        let refused = release(&["action", bad], name);
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{bad} {name}");
    }
}

#[test]
fn the_release_workflow_calls_the_steps_that_the_page_explains() {
    let script = text(".github/release");
    let listed = script.lines().filter_map(|line| line.strip_prefix("#   .github/release ")?.split(' ').next());
    let steps: Vec<&str> = listed.collect();
    assert!(steps.len() > 10, "{steps:?}");
    let (page, workflow) = (text("docs/release.md"), text(".github/workflows/release.yml"));
    for step in &steps {
        assert!(page.contains(&format!("`{step}`")), "{step}");
    }
    let called = workflow.split(".github/release ").skip(1).map(|rest| rest.split([' ', '\n', ')']).next().unwrap());
    let called: Vec<&str> = called.filter(|word| !word.starts_with('`')).collect();
    assert!(called.len() > 6 && called.iter().all(|step| steps.contains(step)), "{called:?}");
}

#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(String::from_utf8(release(&["version"], "x").stdout).unwrap().trim(), version);
    let entry = format!("name = \"cargo2-bot\"\nversion = \"{version}\"\n");
    assert!(text("Cargo.lock").contains(&entry) && text("fuzz/Cargo.lock").contains(&entry));
}

#[test]
fn of_the_large_workflow_one_job_writes_and_takes_nothing_but_objects_from_those_that_read() {
    let (large, caller) =
        (yaml("examples/organisation/cargo2-bot-large.yml"), yaml("examples/organisation/caller.yml"));
    let jobs = mapping(&large, "jobs");
    let may = |job: &str| mapping(&jobs[job], "permissions").clone();
    let reads = serde_yaml::from_str::<Mapping>("contents: read").unwrap();
    assert_eq!((may("plan"), may("read")), (reads.clone(), reads));
    assert_eq!(may("write"), mapping(&caller["jobs"]["cargo2"], "permissions").clone(), "a caller has to grant it");
    let step = |job: &str, action: &str| {
        let steps = jobs[job]["steps"].as_sequence().unwrap();
        steps.iter().find(|step| uses(step, action)).unwrap().clone()
    };
    let (up, down) = (step("read", "actions/upload-artifact"), step("write", "actions/download-artifact"));
    let objects = "${{ runner.temp }}/cargo2-bot/objects";
    assert_eq!((&up["with"]["path"], &down["with"]["path"]), (&objects.into(), &objects.into()));
    let cache = step("write", "OWNER/cargo2-bot")["env"]["CARGO2_BOT_CACHE"].clone();
    let args = step("read", "docker://ghcr.io/OWNER/cargo2-bot:v1")["with"]["args"].as_str().unwrap().to_owned();
    assert!(
        args.contains(&format!("--cache {}", cache.as_str().unwrap())) && args.contains("--check --shard"),
        "{args}"
    );
    assert!(jobs.values().all(|job| job.get("secrets").is_none()));
}
