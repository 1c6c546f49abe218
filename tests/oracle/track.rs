//! BuildStream as the judge of tracking: it moves the refs of one copy of a project and we move those of another, from the
//! same old state, and both must end alike, byte for byte. The policy is off, since it is meant to differ.

use crate::peer;

use std::{collections::BTreeMap, time::Instant};

use git2::Oid;
use peer::{
    bst::Bst,
    compare::{self, figure},
    corpus::Lock,
    history::History,
    ours::{self, DONE, FINDINGS},
    project::{self, Project},
    upstream::{Tag, Tree, Upstreams},
};

const CRATES: &str =
    "- kind: cargo2\n  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";

/// Refs by name, for the old state of elements.
type Old = BTreeMap<&'static str, String>;

/// A line of releases: light and annotated tags, a pre-release, and a branch that goes on after the last tag.
fn releases(upstreams: &Upstreams, old: &mut Old) {
    let mut repo = History::start(upstreams, "releases");
    let mut last: Vec<Oid> = Vec::new();
    for (number, (name, tag)) in [
        ("v1.0.0", Tag::Light),
        ("v1.1.0", Tag::Annotated),
        ("v1.2.0-rc1", Tag::Light),
        ("v1.10.0", Tag::Annotated),
        ("release-9", Tag::Light),
    ]
    .into_iter()
    .enumerate()
    {
        let id = repo.commit("main", 10 * i64::try_from(number).unwrap(), &last);
        repo.tag(name, id, tag);
        if number == 0 {
            old.insert("releases", id.to_string());
        }
        if number == 1 {
            repo.commit("stable", 15, &[id]);
        }
        last = vec![id];
    }
    for time in [60, 70, 80] {
        last = vec![repo.commit("main", time, &last)];
    }
    repo.commit("v1.2.0-rc1", 90, &last);
}

/// Branches that were merged, with tags on both sides, of which the older one is nearer by the number of commits.
fn merges(upstreams: &Upstreams, old: &mut Old) {
    let mut repo = History::start(upstreams, "merges");
    let root = repo.commit("main", 0, &[]);
    old.insert("merges", root.to_string());
    repo.tag("1.0", root, Tag::Annotated);
    let mut side = root;
    for time in [5, 6, 7, 30] {
        side = repo.commit("side", time, &[side]);
    }
    repo.tag("1.1", side, Tag::Annotated);
    let late = repo.commit("main", 40, &[root]);
    repo.tag("1.2", late, Tag::Light);
    let merged = repo.commit("main", 50, &[late, side]);
    let after = repo.commit("main", 60, &[merged]);
    // A line that was begun before all tags and merged after them.
    let mut long = root;
    for time in [1, 2, 3, 65] {
        long = repo.commit("long", time, &[long]);
    }
    repo.commit("main", 70, &[after, long]);
}

/// Commits that were all made in one second.
fn even(upstreams: &Upstreams, old: &mut Old) {
    let mut repo = History::start(upstreams, "even");
    let root = repo.commit("main", 0, &[]);
    old.insert("even", root.to_string());
    let (left, right) = (repo.commit("main", 0, &[root]), repo.commit("right", 0, &[root]));
    repo.tag("v1", left, Tag::Light);
    repo.tag("v2", right, Tag::Light);
    let merged = repo.commit("main", 0, &[left, right]);
    repo.commit("main", 0, &[merged]);
}

/// Tags with odd names, several of one commit, and one of a tag.
fn odd(upstreams: &Upstreams, old: &mut Old) {
    let mut repo = History::start(upstreams, "odd");
    let first = repo.commit("main", 0, &[]);
    old.insert("odd", first.to_string());
    repo.tag("@scope/tool@1.0", first, Tag::Light);
    let second = repo.commit("main", 1, &[first]);
    repo.tag("@scope/tool@1.1", second, Tag::Annotated);
    repo.tag("both-light", second, Tag::Light);
    let third = repo.commit("main", 2, &[second]);
    let inner = repo.tag("2024_01_02", third, Tag::Annotated);
    repo.tag("nested-1", inner, Tag::Annotated);
    repo.tag("0", third, Tag::Light);
    let fourth = repo.commit("main", 3, &[third]);
    repo.tag("light-a", fourth, Tag::Light);
    repo.tag("light-b", fourth, Tag::Light);
    repo.commit("main", 4, &[fourth]);
}

