//! Each outcome of a proof, on one repository.

use super::testing::{Upstream, at, bump, id, pin};
use super::{RefProof, Remark, SourceProof, Untruth};
use crate::review::SourceMove;

fn proof_in(upstream: &Upstream, mut source: SourceMove) -> SourceProof {
    upstream.prove(&mut source);
    source.proof
}

fn proof(old: &str, new: &str, track: &str) -> (RefProof, Vec<Remark>) {
    let SourceProof { commit, remarks } = proof_in(&Upstream::new(), bump(old, new, track));
    (commit.unwrap(), remarks)
}

fn tag(name: &str) -> RefProof {
    RefProof::Tag { name: name.into() }
}

fn on(name: &str, behind: usize) -> RefProof {
    RefProof::OnBranch { name: name.into(), behind: Some(behind) }
}

fn untrue(why: Untruth) -> RefProof {
    RefProof::False { why }
}

fn off_track(tag: Option<&str>, track: &str) -> Remark {
    Remark::OffTrack { tag: tag.map(Into::into), track: track.into() }
}

#[test]
fn a_tag_names_the_commit_or_the_ref_is_not_true() {
    let v10 = at("v1.0-0", 3);
    assert_eq!(proof(&v10, &at("v1.1-0", 6), "v*"), (tag("v1.1"), vec![]));
    let other = Untruth::TagNamesOther { tag: "v1.1".into(), commit: id(6) };
    assert_eq!(proof(&v10, &at("v1.1-0", 7), "v*"), (untrue(other), vec![]));
    let missing = Untruth::TagMissing { tag: "v1.2".into() };
    assert_eq!(proof(&v10, &at("v1.2-0", 7), "v*"), (untrue(missing.clone()), vec![]));
    assert_eq!(proof(&v10, &at("v1.2-3", 7), "v*").0, untrue(missing));
    assert_eq!(proof(&id(3), &id(6), "v*"), (tag("v1.1"), vec![]), "a bare commit has its tag found");
    assert_eq!(proof(&id(3), &id(6), "v1.1"), (tag("v1.1"), vec![]));
    let named = Untruth::TagNamesOther { tag: "v1.1".into(), commit: id(6) };
    assert_eq!(proof(&id(3), &id(7), "v1.1").0, untrue(named));
}

#[test]
fn a_commit_comes_after_its_tag_on_its_branch_or_the_ref_is_not_true() {
    let old = at("v1.0-1", 4);
    let after = |tag: &str, commits| RefProof::Describes { tag: tag.into(), commits };
    assert_eq!(proof(&old, &at("v1.1-2", 8), "main"), (after("v1.1", 2), vec![]));
    assert_eq!(proof(&at("v1.1-1", 7), &at("v1.1-3", 9), "main"), (after("v1.1", 3), vec![]));
    let not_after = Untruth::NotAfterTag { tag: "v1.1".into() };
    for commit in [2, 5, 20, 99] {
        assert_eq!(proof(&old, &at("v1.1-3", commit), "main").0, untrue(not_after.clone()), "{commit}");
    }
    // A fork's commit comes after the tag as well.
    let off = Untruth::NotOnBranch { branch: "main".into() };
    assert_eq!(proof(&old, &at("v1.1-1", 31), "main").0, untrue(off));
    let moved = Untruth::TagMoved { tag: "v1.1".into(), from: id(5), to: id(6) };
    assert_eq!(proof(&at("v1.1-0", 5), &at("v1.1-2", 8), "main").0, untrue(moved));
    // `v*` is no branch: the default branch decides, and tracking leads elsewhere.
    let track = off_track(None, "v*");
    assert_eq!(proof(&old, &at("v1.1-2", 8), "v*"), (after("v1.1", 2), vec![track]));
    assert!(matches!(proof(&old, &at("v1.1-1", 31), "v*").0, RefProof::NotKnown { .. }));
}

