//! The documentation as a book: its summary, and what its pages say of the configuration and of hooks.
#![allow(clippy::disallowed_methods, reason = "tests read the pages")]

use crate::readme::{PAGES, blocks, page, pages};
use crate::support;
use cargo2_bot::text::SourceText;
use cargo2_bot::{config, registry};

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = page("docs/SUMMARY.md");
    let links = summary.split("](").skip(1).map(|rest| format!("docs/{}", rest.split(')').next().unwrap()));
    let mut listed: Vec<String> = links.collect();
    listed.sort();
    let mut there = pages();
    there.retain(|page| page != "docs/SUMMARY.md" && !PAGES.contains(&page.as_str()));
    there.sort();
    assert_eq!(listed, there);
    assert!(page("book.toml").contains("src = \"docs\""));
}

#[test]
fn the_examples_of_the_configuration_are_configurations() {
    let mut seen = 0;
    for path in ["docs/configuration.md", "docs/solo.md"] {
        for example in blocks(&page(path), "yaml") {
            let indent = if example.starts_with("  ") { "  " } else { "" };
            let text: String =
                example.lines().map(|line| line.strip_prefix(indent).unwrap_or("").to_owned() + "\n").collect();
            let read = config::parse(&SourceText::new(config::CONFIG, text.as_str()), &registry::all());
            assert!(read.is_ok(), "{path}: {read:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn every_key_of_the_configuration_is_on_its_page() {
    let keys = page("docs/configuration.md");
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).unwrap();
    let named = |key: &str| keys.contains(&format!("`{key}`")) || keys.contains(&format!("`{key}."));
    let of = |value: &serde_json::Value| value["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for key in [of(&schema), of(&schema["$defs"]["BotConfig"])].concat() {
        assert!(named(&key) || key == "bot", "{key}");
    }
}

#[test]
fn hooks_run_commands_that_exist() {
    let hooks: serde_yaml::Value = serde_yaml::from_str(&page(".pre-commit-hooks.yaml")).unwrap();
    let text = page("docs/automation.md");
    for hook in hooks.as_sequence().unwrap() {
        assert!(text.contains(&format!("| `{}` |", hook["id"].as_str().unwrap())));
        let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words[0], "cargo2-bot");
        let run = support::run(&[&words[1..], &["--project", "/nonexistent", "x.bst"]].concat());
        assert!(run.code == Some(2) && !run.stderr.contains("Usage:"), "{run:?}");
    }
}
