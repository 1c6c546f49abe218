//! A lock that gives a block gives one that is read back as it was written.

use cargo2_bot::cargo2::block::{self, BlockEntry, Config, Shape};
use cargo2_bot::cargo2::lock;
use cargo2_bot::cargo2::verify;
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml::{self, Node};
use std::sync::Arc;

/// The property.
pub(crate) fn holds(text: &str) {
    let lock = match lock::parse(text) {
        Ok(lock) => lock,
        Err(error) => {
            let _ = verify::unreadable_lock(&error, text, "here");
            return;
        }
    };
    let _ = lock::second_opinion(text, &lock);
    let mirror = ("https://example.org/".to_owned(), "mirror:".to_owned());
    for config in [Config::default(), Config { git_mirrors: vec![mirror] }] {
        let Ok(entries) = block::expected(&lock, &config) else { continue };
        assert!(entries.is_sorted_by(|a, b| a.order(b).is_le()), "a block is in the plugin's order");
        if !entries.is_empty() {
            for (before, shape) in
                [("- kind: cargo2\n  ref:\n", Shape::at(2)), ("ref:\n", Shape { newline: "\r\n", ..Shape::at(4) })]
            {
                read_back(&entries, before, shape);
            }
        }
    }
}

/// Both readers see what was written, each entry whole.
fn read_back(entries: &[BlockEntry], before: &str, shape: Shape) {
    let text = format!("{before}{}", block::render_list(entries, shape));
    let file = Arc::new(SourceText::new("a.bst", text));
    for root in [yaml::parse(&file).unwrap(), yaml::parse_whole(&file).unwrap()] {
        let source: &Node = root.as_list().map_or(&root, |items| &items[0]);
        let current = block::read(source.get("ref").unwrap()).unwrap();
        assert!(current.values().eq(entries), "{}", file.text);
        assert!(current.entries.iter().all(|e| !e.old_form && e.flaw.is_none()), "{}", file.text);
    }
}
