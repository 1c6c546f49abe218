//! The schema of the configuration in `docs/` is the one of the struct, and the example in the README fits it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails loudly, and can bless the file")]

use cargo2_bot::config;
use cargo2_bot::registry;
use cargo2_bot::text::SourceText;
use std::path::Path;

#[test]
fn the_schema_in_the_docs_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.schema.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, config::schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), config::schema(), "run with BLESS=1");
}

#[test]
fn the_example_of_the_readme_is_a_configuration() {
    let readme = include_str!("../../README.md");
    let example = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = config::parse(&SourceText::new(config::CONFIG, example), &registry::all()).unwrap();
    assert_eq!(config.stack.as_deref(), Some("bluefin/deps.bst"));
    assert!(config.elements.values().any(|e| !e.crates.is_empty()));
}
