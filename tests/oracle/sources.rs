//! BuildStream as the judge of where a lock comes from: archives, patches, patch queues, generated locks, local files,
//! submodules. Each test is one way for a lock to get before a cargo2 source.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod archives;
mod patches;
use crate::peer;

use std::collections::BTreeMap;

use peer::{
    bst::Bst,
    corpus::Lock,
    damage::Damage,
    http::Http,
    judge::{Case, Tracked},
    project::{Project, simple},
    upstream::{Tree, Upstreams},
};

const HELD: &str = "- kind: cargo2\n  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";

fn old() -> String {
    Lock::new(Some(4)).registry("anyhow", "1.0.1").registry("serde", "1.0.0").text()
}

fn new() -> String {
    let git = "https://github.com/one/two?branch=main#0123456789012345678901234567890123456789";
    Lock::new(Some(4)).registry("anyhow", "1.0.98").git("two", "2.0.0", git).registry("zerocopy", "0.7.35").text()
}

/// A project with the aliases `up` for git and `files` for the HTTP server.
fn project(upstreams: &Upstreams, http: &Http) -> Project {
    peer::project::project(upstreams, &format!("  files: {}\n", http.url()))
}

fn judged<'a>(name: &'a str, upstreams: &'a Upstreams, http: &Http, project: Project, bst: &Bst) -> Tracked<'a> {
    let tracked = Case::new(name, upstreams, project).alias("files", &http.url()).track(bst);
    tracked.judge();
    tracked
}

/// A lock that differs from [`new`] as a distribution's patch makes it differ.
fn patched() -> String {
    new().replace("1.0.98", "1.0.99").replace("name = \"zerocopy\"", "name = \"zero\"")
}

#[test]
fn local_files_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&old()).with("sub/Cargo.lock", old()));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put("files/program/Cargo.lock", new());
    project.put("files/program/inner/Cargo.lock", old());
    project.put("files/Cargo.lock", patched());
    let git = simple("program").replace("- kind: cargo2\n", "");
    let local = "- kind: local\n  path: files/program\n";
    project.put("elements/folder.bst", format!("kind: manual\nsources:\n{local}{HELD}"));
    project.put("elements/inner.bst", format!("kind: manual\nsources:\n{local}{HELD}  cargo-lock: inner/Cargo.lock\n"));
    project
        .put("elements/file.bst", format!("kind: manual\nsources:\n- kind: local\n  path: files/Cargo.lock\n{HELD}"));
    project.put("elements/over.bst", format!("{git}{local}{HELD}"));
    project
        .put("elements/directory.bst", format!("{git}{local}  directory: sub\n{HELD}  cargo-lock: sub/Cargo.lock\n"));
    project.put("elements/after.bst", format!("{git}{HELD}{local}"));
    judged("local", &upstreams, &http, project, &bst);
}

#[test]
fn a_generated_lock_is_taken_from_its_ref() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let program = Tree::default().with("Cargo.toml", "[package]\nname = \"program\"\nversion = \"0.1.0\"\n");
    upstreams.add("program", &program, &program.clone().with("README", "2\n"));
    upstreams.add("locked", &Tree::lock(&old()), &Tree::lock(&old()).with("README", "2\n"));
    let http = Http::start(BTreeMap::new());
    // BuildStream starts the host's cargo, which would ask the registry: this one always has the same answer.
    let many = (0..300).fold(Lock::new(Some(4)), |lock, index| lock.registry(&format!("crate-{index}"), "1.0.0"));
    bst.install("cargo", &format!("#!/bin/sh\ncat >Cargo.lock <<'END'\n{}END\n", many.text()));
    let mut project = project(&upstreams, &http);
    let generated = "- kind: gen_cargo_lock\n";
    for name in ["program", "locked"] {
        let git = simple(name).replace("- kind: cargo2\n", "");
        project.put(&format!("elements/{name}.bst"), format!("{git}{generated}{HELD}"));
    }
    let tracked = Case::new("generated", &upstreams, project).track(&bst);
    assert!(tracked.text("elements/program.bst").contains("    name: crate-299\n"));
    tracked.agrees_with_tracked();
    for damage in [Damage::Empty, Damage::Gaps, Damage::OtherVersions] {
        tracked.mends(damage);
    }
}

