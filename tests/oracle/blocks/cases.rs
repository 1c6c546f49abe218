//! The projects that BuildStream and the bot are given.

use crate::peer::{
    corpus::{Lock, commit},
    http::Http,
    judge::Case,
    project::{Project, project, simple},
    upstream::{Tag, Tree, Upstreams},
};

/// Mirrors of `project.conf`, as real projects have them.
pub(crate) const MIRRORS: &[(&str, &str)] =
    &[("https://github.com/", "github:"), ("https://gitlab.com/", "gitlab:"), ("https://github.com/deep/", "deep:")];

/// The upstreams of all cases but the odd scalars.
pub(crate) fn upstreams() -> Upstreams {
    let mut upstreams = Upstreams::start();
    for (name, lock) in [
        ("registry", registry(Some(4))),
        ("v3", registry(Some(3))),
        ("v2", registry(None)),
        ("git", git()),
        ("mixed", mixed()),
    ] {
        upstreams.add(name, &Tree::lock(&old().text()), &Tree::lock(&lock.text()));
    }
    let small = Lock::new(Some(4)).registry("anyhow", "1.0.98").registry("zerocopy", "0.7.35");
    upstreams.add("small", &Tree::lock(&old().text()), &Tree::lock(&small.text()));
    let (before, after) = (Tree::lock(&old().text()), Tree::lock(&mixed().text()));
    upstreams.add_tagged("annotated", &before, &after, Tag::Annotated);
    upstreams.add_tagged("untagged", &before, &after, Tag::None);
    upstreams.add("emptied", &Tree::lock(&old().text()), &Tree::lock(&Lock::new(Some(4)).text()));
    let nested = |lock: &Lock| Tree::lock(&old().text()).with("a folder/rust/Cargo.lock", lock.text());
    upstreams.add("nested", &nested(&old()), &nested(&mixed()));
    let two = |one: &Lock, other: &Lock| Tree::lock(&one.text()).with("tools/Cargo.lock", other.text());
    upstreams.add("two", &two(&old(), &old()), &two(&registry(Some(4)), &mixed()));
    upstreams
}

fn old() -> Lock {
    Lock::new(Some(4)).registry("anyhow", "1.0.1").registry("gone", "0.1.0").registry("serde", "1.0.0")
}

/// Order by code point, versions as strings, build metadata, and two versions of one crate.
fn registry(version: Option<u8>) -> Lock {
    Lock::new(version)
        .registry("zerocopy", "0.7.35")
        .registry("anyhow", "1.0.98")
        .registry("Inflector", "0.11.4")
        .registry("serde_json", "1.0.140")
        .registry("serde-value", "0.7.0")
        .registry("serde", "1.0.219")
        .registry("hashbrown", "0.9.0")
        .registry("hashbrown", "0.10.0")
        .registry("hashbrown", "0.15.2")
        .registry("zstd-sys", "2.0.15+zstd.1.5.7")
        .registry("wasi", "0.11.0+wasi-snapshot-preview1")
        .registry("pre", "1.0.0-alpha.1")
}

/// Crates from git: name, version, and the source without its commit.
const GIT: &[(&str, &str, &str)] = &[
    ("by-rev", "0.1.0", "https://github.com/one/by-rev.git?rev=2203e8f"),
    ("by-tag", "0.2.0", "https://github.com/one/by-tag?tag=v0.2.0"),
    ("by-branch", "0.3.0", "https://gitlab.com/one/by-branch?branch=feature%2Fone"),
    ("by-float", "0.20.0", "https://gitlab.com/one/by-float?branch=0.20"),
    ("by-nothing", "0.4.0", "https://github.com/one/by-nothing"),
    ("by-nothing-sub", "0.4.0", "https://github.com/one/by-nothing"),
    ("by-ssh", "0.5.0", "ssh://git@github.com/one/by-ssh.git?rev=abc"),
    ("double-slash", "1.0.0", "https://github.com/pop-os//cosmic-protocols//?branch=main"),
    ("elsewhere", "2.0.0+build.1", "https://git.example.org/a/b.git?branch=%2Bplus"),
    ("empty-query", "2.1.0", "https://git.example.org/a/empty?branch="),
    ("deep", "3.0.0", "https://github.com/deep/down/deep?tag=3"),
    ("twice", "3.1.0", "https://twice.example.org/https://twice.example.org/x"),
];

fn git() -> Lock {
    GIT.iter().fold(Lock::new(Some(4)), |lock, (name, version, source)| {
        lock.git(name, version, &format!("{source}#{}", commit(source)))
    })
}

fn mixed() -> Lock {
    git().registry("anyhow", "1.0.98").registry("zerocopy", "0.7.35").registry("by-rev", "0.0.9")
}

/// A project whose `project.conf` mirrors git crates.
pub(crate) fn mirroring_project(upstreams: &Upstreams) -> Project {
    let mut more = String::from("sources:\n  cargo2:\n    config:\n      url: crates:crates\n      git-mirrors:\n");
    for (prefix, value) in MIRRORS {
        more.push_str(&format!("        {prefix}: '{value}'\n"));
    }
    project(upstreams, &more)
}

