//! `track`: refs and blocks move together, the policy holds, and no element keeps another one from moving.

use crate::review::git_http::{Fixture, Item};
use crate::support::{Project, Run, block, lock};
use serde_json::Value;

const OLD: &[(&str, &str)] = &[("a", "1.0.0")];
const NEW: &[(&str, &str)] = &[("a", "1.1.0"), ("b", "0.1.0")];

/// A project with an upstream: `v1.0` with the old lock, `v1.1` with the new one.
struct Tracked {
    project: Project,
    upstream: Fixture,
    releases: Vec<String>,
}

impl Tracked {
    fn new() -> Self {
        let upstream = Fixture::new();
        let mut tracked = Self { project: Project::new(&[]), upstream, releases: Vec::new() };
        tracked.release("v1.0", OLD);
        tracked.release("v1.1", NEW);
        let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
        tracked.project.write("project.conf", conf);
        tracked
    }

    fn release(&mut self, tag: &str, crates: &[(&str, &str)]) {
        let text = format!("# {tag}\n{}", lock(crates));
        let commit = self.upstream.commit("main", &[("Cargo.lock", Item::File(text.as_bytes()))]);
        self.upstream.tag(tag, &commit);
        self.releases.push(commit);
    }

    fn at(&self, tag: &str, release: usize) -> String {
        format!("{tag}-0-g{}", self.releases[release])
    }

    /// An element that tracks `track` and has this ref and block.
    fn element(&self, name: &str, track: &str, pinned: &str, crates: &[(&str, &str)]) -> String {
        let text = element(track, pinned, crates);
        self.project.write(&format!("elements/{name}.bst"), &text);
        text
    }

    fn track(&self, args: &[&str]) -> Run {
        let alias = format!("up={}/", self.upstream.folder.path().display());
        self.project.run(&[&["track", "--alias", &alias], args].concat())
    }

