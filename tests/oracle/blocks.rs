//! BuildStream itself is the judge: what `bst source track` writes into an element, the bot must write, byte for byte.
//!
//! Locks of version 1 are left out here: for them the plugin downloads every crate of the registry.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod cases;
use crate::peer;
mod refused;
mod scalars;
mod unusual;

use std::collections::BTreeMap;

use peer::{
    bst::Bst,
    compare::{figure, skipped},
    corpus,
    damage::{self, Damage},
    http::Http,
    judge::Case,
    ours,
    project::{Project, simple},
    upstream::{Tree, Upstreams},
};

#[test]
fn blocks_are_what_buildstream_writes() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = cases::upstreams();
    cases::plain(&upstreams).track(&bst).judge();
}

#[test]
fn mirrors_are_applied_as_buildstream_applies_them() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = cases::upstreams();
    let tracked = cases::mirrored(&upstreams).track(&bst);
    // The comparison would be worth nothing if no mirror was ever used.
    for (file, line) in cases::MIRRORED {
        assert!(tracked.text(file).contains(line), "{file} lacks {line:?}:\n{}", tracked.text(file));
    }
    tracked.judge();

    let tracked = cases::included_mirrors(&upstreams).track(&bst);
    assert!(tracked.text("elements/git.bst").contains("    repo: github:one/by-rev.git\n"));
    tracked.judge();
}

#[test]
fn scalars_are_quoted_where_buildstream_quotes_them() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = scalars::upstreams();
    let tracked = scalars::scalars(&upstreams).track(&bst);
    for (file, line) in scalars::QUOTED {
        assert!(
            tracked.text(file).lines().any(|current| current == *line),
            "{file} lacks {line:?}:\n{}",
            tracked.text(file)
        );
    }
    tracked.judge();
}

#[test]
fn unusual_elements_come_out_as_buildstream_leaves_them() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = cases::upstreams();
    unusual::unusual(&upstreams).track(&bst).judge();
}

#[test]
fn variables_are_expanded_where_buildstream_expands_them() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = cases::upstreams();
    let tracked = unusual::variables(&upstreams).track(&bst);
    assert!(tracked.text("elements/mirrors.bst").contains("    repo: github:rust/one/by-rev.git\n"));
    tracked.judge();
}

#[test]
fn two_blocks_in_an_element_are_both_mended() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = cases::upstreams();
    let http = Http::start(BTreeMap::new());
    cases::two(&upstreams, &http).track(&bst).judge();
}

#[test]
fn real_locks_give_the_blocks_that_buildstream_gives() {
    let Some(bst) = Bst::find() else { return };
    let locks = corpus::locks();
    if locks.is_empty() {
        skipped("there is no corpus of locks beside this checkout");
        return;
    }
    let fit: Vec<_> = locks.iter().filter(|(_, lock)| corpus::unfit(lock).is_none()).collect();
    figure(&format!("{} of {} locks take part", fit.len(), locks.len()));
    assert!(fit.len() >= 20, "the corpus is too small to mean anything");

    let mut upstreams = Upstreams::start();
    let mut project = cases::mirroring_project(&upstreams);
    for (index, (name, lock)) in fit.iter().enumerate() {
        let upstream = format!("corpus-{index}");
        upstreams.add(&upstream, &Tree::lock("version = 4\n"), &Tree::lock(lock));
        project.put(&format!("elements/{}.bst", file_name(name)), simple(&upstream));
    }
    let tracked = Case::new("corpus", &upstreams, project).track(&bst);
    tracked.judge_with(&[Damage::Gaps, Damage::OtherVersions, Damage::OldForm]);

    for (name, lock) in fit {
        let path = format!("elements/{}.bst", file_name(name));
        // A lock without sourced crates leaves no block to compare with.
        if let Some(block) = block_text(tracked.text(&path)) {
            assert_eq!(generated(lock), block, "`generate` on {name}");
        }
    }
}

#[test]
fn what_is_left_out_of_the_comparison_is_left_out_for_a_reason() {
    let Some(bst) = Bst::find() else { return };
    for refused in refused::all() {
        refused.judge(&bst);
    }
}

#[test]
fn every_damage_leaves_another_block_and_nothing_else() {
    let block = "    - kind: registry\n      name: a\n      version: 1.0.0\n      sha: b\n";
    let other = block.replace("name: a", "name: c");
    let element = format!("sources:\n  - kind: cargo2\n    ref:\n{block}{other}# End.\n");
    for damage in damage::ALL {
        let damaged = damage.apply(&element);
        assert_ne!(damage::blocks(&damaged), damage::blocks(&element), "{damage:?}");
        let rest: Vec<_> = damage::without_blocks(&damaged).into_iter().filter(|line| line != "    ref: []").collect();
        assert_eq!(rest, ["sources:", "  - kind: cargo2", "# End.", ""], "{damage:?}");
    }
}

fn file_name(lock: &str) -> String {
    lock.replace('@', "-at-").replace('.', "_")
}

/// The entries that `generate` prints for a lock; it prints a whole source.
fn generated(lock: &str) -> String {
    let root = Project { files: [("Cargo.lock".to_owned(), lock.into())].into() }.write();
    let run = ours::generate(&root.path().join("Cargo.lock"), cases::MIRRORS);
    assert_eq!(run.code, Some(ours::DONE), "{}", run.said());
    run.stdout.strip_prefix("- kind: cargo2\n  ref:\n").unwrap().to_owned()
}

/// The entries of an element's only block, as they stand there.
fn block_text(element: &str) -> Option<String> {
    let (_, rest) = element.split_once("  ref:\n  - kind: ")?;
    let rest = format!("  - kind: {rest}");
    Some(rest.split_inclusive('\n').take_while(|line| line.starts_with("  ")).collect())
}
