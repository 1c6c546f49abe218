//! What the README and the other pages claim: the demo, commands and flags, what is printed, paths, links, guards.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails loudly, and makes its own files")]

use crate::support;

use std::path::{Path, PathBuf};
use support::run;

const README: &str = include_str!("../../README.md");

/// The pages that people write, besides those of the book.
pub(crate) const PAGES: [&str; 6] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/picture/README.md"];

/// The pages of the book, and those besides.
pub(crate) fn pages() -> Vec<String> {
    let names = root().join("docs").read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let book = names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}"));
    PAGES.iter().map(|page| (*page).to_owned()).chain(book).collect()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// What a page has between backticks, outside of fenced blocks.
fn quoted(page: &str) -> Vec<String> {
    let outside: String = page.split("```").step_by(2).collect();
    outside.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fenced blocks of a page in one language.
pub(crate) fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The commands of the program, by its help.
fn commands() -> Vec<String> {
    let help = run(&["--help"]).stdout;
    let rows = help.split_once("Commands:\n").unwrap().1.lines().take_while(|line| !line.is_empty());
    let names = rows.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()));
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_demo_shows_a_drift_found_explained_fixed_and_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo2-bot"));
    // No PATH, so no git; nothing of this folder.
    command.env_clear().env("TMPDIR", dir.path()).current_dir(dir.path()).arg("demo");
    let out = support::ended(&command.output().unwrap());
    assert_eq!((out.code, out.stderr.as_str()), (Some(0), ""), "{out:?}");
    let steps: Vec<&str> = out.stdout.split("\n$ cargo2-bot ").collect();
    let expected = [
        ("regenerate --check\n", "1 drifted; 1 error\n(exit code 3)"),
        ("review\n", "`memchr 2.7.5` is yanked"),
        ("regenerate\n", "(exit code 0)"),
        ("regenerate --check\n", "1 cargo2 block: 1 right\n(exit code 0)"),
    ];
    assert_eq!(steps.len(), 1 + expected.len(), "{}", out.stdout);
    for (step, (command, shown)) in steps[1..].iter().zip(expected) {
        assert!(step.starts_with(command) && step.contains(shown), "{command}: {step}");
    }
    assert!(!out.stdout.contains('\x1b'), "plain where it is piped");
    assert_eq!(dir.path().read_dir().unwrap().count(), 0, "the temporary folder is left behind");
}

#[test]
fn the_demo_fails_where_it_cannot_write() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo2-bot"));
    let out = support::ended(&command.env_clear().env("TMPDIR", "/nonexistent").arg("demo").output().unwrap());
    assert_eq!(out.code, Some(1), "{out:?}");
    assert!(out.stderr.contains("a temporary folder cannot be made"), "{out:?}");
}

#[test]
fn the_project_of_the_demo_is_the_whole_example() {
    let example = root().join("examples/dakota");
    let mut there = Vec::new();
    files(&example, &mut there);
    let name = |path: &PathBuf| path.strip_prefix(&example).unwrap().to_str().unwrap().replace('\\', "/");
    let mut there: Vec<(String, String)> =
        there.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect();
    there.sort();
    let mut embedded: Vec<(String, String)> =
        cargo2_bot::app::demo::PROJECT.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    embedded.sort();
    assert_eq!(embedded, there);
}

#[test]
fn every_flag_of_the_readme_is_one_of_the_program() {
    let help = run(&["regenerate", "--help"]).stdout;
    let rows = README.lines().filter(|line| line.starts_with("| `--"));
    let flags: Vec<&str> = rows.map(|line| line.trim_start_matches("| `").split([' ', '`']).next().unwrap()).collect();
    assert!(flags.len() > 6);
    for flag in flags {
        assert!(help.contains(flag), "{flag}");
    }
    let sentence = README.split_once("\n`review` and `run` also take ").unwrap().1.split_once(';').unwrap().0;
    let also: Vec<&str> = sentence.split("`--").skip(1).map(|rest| rest.split([' ', '`']).next().unwrap()).collect();
    assert_eq!(also, ["advisories", "deep", "publishers", "index"]);
    for command in ["review", "run"] {
        let help = run(&[command, "--help"]).stdout;
        assert!(also.iter().all(|flag| help.contains(&format!("--{flag}"))), "{command}: {help}");
    }
}