#[test]
fn submodules_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("inner", &Tree::lock(&old()), &Tree::lock(&new()));
    let modules = |commit: &str| {
        let text = "[submodule \"sub\"]\n\tpath = sub\n\turl = https://example.org/inner.git\n";
        Tree::lock(&old()).with(".gitmodules", text).with_module("sub", commit)
    };
    let (first, second) = (upstreams.old("inner").to_owned(), upstreams.new_commit("inner").to_owned());
    upstreams.add("outer", &modules(&first), &modules(&second));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    let module = "- kind: git_module\n  path: sub\n  url: up:inner.git\n  ref: @inner@\n";
    let git = simple("outer").replace("- kind: cargo2\n", "");
    project.put("elements/below.bst", format!("{git}{module}{HELD}  cargo-lock: sub/Cargo.lock\n"));
    project.put("elements/inside.bst", format!("{git}{module}{HELD}  directory: sub\n"));
    project.put("elements/above.bst", format!("{git}{module}{HELD}"));
    judged("submodules", &upstreams, &http, project, &bst);
}

#[test]
fn checksums_of_the_first_lock_format_are_found() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let lock = Lock::new(None).registry_v1("anyhow", "1.0.98").registry_v1("zerocopy", "0.7.35");
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&lock.text()));
    // The plugin downloads every crate to find its checksum; the bot reads it at the end of the lock.
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put("elements/program.bst", simple("program") + "  url: files:crates\n");
    judged("v1", &upstreams, &http, project, &bst);
}

#[test]
fn older_git_sources_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&new()).with("sub/Cargo.lock", old()));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    let tag =
        "kind: manual\nsources:\n- kind: git_tag\n  url: up:program.git\n  track: main\n  ref: @program:describe@\n";
    project.put("elements/tag.bst", format!("{tag}{HELD}"));
    project.put("elements/sub.bst", format!("{tag}{HELD}  cargo-lock: sub/Cargo.lock\n"));
    judged("git_tag", &upstreams, &http, project, &bst);
}

#[test]
fn links_lead_to_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let linked = Tree::default()
        .with("rust/Cargo.lock", new())
        .with_link("Cargo.lock", "rust/Cargo.lock")
        .with_link("again/Cargo.lock", "../Cargo.lock")
        .with_link("folder", "rust");
    upstreams.add("program", &Tree::lock(&old()), &linked);
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put("elements/file.bst", simple("program") + "  url: files:crates\n");
    project.put("elements/chain.bst", simple("program") + "  cargo-lock: again/Cargo.lock\n");
    project.put("elements/folder.bst", simple("program") + "  cargo-lock: folder/Cargo.lock\n");
    judged("links", &upstreams, &http, project, &bst);
}

#[test]
fn sources_are_composed_from_includes() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&new()));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    let git = simple("program").replace("kind: manual\n\n", "").replace("- kind: cargo2\n", "");
    project.put("include/git.inc", git.clone());
    project.put("include/cargo2.inc", "sources:\n- kind: cargo2\n");
    project.put("include/block.inc", HELD.strip_prefix("- kind: cargo2\n").unwrap().replace("\n  ", "\n").trim_start());
    let appended = "kind: manual\n(@): include/git.inc\nsources:\n  (>):\n  - kind: cargo2\n";
    project.put("elements/append.bst", appended);
    let first = git.replace("sources:\n", "").replace("\n  ", "\n    ").replace("- kind", "  - kind");
    project.put("elements/prepend.bst", format!("kind: manual\n(@): include/cargo2.inc\nsources:\n  (<):\n{first}"));
    project.put("elements/block.bst", format!("kind: manual\n{git}- kind: cargo2\n  (@): include/block.inc\n"));
    judged("composed", &upstreams, &http, project, &bst);
}