/// Locks of all kinds and versions, and the ways in which a block can be absent.
pub(crate) fn plain(upstreams: &Upstreams) -> Case<'_> {
    let mut project = project(upstreams, "");
    for name in ["registry", "v3", "v2", "git", "mixed"] {
        project.put(&format!("elements/{name}.bst"), simple(name));
    }
    let described = |name: &str, track: &str| {
        let text =
            simple(name).replace(&format!("@{name}@"), &format!("@{name}:describe@\n  ref-format: git-describe"));
        text.replace("track: v1.1.0", &format!("track: {track}"))
    };
    project.put("elements/described.bst", described("mixed", "v1.1.*"));
    project.put("elements/annotated.bst", described("annotated", "v*"));
    project.put("elements/untagged.bst", described("untagged", "main"));
    project.put("elements/placeholder.bst", simple("mixed") + "  ref: []\n");
    project.put("elements/below/a/folder.bst", simple("registry") + "  url: crates:crates\n");
    project.put(
        "elements/emptied.bst",
        simple("emptied") + "  ref:\n  - kind: registry\n    name: gone\n    version: 0.1.0\n    sha: abc\n",
    );
    project.put("elements/never.bst", simple("emptied"));
    project.put("elements/nested.bst", simple("nested") + "  cargo-lock: a folder/rust/Cargo.lock\n");
    project.put(
        "elements/directory.bst",
        simple("nested").replace(
            "- kind: cargo2\n",
            "  directory: sub/dir\n- kind: cargo2\n  directory: sub/dir/a folder\n  cargo-lock: rust/Cargo.lock\n",
        ),
    );
    project.put(
        "elements/outside.bst",
        simple("mixed").replace("- kind: cargo2\n", "  directory: sub\n- kind: cargo2\n  cargo-lock: sub/Cargo.lock\n"),
    );
    project.put("elements/vendor.bst", simple("mixed") + "  vendor-dir: third party\n");
    Case::new("plain", upstreams, project)
}

/// Lines that show that a mirror was used.
pub(crate) const MIRRORED: &[(&str, &str)] = &[
    ("elements/project.bst", "    repo: github:one/by-rev.git\n"),
    ("elements/project.bst", "    repo: deep:down/deep\n"),
    ("elements/project.bst", "    repo: gitlab:one/by-float\n"),
    ("elements/both.bst", "    repo: own:hub/one/by-rev.git\n"),
    ("elements/both.bst", "    repo: own:lab/by-float\n"),
    ("elements/both.bst", "    repo: deep:down/deep\n"),
    ("elements/both.bst", "    repo: own:own:x\n"),
    ("elements/longest.bst", "    repo: own:exactly.git\n"),
    ("elements/aliased.bst", "    repo: own:shared/one/by-rev.git\n"),
];

/// Mirrors in `project.conf`, in elements, in both, and in an include of the source.
pub(crate) fn mirrored(upstreams: &Upstreams) -> Case<'_> {
    let mut project = mirroring_project(upstreams);
    project.put("elements/project.bst", simple("git"));
    let both = "  git-mirrors:\n    https://github.com/: own:hub/\n    https://gitlab.com/one/: 'own:lab/'\n    https://twice.example.org/: 'own:'\n";
    project.put("elements/both.bst", simple("git") + both);
    let longest = "  git-mirrors:\n    https://github.com/one/by-rev: own:exactly\n    https://github.com/one: own:one\n    https://github: never\n";
    project.put("elements/longest.bst", simple("mixed") + longest);
    project.put("elements/aliased.bst", simple("git") + "  (@): include/cargo2.yml\n");
    project.put("include/cargo2.yml", "git-mirrors:\n  https://github.com/: own:shared/\n");
    Case::new("mirrored", upstreams, project)
}

/// Mirrors that `project.conf` itself takes from an include, as some projects have them.
pub(crate) fn included_mirrors(upstreams: &Upstreams) -> Case<'_> {
    let mut project = project(upstreams, "sources:\n  cargo2:\n    (@): include/_private/cargo2.yml\n");
    let settings =
        "config:\n  url: crates:crates\n  vendor-dir: vendored\n  git-mirrors:\n    https://github.com/: 'github:'\n";
    project.put("include/_private/cargo2.yml", settings);
    project.put("elements/git.bst", simple("git"));
    project.put("elements/own.bst", simple("mixed") + "  git-mirrors:\n    https://github.com/deep/: 'own:'\n");
    Case::new("included mirrors", upstreams, project)
}

/// Two blocks in an element. BuildStream fetches the crates of the first before it tracks the second.
pub(crate) fn two<'a>(upstreams: &'a Upstreams, http: &Http) -> Case<'a> {
    let mut project = project(upstreams, &format!("  mine: {}\n", http.url()));
    let current =
        "  url: mine:crates\n  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";
    let second = "- kind: cargo2\n  cargo-lock: tools/Cargo.lock\n  vendor-dir: tools/vendored\n";
    project.put("elements/two.bst", simple("two") + current + second + current + "depends: []\n");
    project.put("elements/same.bst", simple("two") + current + "- kind: cargo2\n  vendor-dir: again\n" + current);
    project.put("elements/never.bst", simple("two") + "  url: mine:crates\n" + second);
    Case::new("two", upstreams, project)
}