/// No tags at all.
fn untagged(upstreams: &Upstreams, old: &mut Old) {
    let mut repo = History::start(upstreams, "untagged");
    let first = repo.commit("main", 0, &[]);
    old.insert("untagged", first.to_string());
    repo.commit("main", 1, &[first]);
}

/// A repository with another one as its submodule.
fn nested(upstreams: &Upstreams, old: &mut Old) {
    let lock = |version: &str| Lock::new(Some(4)).registry("anyhow", version).text();
    let mut inner = History::start(upstreams, "inner");
    let first = inner.commit_with("main", 0, &[], &Tree::lock(&lock("1.0.1")));
    let second = inner.commit_with("main", 1, &[first], &Tree::lock(&lock("1.0.2")));
    old.insert("inner", first.to_string());
    let tree = |commit: Oid| {
        let text = "[submodule \"sub\"]\n\tpath = sub\n\turl = https://example.org/inner.git\n";
        Tree::lock(&lock("1.0.0")).with(".gitmodules", text).with_module("sub", &commit.to_string())
    };
    let mut outer = History::start(upstreams, "outer");
    let one = outer.commit_with("main", 0, &[], &tree(first));
    old.insert("outer", one.to_string());
    outer.commit_with("main", 1, &[one], &tree(second));
}

/// A source: the kind, the repository, and more keys; the ref comes last.
fn source(kind: &str, name: &str, keys: &str, old: &Old) -> String {
    let keys: String = keys.split(';').filter(|key| !key.is_empty()).map(|key| format!("  {key}\n")).collect();
    format!("- kind: {kind}\n  url: up:{name}.git\n{keys}  ref: {}\n", old[name])
}

