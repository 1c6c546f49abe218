//! BuildStream as the judge of where a lock comes from: archives, patches, patch queues, generated locks, local files,
//! submodules. Each test is one way for a lock to get before a cargo2 source.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod peer;

use std::{collections::BTreeMap, fmt::Write as _};

use peer::{
    archive,
    bst::Bst,
    corpus::{Lock, checksum},
    damage::Damage,
    http::Http,
    judge::{Case, Tracked},
    project::{Project, simple},
    upstream::{Tree, Upstreams},
};

const HELD: &str = "- kind: cargo2\n  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";

fn old() -> String {
    Lock::new(Some(4))
        .registry("anyhow", "1.0.1")
        .registry("serde", "1.0.0")
        .text()
}

fn new() -> String {
    let git = "https://github.com/one/two?branch=main#0123456789012345678901234567890123456789";
    Lock::new(Some(4))
        .registry("anyhow", "1.0.98")
        .git("two", "2.0.0", git)
        .registry("zerocopy", "0.7.35")
        .text()
}

/// A project with the aliases `up` for git and `files` for the HTTP server.
fn project(upstreams: &Upstreams, http: &Http) -> Project {
    peer::project::project(upstreams, &format!("  files: {}\n", http.url()))
}

fn judged<'a>(
    name: &'a str,
    upstreams: &'a Upstreams,
    http: &Http,
    project: Project,
    bst: &Bst,
) -> Tracked<'a> {
    let tracked = Case::new(name, upstreams, project)
        .alias("files", &http.url())
        .track(bst);
    tracked.judge();
    tracked
}

/// The smallest patch that makes one text into another; `git`: with the header that git writes.
fn diff(old: &str, new: &str, path: &str, git: bool) -> String {
    let mut options = git2::DiffOptions::new();
    let patch = git2::Patch::from_buffers(
        old.as_bytes(),
        None,
        new.as_bytes(),
        None,
        Some(&mut options),
    );
    let mut text = String::new();
    if git {
        let _ = writeln!(
            text,
            "From nobody\nSubject: an older lock\n\n---\ndiff --git a/{path} b/{path}"
        );
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

/// A lock that differs from [`new`] as a distribution's patch makes it differ.
fn patched() -> String {
    new()
        .replace("1.0.98", "1.0.99")
        .replace("name = \"zerocopy\"", "name = \"zero\"")
}

/// An archive of a program whose files lie below `top`.
fn program_tar(top: &str) -> Vec<u8> {
    let (readme, lock, inner) = (
        format!("{top}README"),
        format!("{top}Cargo.lock"),
        format!("{top}rust/Cargo.lock"),
    );
    archive::tar(&[
        (&readme, b"a program\n"),
        (&lock, new().as_bytes()),
        (&inner, patched().as_bytes()),
    ])
}

/// Archives by name, and a pin for each.
fn archives(upstreams: &mut Upstreams) -> BTreeMap<String, Vec<u8>> {
    let usual = program_tar("program-1.1/");
    let archives = [
        ("plain.tar", usual.clone()),
        ("gz.tar.gz", archive::compressed("gzip", &usual)),
        ("xz.tar.xz", archive::compressed("xz", &usual)),
        ("bz.tar.bz2", archive::compressed("bzip2", &usual)),
        ("flat.tar.gz", archive::compressed("gzip", &program_tar(""))),
        (
            "dotted.tar.gz",
            archive::compressed("gzip", &program_tar("./program-1.1/")),
        ),
        (
            "program-1.1.0.crate",
            archive::compressed("gzip", &program_tar("program-1.1.0/")),
        ),
    ];
    for (name, bytes) in &archives {
        upstreams.add_pin(name, &"0".repeat(64), &checksum(bytes));
    }
    archives
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .into()
}

#[test]
fn archives_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let files = archives(&mut upstreams);
    let names: Vec<String> = files.keys().cloned().collect();
    let http = Http::start(files);
    let mut project = project(&upstreams, &http);
    let element = |name: &str, more: &str| {
        format!(
            "kind: manual\nsources:\n- kind: tar\n  url: files:{name}\n{more}  ref: @{name}@\n{HELD}"
        )
    };
    for name in names.iter().filter(|name| !name.starts_with("flat")) {
        project.put(&format!("elements/{name}.bst"), element(name, ""));
    }
    for (file, archive, more) in [
        ("flat", "flat.tar.gz", "  base-dir: ''\n"),
        ("named", "gz.tar.gz", "  base-dir: program-1.1\n"),
        ("glob", "gz.tar.gz", "  base-dir: 'prog*'\n"),
        ("below", "gz.tar.gz", "  base-dir: program-1.1/rust\n"),
    ] {
        project.put(&format!("elements/{file}.bst"), element(archive, more));
    }
    let whole =
        element("gz.tar.gz", "  base-dir: ''\n") + "  cargo-lock: program-1.1/rust/Cargo.lock\n";
    project.put("elements/whole.bst", whole);
    let into = element("gz.tar.gz", "  directory: into\n") + "  cargo-lock: into/Cargo.lock\n";
    project.put("elements/into.bst", into);
    let tracked = judged("archives", &upstreams, &http, project, &bst);
    assert!(
        tracked
            .text("elements/below.bst")
            .contains("    name: zero\n")
    );
}

#[test]
fn a_remote_file_is_the_lock() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add(
        "program",
        &Tree::default().with("README", "1\n"),
        &Tree::lock(&old()),
    );
    upstreams.add_pin("lock", &"0".repeat(64), &checksum(new().as_bytes()));
    let files =
        ["Cargo.lock", "download/other-name"].map(|path| (path.to_owned(), new().into_bytes()));
    let http = Http::start(files.into());
    let mut project = project(&upstreams, &http);
    let git = simple("program").replace("- kind: cargo2\n", "");
    let remote = "- kind: remote\n  url: files:Cargo.lock\n  ref: @lock@\n";
    project.put(
        "elements/only.bst",
        format!("kind: manual\nsources:\n{remote}{HELD}"),
    );
    project.put("elements/over.bst", format!("{git}{remote}{HELD}"));
    let renamed = remote.replace(
        "files:Cargo.lock\n",
        "files:download/other-name\n  filename: Cargo.lock\n",
    );
    project.put("elements/renamed.bst", format!("{git}{renamed}{HELD}"));
    let placed = remote.replace("  ref", "  directory: rust\n  ref");
    project.put(
        "elements/placed.bst",
        format!("{git}{placed}{HELD}  cargo-lock: rust/Cargo.lock\n"),
    );
    // A file elsewhere leaves the lock of the repository alone.
    project.put("elements/beside.bst", format!("{git}{placed}{HELD}"));
    judged("remote", &upstreams, &http, project, &bst);
}

