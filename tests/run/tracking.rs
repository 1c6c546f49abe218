//! Rust elements that the bot tracks itself, with their upstream on git's own server.

use super::git_http::{Fixture, GitServer, Item};
use super::world::{Ended, NEW, OLD, TOOL, TRACKER, World, tool, tracker};
use crate::support::lock;

const BRANCH: &str = "cargo2-bot/track";
const OTHER: &str = "elements/bluefin/other.bst";
const CONFIG: &str = ".github/cargo2-bot.yml";

/// A repository whose Rust element is pinned to `v1` of an upstream that has `v2`.
struct Tracked {
    world: World,
    upstream: Fixture,
    server: GitServer,
}

/// The element with this ref and block.
fn pinned(at: &str, crates: &[(&str, &str)]) -> String {
    let keys = "  track: v*\n  exclude:\n  - '*-rc*'\n  ref-format: git-describe\n";
    let git = format!("- kind: git_repo\n  url: up:repo.git\n{keys}  ref: {at}\n");
    tool(crates).replace("- kind: local\n  path: files/up\n", &git)
}

impl Tracked {
    fn new(config: &str) -> Self {
        let upstream = Fixture::new();
        upstream.configure("uploadpack.allowFilter", "true");
        let server = GitServer::start(&upstream.path());
        let tracked = Self { world: World::new(), upstream, server };
        let first = tracked.release("v1", OLD);
        let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n  up: https://up.example/\n";
        let files = [("project.conf", Some(conf)), (TOOL, Some(&*pinned(&first, OLD))), (CONFIG, Some(config))];
        tracked.world.fake.commit("main", &files, "owner");
        tracked
    }

    /// A new tag; returns the ref that it is pinned by.
    fn release(&self, tag: &str, crates: &[(&str, &str)]) -> String {
        let text = format!("# {tag}\n{}", lock(crates));
        let commit = self.upstream.commit("main", &[("Cargo.lock", Item::File(text.as_bytes()))]);
        self.upstream.tag(tag, &commit);
        format!("{tag}-0-g{commit}")
    }

    fn run(&self) -> Ended {
        self.world.run("schedule", "{}", &["--alias", &format!("up={}", self.server.root())])
    }

    fn file(&self, branch: &str) -> Option<String> {
        self.world.fake.file(branch, TOOL)
    }

    /// Asserts that a run sends no write.
    fn rests(&self) {
        let run = self.run();
        assert_eq!(run.writes, [""; 0], "{:?}", run.run);
    }
}

#[test]
fn a_new_version_gets_one_pull_request_that_is_held_and_reviewed() {
    let tracked = Tracked::new("track: true\n");
    tracked.rests();
    let second = tracked.release("v2", NEW);
    let run = tracked.run();
    assert_eq!(run.output("opened"), "[1]", "{:?}", run.run);
    let pull = tracked.world.fake.pull(1);
    assert_eq!((pull.head_ref.as_str(), pull.base_ref.as_str()), (BRANCH, "main"));
    assert_eq!(pull.title, "chore(deps): track bluefin/tool.bst");
    assert!(pull.body.contains("### `bluefin/tool.bst`") && pull.body.contains(&second), "{}", pull.body);
    assert_eq!(tracked.file(BRANCH).unwrap(), pinned(&second, NEW));
    let held = ("cargo2 manual merge".to_owned(), Some("action_required".to_owned()));
    assert!(tracked.world.checks(&pull.head_sha).contains(&held));
    assert!(tracked.world.fake.comments(1)[0].body.contains("**Held**"));
    tracked.rests();
}

#[test]
fn it_is_refreshed_for_the_next_version_and_closed_when_the_base_has_it() {
    let tracked = Tracked::new("track: true\n");
    let second = tracked.release("v2", NEW);
    tracked.run();
    let third = tracked.release("v3", &NEW[..2]);
    tracked.run();
    assert_eq!(tracked.file(BRANCH).unwrap(), pinned(&third, &NEW[..2]));
    tracked.rests();
    tracked.world.fake.commit("main", &[("README", Some("another commit"))], "owner");
    tracked.rests();
    tracked.world.fake.commit("main", &[(TOOL, Some(&pinned(&third, &NEW[..2])))], "owner");
    tracked.run();
    assert!(!tracked.world.fake.pull(1).open && tracked.world.fake.head(BRANCH).is_none());
    assert_ne!(second, third);
    tracked.rests();
}