#[test]
fn a_count_that_is_wrong_is_noticed_where_it_is_certain() {
    let old = at("v1.0-1", 4);
    let other = |named, counted| Remark::OtherCount { tag: "v1.1".into(), named, counted };
    assert_eq!(proof(&old, &at("v1.1-5", 8), "main").1, [other(5, 2)]);
    assert_eq!(proof(&old, &at("v1.1-1", 8), "main").1, [other(1, 2)]);
    assert_eq!(proof(&old, &at("v1.1-99999999999999999999999", 8), "main").1, [other(usize::MAX, 2)]);
    assert_eq!(proof(&old, &at("v1.1-1", 6), "main").1, [other(1, 0)]);
    // Where there are merges, programs count in different ways.
    let (commit, remarks) = proof(&old, &at("v1.1-5", 40), "next");
    assert_eq!((commit, remarks), (RefProof::Describes { tag: "v1.1".into(), commits: 6 }, vec![]));
}

#[test]
fn a_branch_contains_the_commit_or_it_is_from_elsewhere() {
    assert_eq!(proof(&id(8), &id(9), "main"), (on("main", 0), vec![]));
    assert_eq!(proof(&id(6), &id(7), "main"), (on("main", 2), vec![]));
    assert_eq!(proof(&id(6), &id(7), "refs/heads/main"), (on("main", 2), vec![]));
    assert_eq!(proof(&id(20), &id(21), "sta*"), (on("stable", 0), vec![]));
    for commit in [21, 30, 31, 99] {
        let off = Untruth::NotOnBranch { branch: "main".into() };
        assert_eq!(proof(&id(6), &id(commit), "main"), (untrue(off), vec![]), "{commit}");
    }
    assert_eq!(proof(&id(6), &id(7), ""), (on("main", 2), vec![]), "the default branch, where nothing is tracked");
    assert_eq!(proof(&id(6), &id(7), &id(7)), (on("main", 2), vec![]), "a commit is no branch");
    for (commit, track) in [(31, ""), (30, "v*"), (31, "refs/pull/1/head"), (31, "gone")] {
        let (commit, _) = proof(&id(6), &id(commit), track);
        assert!(matches!(commit, RefProof::NotKnown { .. }), "{track}: {commit:?}");
    }
    let mut upstream = Upstream::new();
    upstream.refs.default = None;
    let known = proof_in(&upstream, bump(&id(6), &id(7), ""));
    assert!(matches!(known.commit, Some(RefProof::NotKnown { .. })));
}

#[test]
fn other_kinds_track_branches_alone() {
    let mut upstream = Upstream::new();
    upstream.name("tags/main", 3);
    let mut source = bump(&id(8), &id(9), "main");
    for pin in [&mut source.old, &mut source.new].into_iter().flatten() {
        pin.is_pattern = false;
    }
    let known = proof_in(&upstream, source);
    assert_eq!((known.commit, known.remarks), (Some(on("main", 0)), vec![]));
}

#[test]
fn what_goes_back_is_noticed_by_tags_and_by_history() {
    let lower = Remark::LowerVersion { from: "v1.1".into(), to: "v1.0".into() };
    assert_eq!(proof(&at("v1.1-0", 6), &at("v1.0-0", 3), "v*"), (tag("v1.0"), vec![lower.clone()]));
    assert_eq!(proof(&id(6), &id(3), "v*"), (tag("v1.0"), vec![lower]));
    let back = |by| Remark::OlderCommit { by: Some(by) };
    assert_eq!(proof(&id(9), &id(7), "main"), (on("main", 2), vec![back(2)]));
    assert_eq!(proof(&at("v1.1-3", 9), &at("v1.1-1", 7), "main").1, [back(2)]);
    assert_eq!(proof(&id(9), &at("v1.0-0", 3), "v*").1, [back(6)]);
    assert_eq!(proof(&id(30), &id(9), "main").1, [back(1)], "what was pinned before is of a fork");
    assert_eq!(proof(&id(31), &id(9), "main").1, [Remark::HistoryRewritten]);
    assert_eq!(proof(&id(99), &id(9), "main").1, [Remark::HistoryRewritten]);
    assert_eq!(proof(&at("v1.0.1-0", 21), &at("v1.1-0", 6), "main").1, [Remark::HistoryRewritten], "on a branch");
    let mut upstream = Upstream::new();
    upstream.name("tags/v0.9", 5);
    let known = proof_in(&upstream, bump(&at("v1.1-0", 6), &at("v0.9-0", 5), "main"));
    assert_eq!(known.remarks, [back(1)]);
    // Releases of different branches are apart, and their versions say which is newer.
    assert_eq!(proof(&at("v1.0.1-0", 21), &at("v1.1-0", 6), "v*"), (tag("v1.1"), vec![]));
    let remarks = proof(&id(9), &at("v1.0.1-0", 21), "v*").1;
    assert!(matches!(&remarks[..], [Remark::NotKnown { why, .. }] if why.contains("neither")), "{remarks:?}");
    let remarks = proof(&id(99), &at("v1.0-0", 3), "v*").1;
    assert!(matches!(&remarks[..], [Remark::NotKnown { why, .. }] if why.contains("no longer")), "{remarks:?}");
}