#[test]
fn local_files_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add(
        "program",
        &Tree::lock(&old()),
        &Tree::lock(&old()).with("sub/Cargo.lock", old()),
    );
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put("files/program/Cargo.lock", new());
    project.put("files/program/inner/Cargo.lock", old());
    project.put("files/Cargo.lock", patched());
    let git = simple("program").replace("- kind: cargo2\n", "");
    let local = "- kind: local\n  path: files/program\n";
    project.put(
        "elements/folder.bst",
        format!("kind: manual\nsources:\n{local}{HELD}"),
    );
    project.put(
        "elements/inner.bst",
        format!("kind: manual\nsources:\n{local}{HELD}  cargo-lock: inner/Cargo.lock\n"),
    );
    project.put(
        "elements/file.bst",
        format!("kind: manual\nsources:\n- kind: local\n  path: files/Cargo.lock\n{HELD}"),
    );
    project.put("elements/over.bst", format!("{git}{local}{HELD}"));
    project.put(
        "elements/directory.bst",
        format!("{git}{local}  directory: sub\n{HELD}  cargo-lock: sub/Cargo.lock\n"),
    );
    project.put("elements/after.bst", format!("{git}{HELD}{local}"));
    judged("local", &upstreams, &http, project, &bst);
}

/// Patches of the lock, by name: with and without git's header, in a folder, on top of another.
fn patches(project: &mut Project) {
    let more = patched().replace("0.7.35", "0.7.36");
    for (name, patch) in [
        ("git", diff(&new(), &patched(), "Cargo.lock", true)),
        ("plain", diff(&new(), &patched(), "Cargo.lock", false)),
        ("deep", diff(&new(), &patched(), "sub/Cargo.lock", true)),
        ("more", diff(&patched(), &more, "Cargo.lock", true)),
        (
            "readme",
            diff("an upstream\n", "a patched upstream\n", "README", true),
        ),
    ] {
        project.put(&format!("patches/{name}.patch"), patch);
    }
}

