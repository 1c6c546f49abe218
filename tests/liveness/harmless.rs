//! Changes without anything Rust: they merge at once.

use super::row::{Row, harmless, live};
use crate::scene::texts::read_only;
use crate::scene::{Entry, Put, gone, link, text};

const PEOPLE: [&str; 4] = ["bob", "ann", "tracker[bot]", "renovate[bot]"];

/// Texts that no Rust element is built from.
const TEXTS: [&str; 34] = [
    "README.md",
    "README.de.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "SECURITY.md",
    "AGENTS.md",
    "docs/index.md",
    "docs/a/b/c.md",
    "docs/rust.md",
    "docs/cargo2.md",
    "docs/Cargo.lock",
    "docs/element.bst.md",
    ".editorconfig",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".markdownlint.json",
    "mkdocs.yml",
    ".github/ISSUE_TEMPLATE/bug.yml",
    ".github/pull_request_template.md",
    ".github/FUNDING.yml",
    "files/branding/os-release",
    "files/systemd/x.service",
    "files/scripts/setup.sh",
    "files/up2/Cargo.lock",
    "patches/other/0001-x.patch",
    "include/unused.yml",
    "tests/smoke.sh",
    "locale/de.po",
    "po/POTFILES.in",
    "config/flatpaks.list",
    "brew/cli.Brewfile",
    "keys/readme.txt",
    "VERSION",
];

#[test]
fn texts_that_change_merge_at_once() {
    let one = |(n, path): (usize, &&str)| {
        let body = |n: u8| {
            if path.ends_with(".yml") || path.ends_with(".yaml") { format!("a: {n}\n") } else { format!("text {n}\n") }
        };
        harmless(&format!("change {path}"), PEOPLE[n % 4], &[text(path, body(1))], &[text(path, body(2))])
    };
    assert_eq!(live(&TEXTS.iter().enumerate().map(one).collect::<Vec<_>>()), TEXTS.len());
}

#[test]
fn texts_that_are_new_merge_at_once() {
    let one =
        |(n, path): (usize, &&str)| harmless(&format!("add {path}"), PEOPLE[(n + 1) % 4], &[], &[text(path, "a: 1\n")]);
    assert_eq!(live(&TEXTS.iter().enumerate().skip(1).map(one).collect::<Vec<_>>()), TEXTS.len() - 1);
}

#[test]
fn texts_that_go_merge_at_once() {
    let one = |(n, path): (usize, &&str)| {
        harmless(&format!("remove {path}"), PEOPLE[(n + 2) % 4], &[text(path, "a: 1\n")], &[gone(path)])
    };
    assert_eq!(live(&TEXTS.iter().enumerate().skip(1).map(one).collect::<Vec<_>>()), TEXTS.len() - 1);
}

#[test]
fn other_kinds_of_files_merge_at_once() {
    let bytes = |path: &str, bytes: &[u8]| (path.to_owned(), Put::Bytes(bytes.to_vec()));
    let rows = [
        harmless("an image", "bob", &[], &[bytes("docs/logo.png", b"\x89PNG\r\n\x1a\n\0\xff")]),
        harmless(
            "another image",
            "bob",
            &[bytes("docs/logo.png", b"\x89PNG\0")],
            &[bytes("docs/logo.png", b"\x89PNG\xff")],
        ),
        harmless("a key", "ann", &[], &[bytes("files/keys/db.der", b"\x30\x82\xff\0")]),
        harmless("a large file", "ann", &[], &[bytes("files/wallpaper.jxl", &vec![0xfe; 3_000_000])]),
        harmless("an empty file", "bob", &[], &[text("docs/.keep", "")]),
        harmless(
            "a script becomes executable",
            "bob",
            &[text("tests/run.sh", "true\n")],
            &[("tests/run.sh".into(), Put::Executable(b"true\n".to_vec()))],
        ),
        harmless("a link among the docs", "bob", &[], &[link("docs/README.md", "../README.md")]),
        harmless("a link that points elsewhere", "bob", &[link("docs/a", "one")], &[link("docs/a", "two")]),
        harmless("a link to a folder of docs", "ann", &[text("docs/x.md", "x\n")], &[link("site", "docs")]),
        harmless("a file with a strange name", "bob", &[], &[text("docs/ä \"ö\".md", "x\n")]),
        harmless("a file with line breaks of Windows", "bob", &[], &[text("docs/x.md", "x\r\ny\r\n")]),
        harmless("many files", "bob", &[], &(0..120).map(|n| text(&format!("docs/{n}.md"), "x\n")).collect::<Vec<_>>()),
    ];
    live(&rows);
}