#[test]
fn pre_releases_are_noticed_unless_they_are_asked_for() {
    let pre = || Remark::PreRelease { tag: "v1.1-rc1".into() };
    assert_eq!(proof(&at("v1.0-0", 3), &at("v1.1-rc1-0", 5), "v*"), (tag("v1.1-rc1"), vec![pre()]));
    assert_eq!(proof(&id(3), &id(5), "v*").1, [pre()]);
    let lower = Remark::LowerVersion { from: "v1.1".into(), to: "v1.1-rc1".into() };
    assert_eq!(proof(&at("v1.1-0", 6), &at("v1.1-rc1-0", 5), "v*").1, [pre(), lower]);
    for track in ["v*-rc*", "v1.1-rc1"] {
        assert_eq!(proof(&at("v1.0-0", 3), &at("v1.1-rc1-0", 5), track).1, [], "{track}");
    }
    assert_eq!(proof(&at("v1.1-rc1-0", 5), &at("v1.1-0", 6), "v*").1, [], "the release after its candidate");
}

#[test]
fn what_tracking_does_not_lead_to_is_noticed() {
    let v11 = at("v1.1-0", 6);
    let off = |track: &str| vec![off_track(Some("v1.1"), track)];
    assert_eq!(proof(&at("v1.0-0", 3), &v11, "w*"), (tag("v1.1"), off("w*")));
    assert_eq!(proof(&at("v1.0-0", 3), &v11, "stable"), (tag("v1.1"), off("stable")));
    assert_eq!(proof(&at("v1.0-0", 3), &v11, "v1.0"), (tag("v1.1"), off("v1.0")));
    assert_eq!(proof(&at("v1.0-0", 3), &v11, "main"), (tag("v1.1"), vec![]), "it is on the tracked branch");
    assert_eq!(proof(&id(6), &id(7), "v*"), (on("main", 2), vec![off_track(None, "v*")]));
    assert_eq!(proof(&id(6), &id(7), "gone"), (on("main", 2), vec![off_track(None, "gone")]));
    let mut source = bump(&at("v1.0-0", 3), &v11, "v*");
    for pin in [&mut source.old, &mut source.new].into_iter().flatten() {
        pin.exclude = vec!["v1.1*".into()];
    }
    assert_eq!(proof_in(&Upstream::new(), source).remarks, off("v*"));
}

#[test]
fn a_tag_in_the_place_of_a_branch_is_noticed() {
    let mut upstream = Upstream::new();
    upstream.name("tags/main", 7);
    let taken = vec![Remark::TagForBranch { name: "main".into() }];
    let known = proof_in(&upstream, bump(&id(6), &at("main-0", 7), "main"));
    assert_eq!((known.commit, known.remarks), (Some(tag("main")), taken.clone()));
    let known = proof_in(&upstream, bump(&id(6), &id(9), "main"));
    assert_eq!((known.commit, known.remarks), (Some(on("main", 0)), taken.clone()));
    let known = proof_in(&upstream, bump(&id(6), &id(9), "refs/heads/main"));
    assert_eq!((known.commit, known.remarks), (Some(on("main", 0)), vec![]), "the tag is not followed");
    upstream.forget("heads/main");
    let known = proof_in(&upstream, bump(&id(6), &at("main-0", 7), "main"));
    assert_eq!((known.commit, known.remarks), (Some(tag("main")), taken));
    let known = proof_in(&upstream, bump(&id(7), &at("main-0", 7), "main"));
    assert_eq!((known.commit, known.remarks), (Some(tag("main")), vec![]), "it is the commit of before");
    let known = proof_in(&upstream, bump(&at("main-0", 3), &at("main-0", 7), "main"));
    assert_eq!((known.commit, known.remarks), (Some(tag("main")), vec![]), "it was a tag before");
}