    /// The rules of the findings, with the elements, and the whole report.
    fn found(&self, args: &[&str]) -> (Vec<String>, Value, Option<i32>) {
        let run = self.track(&[&["--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let one = |f: &Value| format!("{} {} {}", text(&f["severity"]), text(&f["rule"]), text(&f["element"]));
        (report["findings"].as_array().unwrap().iter().map(one).collect(), report, run.code)
    }
}

fn element(track: &str, pinned: &str, crates: &[(&str, &str)]) -> String {
    format!(
        "kind: make\n\nsources:\n- kind: git_repo\n  url: up:repo.git\n  track: '{track}'\n  ref-format: git-describe\n  ref: {pinned}\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(crates, 2)
    )
}

#[test]
fn a_new_tag_moves_the_ref_and_its_block() {
    let tracked = Tracked::new();
    tracked.element("a", "v*", &tracked.at("v1.0", 0), OLD);
    let run = tracked.track(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(tracked.project.read("elements/a.bst"), element("v*", &tracked.at("v1.1", 1), NEW));
    assert!(run.stdout.contains("moved elements/a.bst: v1.0-0-g") && run.stdout.contains("regenerated elements/a.bst"));
    let again = tracked.track(&[]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), "1 cargo2 block: 1 right\n"));
}

#[test]
fn a_check_says_what_would_move_and_writes_nothing() {
    let tracked = Tracked::new();
    let text = tracked.element("a", "v*", &tracked.at("v1.0", 0), OLD);
    let (rules, report, code) = tracked.found(&["--check"]);
    assert_eq!((rules.as_slice(), code), (&["error track-due a.bst".to_owned()][..], Some(3)));
    let moved = &report["moves"][0];
    assert_eq!(moved["from"], tracked.at("v1.0", 0));
    assert_eq!((&moved["to"], &moved["written"]), (&tracked.at("v1.1", 1).into(), &false.into()));
    assert!(report["changes"][0]["diff"].as_str().unwrap().contains("+  - kind: registry\n"), "{report}");
    assert_eq!(tracked.project.read("elements/a.bst"), text);
    let human = tracked.track(&["--check"]);
    assert!(human.stdout.contains("`v*` leads to v1.1-0-g"), "{}", human.stdout);
}

#[test]
fn a_pre_release_is_taken_where_the_pattern_and_the_configuration_ask_for_it() {
    let mut tracked = Tracked::new();
    tracked.release("v1.2-rc1", OLD);
    tracked.element("a", "v*", &tracked.at("v1.1", 1), NEW);
    tracked.element("b", "v*-rc*", &tracked.at("v1.1", 1), NEW);
    let (rules, _, code) = tracked.found(&[]);
    assert_eq!((rules, code), (vec!["notice track-policy a.bst".into(), "notice track-policy b.bst".into()], Some(0)));
    let config = "elements:\n  a.bst:\n    pre-releases: true\n  b.bst:\n    pre-releases: true\n";
    tracked.project.write(".github/cargo2-bot.yml", config);
    let (rules, ..) = tracked.found(&[]);
    assert_eq!(rules, ["notice track-policy a.bst"]);
    assert_eq!(tracked.project.read("elements/b.bst"), element("v*-rc*", &tracked.at("v1.2-rc1", 2), OLD));
    assert_eq!(tracked.track(&["--as-buildstream"]).code, Some(0));
    assert_eq!(tracked.project.read("elements/a.bst"), element("v*", &tracked.at("v1.2-rc1", 2), OLD));
}

#[test]
fn a_tag_that_names_another_commit_is_an_error_and_no_update() {
    let mut tracked = Tracked::new();
    let text = tracked.element("a", "v*", &tracked.at("v1.1", 1), NEW);
    tracked.release("v1.1", OLD);
    tracked.release("v1.2", OLD);
    let (rules, _, code) = tracked.found(&[]);
    assert_eq!((rules, code), (vec!["error upstream-tag-moved a.bst".into()], Some(3)));
    assert_eq!(tracked.project.read("elements/a.bst"), text);
    tracked.track(&["--as-buildstream"]);
    assert_eq!(tracked.project.read("elements/a.bst"), element("v*", &tracked.at("v1.2", 3), OLD));
}

#[test]
fn a_step_back_is_made_and_said() {
    let tracked = Tracked::new();
    tracked.element("a", "v*", &tracked.at("v1.1", 1), NEW);
    tracked.upstream.forget("refs/tags/v1.1");
    let (rules, _, code) = tracked.found(&[]);
    assert_eq!((rules, code), (vec!["warning upstream-backwards a.bst".into()], Some(0)));
    assert_eq!(tracked.project.read("elements/a.bst"), element("v*", &tracked.at("v1.0", 0), OLD));
}

#[test]
fn no_element_keeps_another_one_from_moving() {
    let mut tracked = Tracked::new();
    tracked.element("a", "v*", &tracked.at("v1.0", 0), OLD);
    let lost = tracked.element("lost", "w*", &tracked.at("v1.0", 0), OLD);
    let odd = tracked.element("odd", "refs/*", &tracked.at("v1.0", 0), OLD);
    // There is no lock at the new version of this one.
    let empty = tracked.upstream.commit("empty", &[("README", Item::File(b"x"))]);
    tracked.upstream.tag("x1", &empty);
    tracked.releases.push(empty);
    let bare = tracked.element("bare", "x*", &tracked.at("v1.0", 0), OLD);
    let (rules, _, code) = tracked.found(&[]);
    assert_eq!(code, Some(3));
    let expected = ["bare", "lost", "odd"].map(|name| format!("error track-failed {name}.bst"));
    assert!(expected.iter().all(|one| rules.contains(one)), "{rules:?}");
    assert!(rules.contains(&"error lock-missing bare.bst".to_owned()), "{rules:?}");
    assert_eq!(tracked.project.read("elements/a.bst"), element("v*", &tracked.at("v1.1", 1), NEW));
    for (name, text) in [("lost", lost), ("odd", odd), ("bare", bare)] {
        assert_eq!(tracked.project.read(&format!("elements/{name}.bst")), text);
    }
}

#[test]
fn what_only_buildstream_can_do_is_said_and_left_alone() {
    let tracked = Tracked::new();
    let old = tracked.at("v1.0", 0);
    let text = element("v*", &old, OLD).replace("- kind: cargo2", "- kind: gen_cargo_lock\n  ref: ''\n- kind: cargo2");
    tracked.project.write("elements/generated.bst", &text);
    let archive = format!("- kind: remote\n  url: up:x\n  filename: x\n  ref: {}\n- kind: cargo2", "ab".repeat(32));
    tracked.project.write("elements/two.bst", element("v*", &old, OLD).replace("- kind: cargo2", &archive));
    let (rules, _, code) = tracked.found(&[]);
    assert_eq!(rules, ["notice track-left generated.bst", "notice track-left two.bst"]);
    assert_eq!(code, Some(0));
    assert_eq!(tracked.project.read("elements/generated.bst"), text);
    let moved = element("v*", &tracked.at("v1.1", 1), NEW).replace("- kind: cargo2", &archive);
    assert_eq!(tracked.project.read("elements/two.bst"), moved);
}

#[test]
fn elements_that_share_a_source_move_together_even_where_one_is_named() {
    let tracked = Tracked::new();
    let whole = element("v*", &tracked.at("v1.0", 0), OLD);
    let (head, crates) = whole.split_once("- kind: cargo2").unwrap();
    tracked.project.write("include/git.yml", head.replace("kind: make\n\n", ""));
    for name in ["a", "b"] {
        let text = format!(
            "kind: make\n(@): include/git.yml\nsources:\n  (>):\n  - kind: cargo2{}",
            crates.replace('\n', "\n  ")
        );
        tracked.project.write(&format!("elements/{name}.bst"), text.trim_end().to_owned() + "\n");
    }
    let run = tracked.track(&["a.bst"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(tracked.project.read("include/git.yml").contains(&tracked.at("v1.1", 1)));
    for name in ["a", "b"] {
        assert!(tracked.project.read(&format!("elements/{name}.bst")).contains("version: 1.1.0"), "{name}");
    }
}

#[test]
fn the_plan_says_which_elements_the_bot_tracks_itself() {
    let tracked = Tracked::new();
    tracked.element("a", "v*", &tracked.at("v1.0", 0), OLD);
    tracked.element("b", "v*", &tracked.at("v1.0", 0), OLD);
    tracked.project.write(".github/cargo2-bot.yml", "track: true\nelements:\n  b.bst:\n    track: false\n");
    let plan: Value = serde_json::from_str(&tracked.project.run(&["plan"]).stdout).unwrap();
    assert_eq!((&plan["include"][0]["track"], &plan["include"][1]["track"]), (&true.into(), &false.into()));
}