#[test]
fn patches_of_the_lock_are_applied() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let shifted = new().replacen(
        "\n[[package]]",
        "\n# A line that no patch knows.\n\n[[package]]",
        1,
    );
    upstreams.add(
        "program",
        &Tree::lock(&old()),
        &Tree::lock(&new()).with("sub/Cargo.lock", new()),
    );
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
        (
            "two",
            git("program") + &patch("git") + &patch("more") + HELD,
        ),
        ("after", git("program") + HELD + &patch("git")),
        ("shifted", git("shifted") + &patch("git") + HELD),
        ("deep", git("program") + &patch("deep") + HELD + sub),
        (
            "strip",
            git("program") + &patch("deep") + "  strip-level: 2\n" + HELD,
        ),
        (
            "directory",
            git("program") + &patch("git") + "  directory: sub\n" + HELD + sub,
        ),
    ] {
        project.put(&format!("elements/{file}.bst"), sources);
    }
    let tracked = Case::new("patches", &upstreams, project).track(&bst);
    for file in [
        "git",
        "plain",
        "two",
        "shifted",
        "deep",
        "strip",
        "directory",
    ] {
        assert!(
            tracked
                .text(&format!("elements/{file}.bst"))
                .contains("    name: zero\n"),
            "{file}"
        );
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
    project.put(
        "patches/queue/0001-lock.patch",
        diff(&new(), &patched(), "Cargo.lock", true),
    );
    project.put(
        "patches/queue/0002-readme.patch",
        diff("an upstream\n", "a patched upstream\n", "README", true),
    );
    project.put(
        "patches/queue/0003-lock.patch",
        diff(
            &patched(),
            &patched().replace("0.7.35", "0.7.36"),
            "Cargo.lock",
            true,
        ),
    );
    let git = simple("program").replace("- kind: cargo2\n", "");
    let describe = git.replace(
        "@program@",
        "@program:describe@\n  ref-format: git-describe",
    );
    let queue = "- kind: patch_queue\n  path: patches/queue\n";
    project.put("elements/queue.bst", format!("{git}{queue}{HELD}"));
    project.put("elements/describe.bst", format!("{describe}{queue}{HELD}"));
    judged("queue", &upstreams, &http, project, &bst);
}

#[test]
fn a_generated_lock_is_taken_from_its_ref() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let program = Tree::default().with(
        "Cargo.toml",
        "[package]\nname = \"program\"\nversion = \"0.1.0\"\n",
    );
    upstreams.add("program", &program, &program.clone().with("README", "2\n"));
    upstreams.add(
        "locked",
        &Tree::lock(&old()),
        &Tree::lock(&old()).with("README", "2\n"),
    );
    let http = Http::start(BTreeMap::new());
    // BuildStream starts the host's cargo, which would ask the registry: this one always has the same answer.
    let many = (0..300).fold(Lock::new(Some(4)), |lock, index| {
        lock.registry(&format!("crate-{index}"), "1.0.0")
    });
    bst.install(
        "cargo",
        &format!("#!/bin/sh\ncat >Cargo.lock <<'END'\n{}END\n", many.text()),
    );
    let mut project = project(&upstreams, &http);
    let generated = "- kind: gen_cargo_lock\n";
    for name in ["program", "locked"] {
        let git = simple(name).replace("- kind: cargo2\n", "");
        project.put(
            &format!("elements/{name}.bst"),
            format!("{git}{generated}{HELD}"),
        );
    }
    let tracked = Case::new("generated", &upstreams, project).track(&bst);
    assert!(
        tracked
            .text("elements/program.bst")
            .contains("    name: crate-299\n")
    );
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
        Tree::lock(&old())
            .with(".gitmodules", text)
            .with_module("sub", commit)
    };
    let (first, second) = (
        upstreams.old("inner").to_owned(),
        upstreams.new_commit("inner").to_owned(),
    );
    upstreams.add("outer", &modules(&first), &modules(&second));
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    let module = "- kind: git_module\n  path: sub\n  url: up:inner.git\n  ref: @inner@\n";
    let git = simple("outer").replace("- kind: cargo2\n", "");
    project.put(
        "elements/below.bst",
        format!("{git}{module}{HELD}  cargo-lock: sub/Cargo.lock\n"),
    );
    project.put(
        "elements/inside.bst",
        format!("{git}{module}{HELD}  directory: sub\n"),
    );
    project.put("elements/above.bst", format!("{git}{module}{HELD}"));
    judged("submodules", &upstreams, &http, project, &bst);
}

#[test]
fn checksums_of_the_first_lock_format_are_found() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let lock = Lock::new(None)
        .registry_v1("anyhow", "1.0.98")
        .registry_v1("zerocopy", "0.7.35");
    upstreams.add("program", &Tree::lock(&old()), &Tree::lock(&lock.text()));
    // The plugin downloads every crate to find its checksum; the bot reads it at the end of the lock.
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    project.put(
        "elements/program.bst",
        simple("program") + "  url: files:crates\n",
    );
    judged("v1", &upstreams, &http, project, &bst);
}

#[test]
fn older_git_sources_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add(
        "program",
        &Tree::lock(&old()),
        &Tree::lock(&new()).with("sub/Cargo.lock", old()),
    );
    let http = Http::start(BTreeMap::new());
    let mut project = project(&upstreams, &http);
    let tag = "kind: manual\nsources:\n- kind: git_tag\n  url: up:program.git\n  track: main\n  ref: @program:describe@\n";
    project.put("elements/tag.bst", format!("{tag}{HELD}"));
    project.put(
        "elements/sub.bst",
        format!("{tag}{HELD}  cargo-lock: sub/Cargo.lock\n"),
    );
    judged("git_tag", &upstreams, &http, project, &bst);
}