#[test]
fn one_that_was_closed_comes_back_with_the_next_version() {
    let tracked = Tracked::new("track: true\n");
    tracked.release("v2", NEW);
    tracked.run();
    tracked.world.fake.close(1);
    tracked.rests();
    let third = tracked.release("v3", &NEW[..2]);
    assert_eq!(tracked.run().output("opened"), "[2]");
    assert_eq!(tracked.file(BRANCH).unwrap(), pinned(&third, &NEW[..2]));
}

#[test]
fn a_commit_of_a_person_is_kept() {
    let tracked = Tracked::new("track: true\n");
    tracked.release("v2", NEW);
    tracked.run();
    tracked.world.fake.commit(BRANCH, &[("README", Some("mine"))], "reviewer");
    tracked.release("v3", &NEW[..2]);
    let run = tracked.run();
    assert!(run.run.stdout.contains("left as it is"), "{:?}", run.run);
    assert_eq!(tracked.world.fake.file(BRANCH, "README").as_deref(), Some("mine"));
}

#[test]
fn what_the_tracker_moves_is_left_to_it() {
    let tracked = Tracked::new("track: true\n");
    let second = tracked.release("v2", NEW);
    let fake = &tracked.world.fake;
    fake.commit("auto/track-tool", &[(TOOL, Some(&pinned(&second, NEW)))], "github-actions[bot]");
    let number = fake.open_pull("auto/track-tool", "main", "github-actions[bot]", "chore(deps): update tool");
    let run = tracked.run();
    assert_eq!((run.output("opened"), fake.pulls().len()), ("[]", 1), "{:?}", run.run);
    assert!(run.run.stdout.contains("`bluefin/tool.bst` is not tracked now: #1 changes it as well"), "{:?}", run.run);
    let comment = fake.comments(number).pop().unwrap().body;
    assert!(comment.contains("cargo2-bot tracks `bluefin/tool.bst` itself"), "{comment}");
    tracked.rests();
    fake.close(number);
    assert_eq!(tracked.run().output("opened"), "[2]");
    // The tracker comes too late: what is there stays.
    fake.commit(
        "auto/track-bundle",
        &[(TOOL, Some(&pinned(&second, NEW))), (OTHER, Some("kind: stack\n"))],
        "github-actions[bot]",
    );
    fake.open_pull("auto/track-bundle", "main", "github-actions[bot]", "chore(deps): update all");
    tracked.run();
    assert!(fake.pull(2).open);
    tracked.rests();
}

#[test]
fn nothing_is_tracked_where_the_configuration_does_not_say_so() {
    for config in ["", "track: true\nelements:\n  bluefin/tool.bst:\n    track: false\n"] {
        let tracked = Tracked::new(config);
        tracked.release("v2", NEW);
        tracked.rests();
    }
    let tracked = Tracked::new("elements:\n  bluefin/tool.bst:\n    track: true\n");
    tracked.release("v2", NEW);
    tracked.run();
    tracked.world.fake.commit("main", &[(CONFIG, Some(""))], "owner");
    tracked.run();
    assert!(!tracked.world.fake.pull(1).open, "what was opened before it was switched off goes");
}

#[test]
fn each_element_has_its_own_up_to_a_number() {
    let config = "track: true\ntracking:\n  per-element: true\n  limit: 1\n";
    let tracked = Tracked::new(config);
    let first = tracked.file("main").unwrap();
    tracked.world.fake.commit("main", &[(OTHER, Some(&first))], "owner");
    let second = tracked.release("v2", NEW);
    let run = tracked.run();
    assert_eq!(run.output("opened"), "[1]", "{:?}", run.run);
    assert_eq!(tracked.world.fake.pull(1).head_ref, "cargo2-bot/track.each/bluefin/other.bst");
    assert!(run.run.stdout.contains("these wait: bluefin/tool.bst"), "{:?}", run.run);
    tracked.rests();
    tracked.world.fake.commit("main", &[(OTHER, Some(&pinned(&second, NEW)))], "owner");
    tracked.run();
    assert!(!tracked.world.fake.pull(1).open);
    assert_eq!(tracked.run().output("opened"), "[2]");
    assert_eq!(tracked.world.fake.pull(2).head_ref, "cargo2-bot/track.each/bluefin/tool.bst");
}