/// Sources of elements that are not Rust.
const SOURCES: [(&str, &str); 14] = [
    ("tar", "- kind: tar\n  url: https://x.example/a-1.tar.xz\n  ref: {n}\n"),
    ("zip", "- kind: zip\n  url: https://x.example/a-1.zip\n  ref: {n}\n"),
    ("git_repo", "- kind: git_repo\n  url: https://x.example/a.git\n  track: v*\n  ref: v1-0-g{n}\n"),
    ("git_tag", "- kind: git_tag\n  url: https://x.example/a.git\n  ref: {n}\n"),
    ("remote", "- kind: remote\n  url: https://x.example/a\n  ref: {n}\n"),
    ("pypi", "- kind: pypi\n  url: https://x.example/a\n  ref:\n    sha256sum: {n}\n"),
    ("go_module", "- kind: go_module\n  modules:\n  - name: x.example/m\n    ref: {n}\n"),
    ("local", "- kind: local\n  path: files/branding\n"),
    ("docker", "- kind: docker\n  registry-url: https://x.example\n  image: a\n  ref: {n}\n"),
    ("ostree", "- kind: ostree\n  url: https://x.example\n  track: a\n  ref: {n}\n"),
    ("patch", "- kind: patch\n  path: patches/other/0001-x.patch\n"),
    ("gnome_shell", "- kind: zip\n  url: https://x.example/ext.zip\n  base-dir: ''\n  ref: {n}\n"),
    ("ollama", "- kind: remote\n  url: https://x.example/model\n  filename: cargo\n  ref: {n}\n"),
    ("deb", "- kind: deb\n  url: https://x.example/a.deb\n  ref: {n}\n"),
];

/// What such elements need to be composed.
fn ground() -> [Entry; 2] {
    [
        text("files/branding/os-release", "x\n"),
        text("patches/other/0001-x.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"),
    ]
}

fn element(source: &str, n: u8) -> String {
    format!(
        "kind: manual\n\ndepends:\n- plain.bst\n\nconfig:\n  install-commands:\n  - |\n    install -D a%{{x}} {n}\n\nvariables:\n  x: \"{n}\"\n\nsources:\n{}",
        source.replace("{n}", &n.to_string().repeat(40))
    )
}

#[test]
fn elements_that_are_not_rust_are_bumped_at_once() {
    let one = |(n, (name, source)): (usize, &(&str, &str))| {
        let base = [&ground()[..], &[text("elements/other/x.bst", element(source, 1))]].concat();
        harmless(&format!("bump {name}"), PEOPLE[n % 4], &base, &[text("elements/other/x.bst", element(source, 2))])
    };
    live(&SOURCES.iter().enumerate().map(one).collect::<Vec<_>>());
}

#[test]
fn new_elements_that_are_not_rust_merge_at_once() {
    let one = |(n, (name, source)): (usize, &(&str, &str))| {
        harmless(&format!("add {name}"), PEOPLE[n % 4], &ground(), &[text("elements/other/x.bst", element(source, 1))])
    };
    live(&SOURCES.iter().enumerate().map(one).collect::<Vec<_>>());
}

#[test]
fn elements_that_are_not_rust_move_and_go_at_once() {
    let rows = |(n, (name, source)): (usize, &(&str, &str))| -> Vec<Row> {
        let base = [&ground()[..], &[text("elements/other/x.bst", element(source, 1))]].concat();
        let moved = [gone("elements/other/x.bst"), text("elements/more/y.bst", element(source, 1))];
        vec![
            harmless(&format!("move {name}"), PEOPLE[n % 4], &base, &moved),
            harmless(&format!("remove {name}"), PEOPLE[(n + 1) % 4], &base, &[gone("elements/other/x.bst")]),
        ]
    };
    live(&SOURCES.iter().enumerate().flat_map(rows).collect::<Vec<_>>());
}

