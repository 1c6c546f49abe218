//! The parts: lock to block, looking through an element, the edit of a block.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails loudly")]

use cargo2_bot::app::generate;
use cargo2_bot::cargo2::block::{self, Config, Layout, Shape};
use cargo2_bot::cargo2::edit::{self, Expected, Target};
use cargo2_bot::cargo2::lock;
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml;
use divan::Bencher;
use std::fmt::Write as _;
use std::sync::Arc;

fn main() {
    divan::main();
}

/// A lock of `n` crates, each with three dependencies, as cargo writes it.
fn lock_text(n: usize) -> String {
    let source = cargo_lock::SourceId::default();
    let mut text = "version = 4\n".to_owned();
    for i in 0..n {
        let _ = write!(
            text,
            "\n[[package]]\nname = \"crate-{i:05}\"\nversion = \"1.{i}.0\"\nsource = \"{source}\"\nchecksum = \"{:064x}\"\n",
            i * 7919
        );
        let deps: String = (1..=3).map(|d| format!(" \"crate-{:05}\",\n", (i + d) % n)).collect();
        let _ = write!(text, "dependencies = [\n{deps}]\n");
    }
    text
}

fn element(n: usize) -> Arc<SourceText> {
    let text = lock_text(n);
    let entries = block::expected(&lock::parse(&text).unwrap(), &Config::default()).unwrap();
    let list = block::render_list(&entries, Shape::at(2));
    Arc::new(SourceText::new(
        "a.bst",
        format!("kind: make\nsources:\n- kind: git_repo\n  url: x:y\n- kind: cargo2\n  ref:\n{list}\nconfig: {{}}\n"),
    ))
}

#[divan::bench(args = [50, 500, 5000])]
fn lock_to_block(bencher: Bencher<'_, '_>, n: usize) {
    let file = SourceText::new("Cargo.lock", lock_text(n));
    let request = generate::Request { layout: Layout::List, config: Config::default(), crates_url: "crates:".into() };
    bencher.counter(n).bench(|| generate::generate(&file, &request).unwrap().len());
}

#[divan::bench(args = [50, 500, 5000])]
fn element_scan(bencher: Bencher<'_, '_>, n: usize) {
    let file = element(n);
    bencher.counter(n).bench(|| {
        let tree = yaml::parse(&file).unwrap();
        let list = tree.get("sources").unwrap().as_list().unwrap()[1].get("ref").unwrap().clone();
        block::read(&list).unwrap().entries.len()
    });
}

#[divan::bench(args = [50, 500, 5000])]
fn element_scan_without_lifting(bencher: Bencher<'_, '_>, n: usize) {
    let file = element(n);
    bencher.counter(n).bench(|| {
        let tree = yaml::parse_whole(&file).unwrap();
        let list = tree.get("sources").unwrap().as_list().unwrap()[1].get("ref").unwrap().clone();
        block::read(&list).unwrap().entries.len()
    });
}

#[divan::bench(args = [50, 500, 5000])]
fn edit_one_crate(bencher: Bencher<'_, '_>, n: usize) {
    let file = element(n);
    let tree = yaml::parse(&file).unwrap();
    let source = &tree.get("sources").unwrap().as_list().unwrap()[1];
    let current = block::read(source.get("ref").unwrap()).unwrap();
    let mut expected: Vec<_> = current.values().cloned().collect();
    expected[n / 2].version = "1.9999.0".into();
    bencher.counter(n).bench(|| {
        let target = Target { source, current: &current, layout: Layout::List, base: "" };
        let edit = edit::plan(target, &expected).unwrap();
        let expected = [Expected {
            at: source.pair("ref").map_or(source.span.start, |(key, _)| key.span.start),
            expected: &expected,
            layout: Layout::List,
        }];
        edit::apply(&file, &[edit], &expected).unwrap().text.len()
    });
}