#[test]
fn it_goes_to_the_branch_that_the_tracker_names() {
    let tracked = Tracked::new("");
    let fake = &tracked.world.fake;
    fake.commit("testing", &[(CONFIG, Some("track: true\n"))], "owner");
    let named =
        tracker("manual-merge").replace("            title:", "            base_branch: testing\n            title:");
    fake.commit("main", &[(TRACKER, Some(&named))], "owner");
    tracked.release("v2", NEW);
    let run = tracked.run();
    assert_eq!(run.output("opened"), "[1]", "{:?}", run.run);
    assert_eq!(fake.pull(1).base_ref, "testing");
    tracked.rests();
}

#[test]
fn an_upstream_that_fails_closes_nothing() {
    let tracked = Tracked::new("track: true\n");
    tracked.release("v2", NEW);
    tracked.run();
    let head = tracked.world.head(1);
    for name in ["refs/tags/v1", "refs/tags/v2"] {
        tracked.upstream.forget(name);
    }
    let run = tracked.run();
    assert!(tracked.world.fake.pull(1).open, "{:?}", run.run);
    assert!(run.run.stdout.contains("is not tracked now"), "{:?}", run.run);
    assert_eq!(tracked.world.head(1), head);
}

/// A tracker that leaves out what the variable names.
fn bundler() -> String {
    format!("{}      env:\n        SKIP: ${{{{ vars.TRACK_BUNDLE_SKIP }}}}\n", tracker("manual-merge"))
}

#[test]
fn a_bundle_says_which_elements_hold_it_and_how_it_goes_on() {
    let tracked = Tracked::new("");
    let fake = &tracked.world.fake;
    fake.commit("main", &[(TRACKER, Some(&bundler()))], "owner");
    let second = tracked.release("v2", NEW);
    let files = [(TOOL, Some(pinned(&second, NEW))), ("elements/fonts.bst", Some("kind: import\n".to_owned()))];
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, text.as_deref())).collect();
    fake.commit("auto/track-bundle", &files, "github-actions[bot]");
    let number = fake.open_pull("auto/track-bundle", "main", "github-actions[bot]", "chore(deps): update all");
    let head = tracked.world.head(number);
    let run = tracked.run();
    assert!(run.writes.iter().all(|write| !write.contains("git/") && write != "Commit"), "{:?}", run.writes);
    assert_eq!(tracked.world.head(number), head, "nothing is pushed to a bundle whose blocks are right");
    let comment = fake.comments(number).pop().unwrap().body;
    for text in [
        "**Bundle**: 1 Rust element holds it; the other changed path needs no approval.",
        "#### `bluefin/tool.bst`",
        "v1 → v2",
        "gh variable set TRACK_BUNDLE_SKIP --repo owner/name --body 'tool'",
        "gh workflow run track-bst-sources.yml --repo owner/name",
        "With `track: true` in its configuration",
    ] {
        assert!(comment.contains(text), "{text}\n{comment}");
    }
    tracked.rests();
}

#[test]
fn a_bundle_is_left_with_one_head_while_the_bot_tracks_its_elements() {
    let tracked = Tracked::new("track: true\n");
    let fake = &tracked.world.fake;
    fake.commit("main", &[(TRACKER, Some(&bundler()))], "owner");
    let second = tracked.release("v2", NEW);
    let bundle = |with: Option<&str>| {
        let files = [(TOOL, with), ("elements/fonts.bst", Some("kind: import\n"))];
        let files: Vec<_> = files.into_iter().filter(|(_, text)| text.is_some()).collect();
        fake.commit("auto/track-bundle", &files, "github-actions[bot]")
    };
    bundle(Some(&pinned(&second, NEW)));
    let number = fake.open_pull("auto/track-bundle", "main", "github-actions[bot]", "chore(deps): update all");
    tracked.run();
    assert_eq!(fake.pulls().len(), 1, "the bundle moves it");
    assert!(fake.comments(number)[0].body.contains("cargo2-bot then opens a pull request of its own"));
    // Left out of the bundle, it gets its own.
    fake.delete_branch("auto/track-bundle");
    fake.close(number);
    bundle(None);
    let next = fake.open_pull("auto/track-bundle", "main", "github-actions[bot]", "chore(deps): update all");
    assert_eq!(tracked.run().output("opened"), format!("[{}]", next + 1));
    let harmless = ("cargo2 manual merge".to_owned(), Some("success".to_owned()));
    assert!(tracked.world.checks(&tracked.world.head(next)).contains(&harmless));
    tracked.rests();
}
