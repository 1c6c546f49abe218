//! Locks that the project patches.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{HELD, judged, new, old, patched, project};
use crate::peer::{
    bst::Bst,
    http::Http,
    judge::Case,
    project::{Project, simple},
    upstream::{Tree, Upstreams},
};

/// The smallest patch that makes one text into another; `git`: with the header that git writes.
fn diff(old: &str, new: &str, path: &str, git: bool) -> String {
    let mut options = git2::DiffOptions::new();
    let patch = git2::Patch::from_buffers(old.as_bytes(), None, new.as_bytes(), None, Some(&mut options));
    let mut text = String::new();
    if git {
        let _ = writeln!(text, "From nobody\nSubject: an older lock\n\n---\ndiff --git a/{path} b/{path}");
    }
    let _ = writeln!(text, "--- a/{path}\n+++ b/{path}");
    let patch = patch.unwrap();
    for hunk in 0..patch.num_hunks() {
        let (head, lines) = patch.hunk(hunk).unwrap();
        text.push_str(std::str::from_utf8(head.header()).unwrap());
        for line in 0..lines {
            let line = patch.line_in_hunk(hunk, line).unwrap();
            text.push(line.origin());
            text.push_str(std::str::from_utf8(line.content()).unwrap());
        }
    }
    text
}

/// Patches of the lock, by name: with and without git's header, in a folder, on top of another.
fn patches(project: &mut Project) {
    let more = patched().replace("0.7.35", "0.7.36");
    for (name, patch) in [
        ("git", diff(&new(), &patched(), "Cargo.lock", true)),
        ("plain", diff(&new(), &patched(), "Cargo.lock", false)),
        ("deep", diff(&new(), &patched(), "sub/Cargo.lock", true)),
        ("more", diff(&patched(), &more, "Cargo.lock", true)),
        ("readme", diff("an upstream\n", "a patched upstream\n", "README", true)),
    ] {
        project.put(&format!("patches/{name}.patch"), patch);
    }
}

#[test]
fn patches_of_the_lock_are_applied() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let shifted = new().replacen("\n[[package]]", "\n# A line that no patch knows.\n\n[[package]]", 1);
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&new()).with("sub/Cargo.lock", new()));
    upstreams.add("shifted", &Tree::lock(&old()), &Tree::lock(&shifted));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    patches(&mut project);
    let patch = |name: &str| format!("- kind: patch\n  path: patches/{name}.patch\n");
    let git = |name: &str| simple(name).replace("- kind: cargo2\n", "");
    let sub = "  cargo-lock: sub/Cargo.lock\n";
    for (file, sources) in [
        ("git", git("program") + &patch("git") + HELD),
        ("plain", git("program") + &patch("plain") + HELD),
        ("readme", git("program") + &patch("readme") + HELD),
        ("two", git("program") + &patch("git") + &patch("more") + HELD),
        ("after", git("program") + HELD + &patch("git")),
        ("shifted", git("shifted") + &patch("git") + HELD),
        ("deep", git("program") + &patch("deep") + HELD + sub),
        ("strip", git("program") + &patch("deep") + "  strip-level: 2\n" + HELD),
        ("directory", git("program") + &patch("git") + "  directory: sub\n" + HELD + sub),
    ] {
        project.put(&format!("elements/{file}.bst"), sources);
    }
    let tracked = Case::new("patches", &upstreams, project).track(&bst);
    for file in ["git", "plain", "two", "shifted", "deep", "strip", "directory"] {
        assert!(tracked.text(&format!("elements/{file}.bst")).contains("    name: zero\n"), "{file}");
    }
    tracked.judge();
}

#[test]
fn patch_queues_are_applied_in_order() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&new()));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put("patches/queue/0001-lock.patch", diff(&new(), &patched(), "Cargo.lock", true));
    project.put("patches/queue/0002-readme.patch", diff("an upstream\n", "a patched upstream\n", "README", true));
    project.put(
        "patches/queue/0003-lock.patch",
        diff(&patched(), &patched().replace("0.7.35", "0.7.36"), "Cargo.lock", true),
    );
    let git = simple("program").replace("- kind: cargo2\n", "");
    let describe = git.replace("@program@", "@program:describe@\n  ref-format: git-describe");
    let queue = "- kind: patch_queue\n  path: patches/queue\n";
    project.put("elements/queue.bst", format!("{git}{queue}{HELD}"));
    project.put("elements/describe.bst", format!("{describe}{queue}{HELD}"));
    judged("queue", &upstreams, &http, project, &bst);
}
