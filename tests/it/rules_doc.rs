//! The page of the rules is the rules' own text.

use cargo2_bot::registry;
use std::path::Path;

#[test]
#[allow(clippy::disallowed_methods, reason = "blessing is asked for by the environment and writes one file")]
fn the_page_of_the_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = registry::document();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, page, "docs/rules.md is not current: run `BLESS=1 cargo test --test it rules_doc`");
}