/// Each case: the kind, the repository, the keys.
const CASES: &[(&str, &str, &str)] = &[
    // git_repo: tags
    ("git_repo", "releases", "track: v*;ref-format: git-describe"),
    ("git_repo", "releases", "track: v*"),
    ("git_repo", "releases", "track: v*;exclude: ['*-rc*'];ref-format: git-describe"),
    ("git_repo", "releases", "track: v*;exclude: ['*-rc*', 'v1.1[0-9]*', 'v1.10*'];ref-format: git-describe"),
    ("git_repo", "releases", "track: v1.1.0;ref-format: git-describe"),
    ("git_repo", "releases", "track: v1.1.0"),
    ("git_repo", "releases", "track: refs/tags/v1.?.0;ref-format: git-describe"),
    ("git_repo", "releases", "track: 'v[0-9].[0-9].[0-9]'"),
    ("git_repo", "releases", "track: '*';ref-format: git-describe"),
    ("git_repo", "releases", "track: '*';exclude: ['refs/tags/*'];ref-format: git-describe"),
    ("git_repo", "releases", "track: release-*;ref-format: git-describe"),
    ("git_repo", "releases", "track: 'v1.2.0-*';ref-format: git-describe"),
    // git_repo: branches
    ("git_repo", "releases", "track: main;ref-format: git-describe"),
    ("git_repo", "releases", "track: main"),
    ("git_repo", "releases", "track: stable;ref-format: git-describe"),
    ("git_repo", "releases", "track: refs/heads/s*"),
    ("git_repo", "merges", "track: main;ref-format: git-describe"),
    ("git_repo", "merges", "track: side;ref-format: git-describe"),
    ("git_repo", "merges", "track: long;ref-format: git-describe"),
    ("git_repo", "merges", "track: '1.*';ref-format: git-describe"),
    ("git_repo", "even", "track: main;ref-format: git-describe"),
    ("git_repo", "even", "track: 'v*';ref-format: git-describe"),
    ("git_repo", "odd", "track: '@scope/tool@*';ref-format: git-describe"),
    ("git_repo", "odd", "track: 2024*;ref-format: git-describe"),
    ("git_repo", "odd", "track: nested-*;ref-format: git-describe"),
    ("git_repo", "odd", "track: '0';ref-format: git-describe"),
    ("git_repo", "odd", "track: main;ref-format: git-describe"),
    ("git_repo", "untagged", "track: main;ref-format: git-describe"),
    // git
    ("git", "releases", "track: main;ref-format: sha1"),
    ("git", "releases", "track: main"),
    ("git", "releases", "track: stable;ref-format: git-describe"),
    ("git", "releases", "track: v1.1.0;ref-format: sha1"),
    ("git", "releases", "track: v1.1.0;ref-format: git-describe"),
    ("git", "releases", "track: tags/v1.10.0;ref-format: git-describe"),
    ("git", "releases", "track: refs/heads/main;ref-format: sha1"),
    ("git", "merges", "track: main;ref-format: git-describe"),
    ("git", "merges", "track: long;ref-format: git-describe"),
    ("git", "even", "track: main;ref-format: git-describe"),
    ("git", "odd", "track: main;ref-format: git-describe"),
    ("git", "untagged", "track: main;ref-format: git-describe"),
    // git_tag
    ("git_tag", "releases", "track: main"),
    ("git_tag", "releases", "track: v1.1.0"),
    ("git_tag", "releases", "track: main;track-tags: true"),
    ("git_tag", "releases", "track: main;track-tags: true;match: ['v*'];exclude: ['v1.10*', '*-rc*']"),
    ("git_tag", "releases", "track: main;match: ['v[0-9]*']"),
    ("git_tag", "releases", "track: stable;track-extra: [main]"),
    ("git_tag", "releases", "track: main;track-extra: [stable];track-tags: true"),
    ("git_tag", "merges", "track: main"),
    ("git_tag", "merges", "track: main;track-tags: true"),
    ("git_tag", "even", "track: main"),
    ("git_tag", "untagged", "track: main"),
];

fn element(sources: &str) -> String {
    format!("kind: manual\n\nsources:\n{sources}{CRATES}")
}

/// Elements that are written in another way, or have more than one source.
fn unusual(project: &mut Project, old: &Old) {
    let repo = |name: &str, keys: &str| source("git_repo", name, keys, old);
    let main = "track: main;ref-format: git-describe";
    let releases = repo("releases", main);
    let bare = old["releases"].as_str();
    let mut put = |name: &str, text: String| project.put(&format!("elements/{name}.bst"), text);
    put("no-ref", element(&releases.replace(&format!("  ref: {bare}\n"), "")));
    put("comment", element(&releases.replace(bare, &format!("{bare} # a comment"))));
    put("double-quoted", element(&releases.replace(bare, &format!("\"{bare}\""))));
    put("quoted", element(&releases.replace(bare, &format!("'{bare}'"))));
    put(
        "first-key",
        element(&releases.replace("  url", &format!("  ref: {bare}\n  url")).replacen(
            &format!("main\n  ref-format: git-describe\n  ref: {bare}"),
            "main\n  ref-format: git-describe",
            1,
        )),
    );
    put("two", element(&format!("{releases}{}  directory: other\n", repo("merges", "track: '1.*'"))));
    put("same-twice", element(&format!("{releases}{}  directory: other\n", repo("releases", "track: v*"))));
    put("patched", element(&format!("{releases}- kind: local\n  path: files/local\n")));
    let module = format!("- kind: git_module\n  path: sub\n  url: up:inner.git\n  ref: {}\n", old["inner"]);
    let crates = CRATES.to_owned() + "  cargo-lock: sub/Cargo.lock\n";
    put("module", format!("kind: manual\n\nsources:\n{}{module}{crates}", repo("outer", "track: main")));
    put(
        "default",
        element(&releases.replace("  track: main\n  ref-format: git-describe\n", "  track: refs/heads/main\n")),
    );
    let variable =
        releases.replace("up:releases.git", "up:%{upstream}.git").replace("track: main", "track: '%{branch}'");
    put(
        "variables",
        element(&variable)
            .replace("kind: manual\n", "kind: manual\n\nvariables:\n  upstream: releases\n  branch: main\n"),
    );
    put("right", element(&repo("releases", "track: refs/tags/v1.0.0")));
    project.put("files/local/x", "x\n");
    project.put("include/shared.yml", format!("sources:\n{releases}{CRATES}"));
    for name in ["shared-a", "shared-b"] {
        project.put(&format!("elements/{name}.bst"), "kind: manual\n(@): include/shared.yml\n");
    }
    project.put("include/source.yml", releases.trim_start_matches("- ").replace("\n  ", "\n"));
    project.put("elements/within.bst", format!("kind: manual\n\nsources:\n- (@): include/source.yml\n{CRATES}"));
}