#[test]
fn every_command_is_in_the_readme_and_in_the_list_of_changes() {
    let commands = commands();
    assert!(commands.len() >= 15, "{commands:?}");
    let changes = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    for command in commands {
        let shown = README.contains(&format!("\ncargo2-bot {command}"));
        assert!(shown || README.contains(&format!("\n$ cargo2-bot {command}")), "{command}");
        assert!(changes.contains(&format!("`{command}`")), "{command}");
    }
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    let fenced = |page: &String| page.split("```").skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let all: Vec<String> = pages().iter().flat_map(|path| fenced(&page(path))).collect();
    // `GITHUB_TOKEN=… cargo2-bot doctor` and `run: cargo2-bot check` as well; not what is shown as output.
    let commands = all.iter().filter(|block| !block.starts_with("text")).flat_map(|block| block.lines());
    let lines = commands.filter_map(|line| {
        let line = line.trim().trim_start_matches("- run: ");
        let first = |word: &&str| !(word.contains('=') && word.starts_with(|c: char| c.is_ascii_uppercase()));
        let words: Vec<&str> = line.split(' ').skip_while(|word| !first(word) || word.ends_with("token)")).collect();
        (words.first() == Some(&"cargo2-bot")).then(|| words.join(" "))
    });
    let mut seen = 0;
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    for line in lines {
        let words = line.split('#').next().unwrap().split_whitespace().skip(1);
        let words: Vec<&str> = words.take_while(|word| !word.starts_with(['|', '>', '<'])).collect();
        if words.iter().any(|word| word.contains("{{")) {
            continue;
        }
        let outcome = run(&[&words[..], &["--cache", "none", "--project", nowhere.to_str().unwrap()]].concat());
        // Understood, and then there is no such project, file or token; the rules and the demo need none.
        let plain = matches!(words[0], "demo" | "explain" | "rules" | "completions" | "--version");
        let expected = if plain || words == ["man"] { 0 } else { 2 };
        assert_eq!(outcome.code, Some(expected), "{line}: {outcome:?}");
        assert!(!outcome.stderr.contains("Usage:"), "{line}: {outcome:?}");
        seen += 1;
    }
    assert!(seen >= 30, "{seen}");
}

#[test]
fn what_the_readme_shows_behind_a_prompt_is_what_is_printed() {
    let shown: Vec<&str> = blocks(README, "console").into_iter().filter(|block| block.starts_with("$ ")).collect();
    assert_eq!(shown.len(), 2);
    for block in shown {
        let (command, printed) = block.split_once('\n').unwrap();
        let words: Vec<&str> = command.strip_prefix("$ cargo2-bot ").unwrap().split(' ').collect();
        // A test starts at the crate's root, as a reader does.
        assert_eq!(run(&[&words[..], &["--cache", "none"]].concat()).stdout, printed, "{command}");
    }
}

#[test]
#[cfg(unix)]
fn the_example_workflows_are_copied_as_told_and_seen_by_doctor() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("project.conf"), "name: p\nmin-version: 2.5\n").unwrap();
    std::os::unix::fs::symlink(root(), dir.path().join("cargo2-bot")).unwrap();
    let page = page("docs/action.md");
    let [script] = blocks(&page, "sh")[..] else { panic!("one script") };
    let copied = std::process::Command::new("sh").args(["-euc", script]).current_dir(&project).status().unwrap();
    assert!(copied.success());
    let seen = run(&["doctor", "--cache", "none", "--project", project.to_str().unwrap()]).stdout;
    let named = page.split("(../examples/workflows/").skip(1).map(|rest| rest.split(')').next().unwrap());
    assert_eq!(
        named.map(|name| assert!(seen.contains(&format!("ok       workflow: `{name}`")), "{name}: {seen}")).count(),
        4
    );
}

#[test]
#[cfg(unix)]
fn the_workflows_with_an_app_are_copied_as_told_and_seen_by_doctor() {
    let dir = tempfile::tempdir().unwrap();
    let project = dir.path().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("project.conf"), "name: p\nmin-version: 2.5\n").unwrap();
    std::os::unix::fs::symlink(root(), dir.path().join("cargo2-bot")).unwrap();
    let page = page("docs/hold.md");
    let [script] = blocks(&page, "sh")[..] else { panic!("one script") };
    let copied = std::process::Command::new("sh").args(["-euc", script]).current_dir(&project).status().unwrap();
    assert!(copied.success());
    let seen = run(&["doctor", "--cache", "none", "--project", project.to_str().unwrap()]).stdout;
    for line in [
        "ok       workflow: `cargo2-bot.yml`, job `cargo2`, in the environment",
        "ok       relay: `cargo2-bot-relay.yml`",
    ] {
        assert!(seen.contains(line), "{line}: {seen}");
    }
    // What the page explains is in the ruleset.
    let table = page.split_once("## What each part is for").unwrap().1;
    for rule in ["integration_id", "pull_request", "deletion", "non_fast_forward", "bypass_actors"] {
        assert!(table.contains(rule), "{rule}");
        assert!(self::page("docs/ruleset.json").contains(&format!("\"{rule}\"")), "{rule}");
    }
}