#[test]
fn parts_of_projects_without_rust_merge_at_once() {
    let stack = |more: &str| text("elements/deps.bst", format!("kind: stack\n\ndepends:\n- plain.bst\n{more}"));
    let junction = |n: u8| {
        text(
            "elements/sdk.bst",
            format!(
                "kind: junction\nsources:\n- kind: git_repo\n  url: https://x.example/sdk.git\n  ref: {}\n",
                n.to_string().repeat(40)
            ),
        )
    };
    let conditional = |n: u8| {
        text(
            "elements/c.bst",
            format!("kind: manual\n(?):\n- target_arch == \"aarch64\":\n    variables:\n      x: '{n}'\n"),
        )
    };
    let include = |n: u8| text("include/image.yml", format!("variables:\n  x: '{n}'\n"));
    let rows = [
        harmless("a stack", "bob", &[stack("")], &[stack("- tool.bst\n")]),
        harmless("a junction that nothing of Rust comes from", "tracker[bot]", &[junction(1)], &[junction(2)]),
        harmless("a condition", "bob", &[conditional(1)], &[conditional(2)]),
        harmless(
            "an include of other elements",
            "bob",
            &[include(1), text("elements/i.bst", "kind: manual\n(@): include/image.yml\n")],
            &[include(2)],
        ),
        harmless(
            "an element that mentions cargo in a comment",
            "bob",
            &[],
            &[text("elements/c.bst", "kind: manual\n# not kind: cargo2\n")],
        ),
        harmless(
            "an element that installs cargo",
            "ann",
            &[],
            &[text("elements/c.bst", "kind: manual\nconfig:\n  install-commands:\n  - cargo --version\n")],
        ),
        harmless(
            "a filter",
            "ann",
            &[],
            &[text("elements/f.bst", "kind: filter\nbuild-depends:\n- tool.bst\nconfig:\n  include: [runtime]\n")],
        ),
        harmless("a compose", "ann", &[], &[text("elements/o.bst", "kind: compose\nbuild-depends:\n- tool.bst\n")]),
        harmless(
            "an import",
            "ann",
            &[text("files/etc/x", "x\n")],
            &[text("elements/m.bst", "kind: import\nsources:\n- kind: local\n  path: files/etc\n")],
        ),
        harmless(
            "a patch of another element",
            "bob",
            &ground(),
            &[text("patches/other/0001-x.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+c\n")],
        ),
    ];
    live(&rows);
}

/// A workflow that may publish packages, with an identity of its own.
fn publishing(run: &str) -> String {
    read_only(run).replace("{contents: read}", "{contents: read, packages: write, id-token: write}")
}

#[test]
fn harmless_changes_of_workflows_merge_at_once() {
    let path = ".github/workflows/w.yml";
    let wide = read_only("true").replace("{contents: read}", "{contents: write}");
    let commented = |text: &str| format!("# What this is for.\n{text}");
    let rows = [
        harmless("a comment", "bob", &[text(path, wide.clone())], &[text(path, commented(&wide))]),
        harmless("a comment that goes", "bob", &[text(path, commented(&wide))], &[text(path, wide.clone())]),
        harmless(
            "a comment at the end of a line",
            "ann",
            &[text(path, wide.clone())],
            &[text(path, wide.replace("ubuntu-latest\n", "ubuntu-latest # enough\n"))],
        ),
        harmless(
            "the name of a step",
            "bob",
            &[text(path, wide.clone())],
            &[text(path, wide.replace("run it", "run it all"))],
        ),
        harmless(
            "a workflow that only reads",
            "bob",
            &[text(path, read_only("make"))],
            &[text(path, read_only("make check"))],
        ),
        harmless("a new workflow that only reads", "bob", &[], &[text(path, read_only("make"))]),
        harmless(
            "a workflow that only reads, on a runner of the project",
            "bob",
            &[text(path, read_only("make").replace("ubuntu-latest", "self-hosted"))],
            &[text(path, read_only("make check").replace("ubuntu-latest", "self-hosted"))],
        ),
        harmless(
            "a workflow that publishes images",
            "ann",
            &[text(path, publishing("make"))],
            &[text(path, publishing("make push"))],
        ),
        harmless("a workflow that only read goes", "ann", &[text(path, read_only("make"))], &[gone(path)]),
    ];
    live(&rows);
}
