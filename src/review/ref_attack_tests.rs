//! Bumps in the shape of attacks on the pinned commit itself, and harmless ones that look like them.

use super::ref_proof::testing::{URL, Upstream, at, bump, id, pin};
use super::testing::{element, evidence, messages};
use super::*;
use std::collections::BTreeMap;

/// The messages on a bump of a source, with the repository's name left out.
fn found(upstream: &Upstream, mut source: SourceMove) -> Vec<String> {
    upstream.prove(&mut source);
    let mut own = element(&[], &[]);
    own.crates = (3, 3);
    own.sources = vec![source];
    let all = messages(&mut [own], &evidence(BTreeMap::new()));
    all.into_iter().map(|text| text.replace(&format!("`{URL}`"), "URL")).collect()
}

fn attack(old: &str, new: &str, track: &str) -> Vec<String> {
    found(&Upstream::new(), bump(old, new, track))
}

#[test]
fn a_commit_that_carries_the_name_of_a_release() {
    let messages = attack(&at("v1.0-0", 3), &at("v1.1-0", 31), "v*");
    assert_eq!(
        messages,
        ["error upstream-ref-untrue: 1f1f1f1f1f1f is not tag `v1.1` of URL, which names 060606060606"]
    );
}

#[test]
fn a_release_that_upstream_never_made() {
    let messages = attack(&at("v1.1-0", 6), &at("v1.2-0", 30), "v*");
    assert_eq!(messages, ["error upstream-ref-untrue: 1e1e1e1e1e1e is not tag `v1.2` of URL: there is no such tag"]);
}

#[test]
fn a_fork_only_commit_behind_the_tip_of_the_branch() {
    let off = "error upstream-off-branch: 1e1e1e1e1e1e is not on the branch `main` of URL, which is tracked";
    assert_eq!(attack(&id(9), &id(30), "main"), [off]);
    assert_eq!(attack(&at("v1.1-2", 8), &at("v1.1-4", 30), "main"), [off], "counted from a real tag");
}

#[test]
fn a_commit_of_an_older_line_that_is_counted_from_a_newer_tag() {
    let messages = attack(&at("v1.0-1", 4), &at("v1.1-1", 20), "main");
    assert_eq!(messages, ["error upstream-ref-untrue: 141414141414 does not come after tag `v1.1` of URL"]);
}

#[test]
fn a_tag_that_moved_since_the_base() {
    let mut upstream = Upstream::new();
    upstream.name("tags/v1.1", 7);
    let messages = found(&upstream, bump(&at("v1.1-0", 6), &at("v1.1-0", 7), "v*"));
    assert_eq!(messages, ["error upstream-tag-moved: the tag `v1.1` of URL names another commit"]);
    // The count hides it.
    let messages = found(&upstream, bump(&at("v1.1-0", 6), &at("v1.1-1", 8), "main"));
    assert_eq!(
        messages,
        ["error upstream-ref-untrue: the tag `v1.1` of URL was moved from 060606060606 to 070707070707"]
    );
}

#[test]
fn a_step_back_to_a_version_with_known_holes() {
    let messages = attack(&at("v1.1-0", 6), &at("v1.0.1-0", 21), "v*");
    assert_eq!(messages, ["warning upstream-backwards: URL goes back from `v1.1` to `v1.0.1`"]);
    assert_eq!(attack(&id(9), &id(7), "main"), ["warning upstream-backwards: URL goes back by 2 commits"]);
    assert_eq!(attack(&id(9), &id(8), "main"), ["warning upstream-backwards: URL goes back by 1 commit"]);
}

#[test]
fn a_branch_whose_history_was_rewritten() {
    let mut upstream = Upstream::new();
    upstream.name("heads/main", 31);
    upstream.refs.default = Some(("main".into(), id(31)));
    let messages = found(&upstream, bump(&id(9), &id(31), "main"));
    assert_eq!(messages, ["warning upstream-rewritten: the history of URL no longer has the commit before"]);
}

#[test]
fn a_release_candidate_by_a_pattern() {
    let mut upstream = Upstream::new();
    upstream.name("tags/v1.2-rc1", 8);
    let messages = found(&upstream, bump(&at("v1.1-0", 6), &at("v1.2-rc1-0", 8), "v*"));
    assert_eq!(messages, ["warning upstream-pre-release: URL is now at `v1.2-rc1`, a pre-release"]);
}

#[test]
fn a_tag_that_has_the_name_of_the_branch() {
    let mut upstream = Upstream::new();
    upstream.name("tags/main", 30);
    let messages = found(&upstream, bump(&id(9), &at("main-0", 30), "main"));
    assert_eq!(
        messages,
        ["warning upstream-tag-for-branch: the tag `main` of URL takes the place of the tracked branch"]
    );
}

#[test]
fn a_tag_of_another_product_of_the_repository() {
    let mut upstream = Upstream::new();
    upstream.name("tags/plugin-v2.0", 30);
    let messages = found(&upstream, bump(&at("v1.1-0", 6), &at("plugin-v2.0-0", 30), "v*"));
    assert_eq!(
        messages,
        ["warning upstream-off-track: the tag `plugin-v2.0` of URL is not what its track `v*` leads to"]
    );
}