#[test]
fn the_checks_of_the_readme_are_those_of_the_bot() {
    use cargo2_bot::github::checks::{BLOCK, HOLD};
    let rows: Vec<&str> = README.lines().filter_map(|line| line.strip_prefix("| `cargo2 ")).collect();
    let names: Vec<String> = rows.iter().map(|row| format!("cargo2 {}", row.split('`').next().unwrap())).collect();
    assert_eq!(names, [BLOCK, HOLD]);
}

#[test]
fn the_rules_that_the_readme_calls_errors_are_errors() {
    let rules = run(&["rules"]).stdout;
    for rule in ["crate-not-verified", "advisories-not-read"] {
        assert!(README.contains(&format!("`{rule}`")), "{rule}");
        assert!(rules.lines().any(|line| line.starts_with(&format!("{rule} ")) && line.contains(" error ")), "{rule}");
    }
}

/// The anchors of a page as GitHub makes them from its headings.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings.map(|text| text.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn the_links_of_all_pages_lead_somewhere() {
    let mut seen = 0;
    for page in pages().iter().map(String::as_str).filter(|page| *page != "docs/rules.md") {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { root().join(page) } else { root().join(page).parent().unwrap().join(path) };
            assert!(target.exists(), "{page}: {link}");
            let there = || anchors(&std::fs::read_to_string(&target).unwrap()).iter().any(|a| a == anchor);
            assert!(anchor.is_empty() || there(), "{page}: {link}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// All files of a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Asserts that the tests in the last column of a page's tables are there: files, and names of functions.
fn guards_are_there(path: &str, at_least: usize) {
    guards_of_text_are_there(&page(path), path, at_least);
}

fn guards_of_text_are_there(page: &str, path: &str, at_least: usize) {
    let mut all = Vec::new();
    files(&root().join("src"), &mut all);
    files(&root().join("tests"), &mut all);
    let rust = all.iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let code: String = rust.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |")).collect();
    let cells = rows.iter().filter_map(|row| row.trim_matches('|').rsplit_once(" | ")).map(|(_, guards)| guards);
    let guards: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(guards.len() >= at_least, "{guards:?}");
    for guard in guards {
        if guard.ends_with(".rs") {
            let text = std::fs::read_to_string(root().join(guard)).unwrap_or_else(|_| panic!("{guard} is gone"));
            let tests = ["#[test]", "#[tokio::test", "proptest!"];
            assert!(tests.iter().any(|mark| text.contains(mark)), "{guard} tests nothing");
        } else {
            assert!(code.contains(&format!("fn {guard}(")), "{path}: {guard} is gone");
        }
    }
}

#[test]
fn each_walk_has_at_most_eight_files_that_exist() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = page.split("## Three walks").nth(1).unwrap().split("\n## ").next().unwrap();
    let walks: Vec<&str> = section.split("\n\n").filter(|walk| walk.starts_with('*')).collect();
    assert_eq!(walks.len(), 3);
    for walk in walks {
        let files: Vec<&str> = walk.split('`').skip(1).step_by(2).collect();
        assert!((4..=8).contains(&files.len()), "{walk}");
        assert!(files.iter().all(|file| root().join(file).is_file()), "{files:?}");
    }
}

#[test]
fn every_guard_of_the_architecture_is_there() {
    guards_are_there("ARCHITECTURE.md", 31);
}

#[test]
fn every_guard_of_the_security_page_is_there() {
    guards_are_there("SECURITY.md", 20);
}

#[test]
fn every_guard_of_the_page_about_failures_is_there() {
    guards_are_there("docs/reliability.md", 30);
}

#[test]
fn every_guard_of_the_comparison_is_there() {
    let page = page("docs/comparison.md");
    let (_, asked) = page.split_once("## What users of such bots ask for").unwrap();
    guards_of_text_are_there(asked, "docs/comparison.md", 14);
}

/// The recipes of the `justfile`.
fn recipes() -> Vec<String> {
    let page = page("justfile");
    let heads = page.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    heads.map(|line| line.split([' ', ':']).next().unwrap().to_owned()).collect()
}

#[test]
fn the_recipes_that_pages_name_exist() {
    let recipes = recipes();
    let mut seen = 0;
    for path in ["CONTRIBUTING.md", ".github/pull_request_template.md"] {
        let page = page(path);
        let fenced = blocks(&page, "sh").join("\n");
        let lines = fenced.lines().map(str::to_owned);
        for command in quoted(&page).into_iter().chain(lines) {
            let Some(rest) = command.strip_prefix("just ") else { continue };
            let recipe = rest.split(' ').next().unwrap();
            // `just validate` is a recipe of the projects that the bot looks at.
            assert!(recipes.iter().any(|known| known == recipe), "{path}: {command}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
    for recipe in ["lint", "test", "ci", "hooks", "unhook", "demo", "bless", "bench", "fuzz"] {
        assert!(recipes.iter().any(|known| known == recipe), "{recipe}");
    }
}

#[test]
fn the_parts_of_the_checks_are_those_of_the_page() {
    let script = page(".ci/run");
    let parts = script.split_once("\nparts=(").unwrap().1.split_once(')').unwrap().0;
    let parts: Vec<&str> = parts.split(' ').collect();
    for part in &parts {
        assert!(script.contains(&format!("\npart_{part}() {{")), "{part}");
        assert!(script.contains(&format!("\n#   {part} ")), "{part} is not in the head of .ci/run");
    }
    let page = page("CONTRIBUTING.md");
    let table = page.split_once("| part | checks |\n").unwrap().1;
    let rows = table.lines().skip(1).take_while(|line| line.starts_with("| `"));
    assert_eq!(rows.map(|row| row.split('`').nth(1).unwrap()).collect::<Vec<_>>(), parts);
    let output = std::process::Command::new("bash").args([".ci/run", "nonsense"]).current_dir(root()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("usage: .ci/run [{}]\n", parts.join("|")));
}

#[test]
fn the_paths_that_pages_name_exist() {
    let mut seen = 0;
    for path in
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/hold.md", "docs/reliability.md", "docs/picture/README.md"]
    {
        for text in quoted(&page(path)) {
            let folder = text.split_once('/').map(|(folder, _)| folder);
            if !folder.is_some_and(|folder| matches!(folder, ".ci" | "src" | "tests" | "docs" | "examples" | "fuzz")) {
                continue;
            }
            seen += 1;
            // Of a pattern, the folder before it.
            let fixed = text.split('*').next().unwrap();
            let known = fixed.rsplit_once('/').filter(|_| fixed != text).map_or(fixed, |(folder, _)| folder);
            assert!(root().join(known.split(' ').next().unwrap()).exists(), "{path}: {text}");
        }
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn the_test_programs_that_pages_name_exist() {
    for path in ["README.md", "CONTRIBUTING.md", ".ci/run"] {
        for name in page(path).split("--test ").skip(1).map(|rest| rest.split([' ', '`', '\n', ')']).next().unwrap()) {
            let name = name.trim_matches(|c| matches!(c, '\'' | '"'));
            if name.starts_with('$') || name == "NAME" {
                continue;
            }
            let (before, after) = name.split_once('*').unwrap_or((name, ""));
            let fits = |entry: &std::fs::DirEntry| {
                let name = entry.file_name().into_string().unwrap();
                let name = name.trim_end_matches(".rs");
                name.starts_with(before) && name.ends_with(after)
            };
            let found = root().join("tests").read_dir().unwrap().any(|entry| fits(&entry.unwrap()));
            assert!(found, "{path}: --test {name}");
        }
    }
}

#[test]
fn the_example_output_of_the_readme_is_what_is_printed() {
    let block = README.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    // The same project as in the snapshot of `cli.rs`.
    let old = [("a", "1.0.0"), ("b", "1.0.0")];
    let new = [("a", "1.1.0"), ("b", "1.0.0"), ("c", "0.1.0")];
    let element = format!(
        "kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{}",
        support::block(&old, 2)
    );
    let project = support::Project::new(&[("elements/a.bst", &element), ("files/up/Cargo.lock", &support::lock(&new))]);
    assert_eq!(project.run(&["regenerate", "--check"]).stdout, block);
}