fn upstreams() -> (Upstreams, Old) {
    let (upstreams, mut old) = (Upstreams::start(), Old::new());
    for make in [releases, merges, even, odd, untagged, nested] {
        make(&upstreams, &mut old);
    }
    (upstreams, old)
}

#[test]
fn refs_and_blocks_are_those_of_buildstream() {
    let Some(bst) = Bst::find() else { return };
    let (upstreams, old) = upstreams();
    // The project's defaults, and what they do not say of a kind.
    let defaults = "sources:\n  git:\n    config:\n      ref-format: git-describe\n";
    let mut project = project::project(&upstreams, defaults);
    for (number, (kind, name, keys)) in CASES.iter().enumerate() {
        project.put(&format!("elements/{number:02}-{kind}-{name}.bst"), element(&source(kind, name, keys, &old)));
    }
    unusual(&mut project, &old);
    let elements = project.elements();
    assert!(elements.len() >= 60, "{}", elements.len());

    let (theirs, ours) = (project.write(), project.write());
    let (_, begin) = upstreams.traffic();
    let took = bst.track(theirs.path(), &elements);
    let (_, middle) = upstreams.traffic();
    let expected = project::read(theirs.path());
    let url = upstreams.url();
    let run = |more: &[&str]| ours::track(ours.path(), &[("up", &url)], &[&["--cache", "none"], more].concat());

    let looked = run(&["--check", "--as-buildstream"]);
    assert_eq!(looked.code, Some(FINDINGS), "{}", looked.said());
    assert!(project::read(ours.path()) == project.files, "--check wrote");
    let (asked, before) = upstreams.traffic();
    let own = Instant::now();
    let tracked = run(&["--as-buildstream"]);
    let own = own.elapsed();
    let (answered, end) = upstreams.traffic();
    compare::same(&expected, &project::read(ours.path()), &[], "tracked");
    assert_eq!(tracked.code, Some(DONE), "{}", tracked.said());
    let again = run(&["--check", "--as-buildstream"]);
    assert_eq!(again.code, Some(DONE), "nothing is left to move: {}", again.said());
    let (one, other) = (project.write(), project.write());
    let alone = bst.track(one.path(), &["comment.bst".to_owned()]);
    let started = Instant::now();
    ours::track(other.path(), &[("up", &url)], &["--cache", "none", "--as-buildstream", "comment.bst"]);
    figure(&format!(
        "track: one element; BuildStream {:.2} s with its mirrors at hand, we {:.2} s with nothing at hand",
        alone.as_secs_f32(),
        started.elapsed().as_secs_f32()
    ));
    figure(&format!(
        "track: {} elements; BuildStream {:.1} s and {} kB, we {:.2} s and {} kB in {} requests: {:.0} times as fast",
        elements.len(),
        took.as_secs_f32(),
        (middle - begin) / 1000,
        own.as_secs_f32(),
        (end - before) / 1000,
        answered - asked,
        took.as_secs_f32() / own.as_secs_f32()
    ));
}