#[test]
fn a_number_that_makes_a_commit_look_close_to_its_release() {
    let messages = attack(&at("v1.0-1", 4), &at("v1.0-2", 9), "main");
    assert_eq!(
        messages,
        ["warning upstream-count-differs: the `ref` of URL counts 2 commits after `v1.0` where there are 6"]
    );
}

#[test]
fn a_list_of_crates_of_another_commit() {
    let mut source = bump(&id(8), &id(9), "main");
    let (url, names) = (format!("{URL}/raw/{}/Cargo.lock", id(8)), id(8));
    source.proof.remarks = vec![ref_proof::Remark::OtherCommit { url, names }];
    let messages = found(&Upstream::new(), source);
    assert!(matches!(&messages[..], [one] if one.starts_with("warning upstream-other-commit: ")), "{messages:?}");
}

#[test]
fn a_repository_that_does_not_answer_is_never_routine() {
    let mut upstream = Upstream::new();
    upstream.down = Some("the host does not answer");
    let words = "notice upstream-not-proven: the commit of URL is not proven to be of its tag or branch";
    assert_eq!(found(&upstream, bump(&at("v1.0-0", 3), &at("v1.1-0", 31), "v*")), [words]);
    assert_eq!(found(&upstream, bump(&id(8), &id(30), "main")), [words]);
    let mut upstream = Upstream::new();
    upstream.no_history = Some("its server does not send history");
    let messages = found(&upstream, bump(&id(6), &id(30), "main"));
    assert!(matches!(&messages[..], [one] if one.starts_with("notice upstream-not-proven")), "{messages:?}");
}

#[test]
fn harmless_bumps_that_look_like_attacks_are_quiet() {
    let mut upstream = Upstream::new();
    for (name, commit) in [
        ("tags/1.2", 8),
        ("tags/v1.2-rc1", 7),
        ("tags/v1.2-rc2", 8),
        ("tags/v1.2", 9),
        ("tags/latest", 9),
        ("tags/app-v1.0", 6),
        ("tags/app-v1.1", 8),
        ("tags/v1.1.1w", 8),
        ("tags/v1.10", 9),
        ("tags/v0.9", 8),
    ] {
        upstream.name(name, commit);
    }
    for (claim, old, new, track) in [
        ("the next release", at("v1.0-0", 3), at("v1.1-0", 6), "v*"),
        ("ten comes after nine", at("v1.1-0", 6), at("v1.10-0", 9), "v*"),
        ("a release of another line, newer by its version", at("v1.0.1-0", 21), at("v1.1-0", 6), "v*"),
        ("the release after its candidate", at("v1.2-rc2-0", 8), at("v1.2-0", 9), "v*"),
        ("a candidate after a candidate", at("v1.2-rc1-0", 7), at("v1.2-rc2-0", 8), "v*"),
        ("candidates are tracked", at("v1.1-0", 6), at("v1.2-rc2-0", 8), "v*-rc*"),
        ("a letter that is no pre-release", at("v1.1-0", 6), at("v1.1.1w-0", 8), "v*"),
        ("tags lost their `v`", at("v1.1-0", 6), at("1.2-0", 8), "*"),
        ("tags of one product of several", at("app-v1.0-0", 6), at("app-v1.1-0", 8), "app-v*"),
        ("a tag beside others of its commit", at("v1.1-0", 6), at("latest-0", 9), "latest"),
        ("the ref is written in another form", id(6), at("v1.1-0", 6), "v*"),
        ("a bare commit that is a tag's", id(3), id(6), "v*"),
        ("the tip of the branch", id(8), id(9), "main"),
        ("a branch that has moved on", id(6), id(8), "main"),
        ("a branch by its full name", id(6), id(8), "refs/heads/main"),
        ("a branch that merged another", id(9), id(40), "next"),
        ("counted after a tag", at("v1.0-1", 4), at("v1.0-2", 5), "main"),
        ("counted where there are merges", at("v1.0-1", 4), at("v1.1-3", 40), "next"),
        ("a tag on the tracked branch", at("v1.0-0", 3), at("v1.1-0", 6), "main"),
        ("a candidate on the tracked branch", at("v1.1-0", 6), at("v1.2-rc1-0", 7), "main"),
        ("a tag of an older line on the tracked branch", at("v1.1-1", 7), at("v0.9-0", 8), "main"),
        ("the next release, by its name", at("v1.0-0", 3), at("v1.1-0", 6), "v1.1"),
        ("no track", id(6), id(7), ""),
    ] {
        assert_eq!(found(&upstream, bump(&old, &new, track)), [""; 0], "{claim}");
    }
    let new = SourceMove { new: Some(pin(&at("v1.1-0", 6), "v*")), ..SourceMove::default() };
    let messages = found(&upstream, new);
    assert_eq!(messages, ["warning upstream-changed: URL is a new source of the element"], "as ever");
}