#[test]
fn what_is_not_known_is_never_proven() {
    let mut upstream = Upstream::new();
    upstream.no_history = Some("no history");
    let unknown = RefProof::NotKnown { why: "no history".into() };
    for (old, new, track) in
        [(id(6), id(7), "main"), (id(6), at("v1.1-1", 7), "main"), (id(6), id(7), "v*"), (id(6), id(7), "")]
    {
        let known = proof_in(&upstream, bump(&old, &new, track));
        assert_eq!((known.commit, known.remarks), (Some(unknown.clone()), vec![]), "{new} {track}");
    }
    // The tip and tags are known without any history; which way it goes is not.
    for (old, new, track, commit) in
        [(id(6), id(9), "main", on("main", 0)), (id(4), at("v1.1-0", 6), "v*", tag("v1.1"))]
    {
        let known = proof_in(&upstream, bump(&old, &new, track));
        assert_eq!(known.commit, Some(commit));
        assert!(matches!(&known.remarks[..], [Remark::NotKnown { why, .. }] if why.contains("no history")));
    }
    let known = proof_in(&upstream, bump(&at("v1.0-0", 3), &at("v1.1-0", 6), "stable"));
    assert!(matches!(&known.remarks[..], [Remark::NotKnown { what, .. }] if what.contains("tracked branch")));
    upstream.down = Some("down");
    let known = proof_in(&upstream, bump(&at("v1.1-0", 6), &at("v1.0-0", 3), "w*"));
    assert_eq!(known.commit, Some(RefProof::NotKnown { why: "down".into() }));
    let lower = Remark::LowerVersion { from: "v1.1".into(), to: "v1.0".into() };
    assert_eq!(known.remarks, [off_track(Some("v1.0"), "w*"), lower], "what the names say is known still");
}

#[test]
fn a_new_source_and_another_repository_have_no_way() {
    let new = Some(pin(&id(9), "main"));
    let source = SourceMove { new, ..SourceMove::default() };
    let known = proof_in(&Upstream::new(), source);
    assert_eq!((known.commit, known.remarks), (Some(on("main", 0)), vec![]));
    let mut source = bump(&id(31), &id(9), "main");
    if let Some(old) = &mut source.old {
        old.url = "https://elsewhere.example/tool".into();
    }
    assert_eq!(proof_in(&Upstream::new(), source).remarks, []);
}

#[test]
fn only_what_is_needed_is_looked_up() {
    for (old, new, track, relations) in [
        (at("v1.0-0", 3), at("v1.1-0", 6), "v*", 0),
        (id(3), id(6), "v*", 0),
        (id(8), id(9), "main", 1),
        (id(6), id(7), "main", 2),
        (at("v1.1-1", 7), at("v1.1-3", 9), "main", 2),
        (at("v1.1-1", 7), at("v1.1-2", 8), "main", 3),
        (id(6), id(31), "main", 1),
        (at("v1.0-0", 3), at("v1.1-0", 7), "v*", 0),
    ] {
        let mut source = bump(&old, &new, track);
        assert_eq!(Upstream::new().prove(&mut source), relations, "{old} {new} {track}");
    }
    assert_eq!(Upstream::new().prove(&mut bump(&id(3), &id(3), "main")), 0);
}

#[test]
fn a_proof_reads_on_after_its_commit() {
    for (proof, words) in [
        (tag("v1.0"), "is tag `v1.0`"),
        (RefProof::Describes { tag: "v1.0".into(), commits: 1 }, "is 1 commit after tag `v1.0`"),
        (RefProof::Describes { tag: "v1.0".into(), commits: 7 }, "is 7 commits after tag `v1.0`"),
        (on("main", 0), "is the newest commit of branch `main`"),
        (on("main", 1), "is on branch `main`, 1 commit behind"),
        (on("a`\u{202e}", 2), "is on branch `a\\'\\u{202e}`, 2 commits behind"),
        (RefProof::OnBranch { name: "main".into(), behind: None }, "is on branch `main`"),
        (RefProof::NotKnown { why: "x".into() }, "is not proven to be of a tag or branch"),
        (untrue(Untruth::NotOnBranch { branch: "main".into() }), "is not on branch `main`"),
        (untrue(Untruth::TagMissing { tag: "v1".into() }), "is not tag `v1`, which does not exist"),
    ] {
        assert_eq!(proof.to_string(), words);
    }
}
