//! Bumps in the shape of real attacks: each must be told, and what is harmless must not.

use super::case::DAY;
use super::evidence::*;
use super::judge::{Settings, judge, needs};
use super::*;
use crate::block::Origin;
use crate::finding::Severity;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// When all reports of these tests are made.
const NOW: i64 = 1_790_000_000;

/// The checksum of a version, as both the block and the index have it.
fn sha(name: &str, version: &str) -> String {
    let seed = format!("{name}{version}").bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    format!("{seed:016x}").repeat(4)
}

fn registry(name: &str, version: &str) -> Entry {
    Entry { name: name.into(), version: version.into(), from: Origin::Registry { sha: sha(name, version) } }
}

fn git(name: &str, version: &str, repo: &str, commit: char, query: &[(&str, &str)]) -> Entry {
    let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let from = Origin::Git { commit: commit.to_string().repeat(40), repo: repo.into(), query };
    Entry { name: name.into(), version: version.into(), from }
}

/// An element whose list goes from one state to the other.
fn element(before: &[Entry], after: &[Entry]) -> ElementReview {
    ElementReview {
        element: "tool.bst".into(),
        file: "elements/tool.bst".into(),
        line: 12,
        status: Status::Right,
        lock: None,
        crates: (before.len(), after.len()),
        sources: Vec::new(),
        changes: compare::compare(before, after),
        list: after.to_vec(),
    }
}

/// An index in which every version of the entries is as the block says, each crate with a history of five years.
fn index(entries: &[Entry]) -> BTreeMap<String, Result<IndexCrate, String>> {
    let mut all: BTreeMap<String, Result<IndexCrate, String>> = BTreeMap::new();
    for entry in entries {
        let versions = || IndexCrate { versions: (0..8).map(|n| version(&format!("0.0.{n}"), 1_800 - n)).collect() };
        let Ok(known) = all.entry(entry.name.clone()).or_insert_with(|| Ok(versions())) else { continue };
        if known.version(&entry.version).is_none() {
            known
                .versions
                .push(IndexVersion { checksum: sha(&entry.name, &entry.version), ..version(&entry.version, 400) });
        }
    }
    all
}

/// A version that is so many days old.
fn version(version: &str, days: i64) -> IndexVersion {
    IndexVersion { version: version.into(), published: Some(NOW - days * DAY), ..IndexVersion::default() }
}

fn evidence(index: BTreeMap<String, Result<IndexCrate, String>>) -> Evidence {
    Evidence {
        index: Source::Got(index),
        advisories: Source::Got(Advisories::default()),
        archives: BTreeMap::new(),
        now: NOW,
    }
}

/// The index entry of a crate.
fn of<'a>(evidence: &'a mut Evidence, name: &str) -> &'a mut IndexCrate {
    let Source::Got(index) = &mut evidence.index else { panic!() };
    index.get_mut(name).unwrap().as_mut().unwrap()
}

/// Findings as `severity rule: message`.
fn told(elements: &mut [ElementReview], evidence: &Evidence) -> Vec<String> {
    let findings = judge(elements, evidence, &Settings::default());
    findings.iter().map(|f| format!("{} {}: {}", f.severity.name(), f.rule.id, f.message)).collect()
}

/// What is told of a bump with an index that agrees with it.
fn bump(before: &[Entry], after: &[Entry]) -> Vec<String> {
    told(&mut [element(before, after)], &evidence(index(&[before, after].concat())))
}

/// What is told of the archives of a bump of `a` from 1.0.0 to 1.0.1.
fn archives(before: ArchiveFacts, after: ArchiveFacts) -> Vec<String> {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let mut all = evidence(index(&[old.clone(), new.clone()]));
    all.archives.insert(("a".into(), "1.0.0".into()), Ok(before));
    all.archives.insert(("a".into(), "1.0.1".into()), Ok(after));
    told(&mut [element(&[old], &[new])], &all)
}

fn licensed() -> ArchiveFacts {
    ArchiveFacts { license: Some("MIT".into()), ..ArchiveFacts::default() }
}

#[test]
fn a_harmless_bump_has_no_findings() {
    let before =
        [registry("serde", "1.0.1"), registry("log", "0.4.1"), git("x", "0.1.0", "https://x.example/x", 'a', &[])];
    let after =
        [registry("serde", "1.0.2"), registry("log", "0.4.1"), git("x", "0.2.0", "https://x.example/x", 'b', &[])];
    assert_eq!(bump(&before, &after), [""; 0]);
    assert_eq!(archives(licensed(), licensed()), [""; 0]);
}

#[test]
fn a_near_name_with_a_build_script_in_a_patch_release_of_today_is_told_first() {
    let before = [registry("arrayref", "0.3.7"), registry("hash", "1.0.0")];
    let after = [registry("arrayref", "0.3.8"), registry("arrayreff", "0.1.0"), registry("hash", "1.0.0")];
    let mut all = evidence(index(&[before.as_slice(), &after].concat()));
    let young = IndexVersion { checksum: sha("arrayreff", "0.1.0"), ..version("0.1.0", 0) };
    *of(&mut all, "arrayreff") = IndexCrate { versions: vec![young] };
    let host = of(&mut all, "arrayref");
    host.versions.iter_mut().for_each(|v| v.yanked = v.version != "0.3.8");
    let bumped = host.versions.iter_mut().find(|v| v.version == "0.3.8").unwrap();
    bumped.published = Some(NOW - 5 * 3_600);
    bumped.dependencies =
        vec![IndexDependency { name: "arrayreff".into(), kind: DependencyKind::Build, optional: false, target: None }];
    let with_script = ArchiveFacts { build_script: true, ..licensed() };
    all.archives.insert(("arrayreff".into(), "0.1.0".into()), Ok(with_script));
    let mut elements = [element(&before, &after)];
    assert_eq!(
        told(&mut elements, &all),
        [
            "error release-young: `arrayref 0.3.8` was published 5 hours before this report, and all 9 older releases are yanked",
            "error crate-near-name: the name of the new crate `arrayreff` has a character more than `arrayref`",
            "warning crate-gained-dependencies: `arrayref 0.3.8` had no dependencies and its patch release brings some",
            "warning release-young: `arrayreff 0.1.0` was published 0 minutes before this report",
            "warning crate-young: `arrayreff 0.1.0` is a new crate, first published 0 minutes before this report",
            "warning crate-build-script: `arrayreff 0.1.0` is new, has hardly a history and runs a build script",
        ]
    );
    let high: Vec<&str> = elements[0].changes.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(high, ["arrayref", "arrayreff"]);
    assert!(elements[0].changes.iter().all(|c| c.attention == Attention::High));
}

#[test]
fn a_swapped_checksum_is_an_error_twice() {
    let before = [registry("a", "1.0.0")];
    let from = Origin::Registry { sha: "ab".repeat(32) };
    let after = [Entry { from, ..before[0].clone() }];
    assert_eq!(
        bump(&before, &after),
        [
            "error crate-checksum-swapped: `a 1.0.0` has another checksum at the same version",
            "error crate-checksum-differs: the checksum of `a 1.0.0` is not the index's"
        ]
    );
}

#[test]
fn a_checksum_that_is_not_the_indexs_is_an_error_in_a_bump_too() {
    let after = [Entry { from: Origin::Registry { sha: "ab".repeat(32) }, ..registry("a", "1.0.1") }];
    let told = bump(&[registry("a", "1.0.0")], &after);
    assert_eq!(told, ["error crate-checksum-differs: the checksum of `a 1.0.1` is not the index's"]);
}

#[test]
fn the_same_version_from_git_is_an_error() {
    let told = bump(&[registry("a", "1.0.0")], &[git("a", "1.0.0", "https://x.example/a", 'c', &[])]);
    assert_eq!(told, ["error crate-to-git: `a 1.0.0` comes from git instead of the registry at the same version"]);
    let told = bump(&[registry("a", "1.0.0")], &[git("a", "1.0.1", "https://x.example/a", 'c', &[])]);
    assert_eq!(told, ["error crate-to-git: `a 1.0.1` comes from git instead of the registry"]);
}

#[test]
fn a_commit_that_moves_below_its_tag_is_an_error_and_on_a_branch_a_notice() {
    let moved = |query: &[(&str, &str)]| {
        let side = |commit| [git("a", "1.0.0", "https://x.example/a", commit, query)];
        bump(&side('a'), &side('b'))
    };
    assert_eq!(moved(&[("tag", "v1")]), ["error crate-tag-moved: the tag `v1` of `a 1.0.0` names another commit"]);
    assert_eq!(moved(&[("rev", "v1")]), ["error crate-tag-moved: the revision `v1` of `a 1.0.0` names another commit"]);
    let notice = "notice crate-commit-moved: `a 1.0.0` moved to another commit at the same version";
    assert_eq!(moved(&[("branch", "main")]), [notice]);
    assert_eq!(moved(&[]), [notice]);
}

#[test]
fn a_moved_tag_is_told_also_where_the_version_goes_up() {
    let side = |version, commit| [git("a", version, "https://x.example/a", commit, &[("tag", "v1")])];
    let told = bump(&side("1.0.0", 'a'), &side("1.0.1", 'b'));
    assert_eq!(told, ["error crate-tag-moved: the tag `v1` of `a 1.0.1` names another commit"]);
}

#[test]
fn another_repository_is_an_error() {
    let side = |repo, commit| [git("a", "1.0.0", repo, commit, &[])];
    let told = bump(&side("https://x.example/a", 'a'), &side("https://y.example/a", 'a'));
    assert_eq!(told, ["error crate-repository-changed: `a 1.0.0` comes from another repository"]);
}

#[test]
fn the_same_crate_from_two_sources_is_an_error() {
    let held = registry("a", "1.0.0");
    let told = bump(&[held.clone()], &[held, git("a", "1.0.0", "https://x.example/a", 'a', &[])]);
    assert_eq!(told, ["error crate-two-sources: `a 1.0.0` comes from 2 sources"]);
}

#[test]
fn a_crate_that_is_known_to_do_harm_is_an_error_wherever_it_stands() {
    let advisory = Advisory {
        id: "RUSTSEC-2026-0001".into(),
        krate: "evil".into(),
        title: "steals".into(),
        malicious: true,
        ..Advisory::default()
    };
    let list = [registry("evil", "1.0.0"), registry("a", "1.0.0")];
    let error = "error crate-malicious: `evil 1.0.0` is known to do harm";
    for before in [&list[1..], &list] {
        let mut all = evidence(index(&list));
        all.advisories = Source::Got(Advisories { list: vec![advisory.clone()] });
        assert_eq!(told(&mut [element(before, &list)], &all), [error]);
    }
}

#[test]
fn advisories_weigh_by_what_the_bump_does() {
    let advisory = |patched: &str, informational: Option<&str>| Advisory {
        id: "RUSTSEC-2026-0002".into(),
        krate: "a".into(),
        patched: vec![patched.into()],
        unaffected: vec!["<1.0.1".into()],
        informational: informational.map(Into::into),
        ..Advisory::default()
    };
    let told = |before: &str, after: &str, advisory: Advisory| {
        let (old, new) = (registry("a", before), registry("a", after));
        let mut all = evidence(index(&[old.clone(), new.clone()]));
        all.advisories = Source::Got(Advisories { list: vec![advisory] });
        let mut elements = [element(&[old], &[new])];
        let told = told(&mut elements, &all);
        (told.join("; "), elements[0].changes.first().map(|c| c.facts.join("; ")).unwrap_or_default())
    };
    let (finding, _) = told("1.0.0", "1.0.1", advisory(">=2", None));
    assert_eq!(finding, "error crate-vulnerable: `a 1.0.1` is affected by `RUSTSEC-2026-0002`");
    let (finding, _) = told("1.0.0", "1.0.1", advisory(">=2", Some("unmaintained")));
    assert_eq!(finding, "warning crate-vulnerable: `a 1.0.1` is affected by `RUSTSEC-2026-0002`");
    let (finding, _) = told("1.0.1", "1.0.2", advisory(">=2", None));
    assert_eq!(finding, "notice crate-vulnerable: `a 1.0.2` is still affected by `RUSTSEC-2026-0002`");
    let (finding, facts) = told("1.0.1", "1.0.2", advisory(">=1.0.2", None));
    assert_eq!((finding.as_str(), facts.contains("fixes RUSTSEC-2026-0002")), ("", true));
    let (finding, _) = told("1.0.1", "1.0.1", advisory(">=2", None));
    assert_eq!(finding, "notice crate-vulnerable: `a 1.0.1` is still affected by `RUSTSEC-2026-0002`");
}

#[test]
fn a_licence_that_is_gone_or_not_wanted_is_a_warning() {
    let gone = archives(licensed(), ArchiveFacts::default());
    assert_eq!(gone, ["warning crate-license: `a 1.0.1` names no licence any more"]);
    let other = ArchiveFacts { license: Some("GPL-3.0-only".into()), ..ArchiveFacts::default() };
    let changed = archives(licensed(), other);
    assert_eq!(changed, ["warning crate-license: `a 1.0.1` names the licence `GPL-3.0-only` instead of `MIT`"]);
}

#[test]
fn what_an_archive_newly_brings_is_told() {
    let scripted =
        |digest: &str| ArchiveFacts { build_script: true, build_script_digest: Some(digest.into()), ..licensed() };
    let script = "warning crate-build-script: `a 1.0.1` now runs a build script";
    assert_eq!(archives(licensed(), scripted("x")), [script]);
    let other = "warning crate-build-script: `a 1.0.1` has another build script in a patch release";
    assert_eq!(archives(scripted("x"), scripted("y")), [other]);
    let odd = ArchiveFacts { odd_files: vec!["lib/x.so".into()], ..licensed() };
    let files = "warning crate-odd-files: the archive of `a 1.0.1` holds files that are not source";
    assert_eq!(archives(licensed(), odd.clone()), [files]);
    assert_eq!(archives(odd.clone(), odd), [""; 0]);
    let large = ArchiveFacts { size: 5 << 20, ..licensed() };
    let grew = "notice crate-grew: `a 1.0.1` is more than ten times as large as the version before";
    assert_eq!(archives(licensed(), large), [grew]);
}

#[test]
fn what_the_index_does_not_have_is_an_error() {
    let list = [registry("a", "1.0.1")];
    let mut all = evidence(index(&list));
    of(&mut all, "a").versions.retain(|v| v.version != "1.0.1");
    let error = ["error crate-not-in-index: `a 1.0.1` is not in the registry's index"];
    assert_eq!(told(&mut [element(&[], &list)], &all), error);
    of(&mut all, "a").versions.clear();
    assert_eq!(told(&mut [element(&[], &list)], &all), error);
}

#[test]
fn what_could_not_be_asked_is_never_silent() {
    let list = [registry("a", "1.0.1"), registry("b", "1.0.0")];
    let mut all = evidence(index(&list));
    let Source::Got(index) = &mut all.index else { panic!() };
    index.insert("a".into(), Err("timed out".into()));
    index.remove("b");
    assert_eq!(
        told(&mut [element(&[], &list)], &all),
        [
            "error crate-not-verified: `a 1.0.1` is not verified: the index did not answer",
            "error crate-not-verified: `b 1.0.0` is not verified: the index was not asked about it"
        ]
    );
    for silent in [Source::NotAsked("--offline".into()), Source::Failed("no route".into())] {
        all.index = silent;
        let error = "error crate-not-verified: 2 changed crates are not verified: the registry's index was not read";
        assert_eq!(told(&mut [element(&[], &list)], &all), [error]);
    }
    all.index = Source::Got(BTreeMap::new());
    all.advisories = Source::Failed("no folder".into());
    let told = told(&mut [element(&[], &list)], &all);
    assert_eq!(
        told[0],
        "error advisories-not-read: 2 changed crates are not checked against the security advisories: no folder"
    );
}

#[test]
fn young_yanked_and_lower_versions_are_warnings() {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let mut all = evidence(index(&[old.clone(), new.clone()]));
    let own = |all: &mut Evidence, hours: i64| {
        of(all, "a").versions.last_mut().unwrap().published = Some(NOW - hours * 3_600);
    };
    let bump = || [element(&[old.clone()], &[new.clone()])];
    own(&mut all, 23);
    assert_eq!(told(&mut bump(), &all), ["warning release-young: `a 1.0.1` was published 23 hours before this report"]);
    own(&mut all, 30);
    assert_eq!(told(&mut bump(), &all), ["notice release-young: `a 1.0.1` was published 1 day before this report"]);
    own(&mut all, 72);
    assert_eq!(told(&mut bump(), &all), [""; 0]);
    of(&mut all, "a").versions.last_mut().unwrap().yanked = true;
    assert_eq!(told(&mut bump(), &all), ["warning crate-yanked: `a 1.0.1` is yanked"]);
    let down = told(&mut [element(&[new.clone()], &[old.clone()])], &all);
    assert_eq!(down, ["warning crate-downgraded: `a` goes down from `1.0.1` to `1.0.0`"]);
}

#[test]
fn a_near_name_with_a_history_is_none() {
    let told = bump(&[registry("arrayref", "0.3.7")], &[registry("arrayref", "0.3.7"), registry("arrayreff", "1.0.0")]);
    assert_eq!(told, [""; 0]);
}

#[test]
fn the_elements_own_sources_are_looked_at() {
    let pin = |url: &str, tag: &str, commit: char, track: &str| {
        let commit = commit.to_string().repeat(40);
        let pinned = format!("{tag}-0-g{commit}");
        Some(Pin { url: url.into(), pinned, commit: Some(commit), track: Some(track.into()) })
    };
    let told = |old: Option<Pin>, new: Option<Pin>| {
        let mut own = element(&[], &[]);
        own.crates = (3, 3);
        own.sources = vec![SourceMove { old, new }];
        told(&mut [own], &evidence(BTreeMap::new()))
    };
    let old = || pin("https://x.example/a", "v1", 'a', "v*");
    assert_eq!(told(old(), pin("https://x.example/a", "v2", 'b', "v*")), [""; 0]);
    assert_eq!(
        told(old(), pin("https://y.example/a", "v2", 'b', "v*")),
        ["error upstream-changed: the upstream is `https://y.example/a` instead of `https://x.example/a`"]
    );
    assert_eq!(
        told(old(), pin("https://x.example/a", "v1", 'b', "v*")),
        ["error upstream-tag-moved: the tag `v1` of `https://x.example/a` names another commit"]
    );
    assert_eq!(
        told(old(), pin("https://x.example/a", "v2", 'b', "main")),
        ["warning track-changed: `https://x.example/a` is tracked by `main` instead of `v*`"]
    );
    let file =
        |sha: &str| Some(Pin { url: "https://x.example/a.tar".into(), pinned: sha.into(), commit: None, track: None });
    assert_eq!(
        told(file("aa"), file("bb")),
        ["error upstream-swapped: the file at `https://x.example/a.tar` was replaced: same URL, another sha256"]
    );
}

#[test]
fn texts_from_outside_are_escaped_and_bounded() {
    let name = format!("a`\n@user{}", "x".repeat(100_000));
    let told = bump(&[], &[registry(&name, "1.0.0")]);
    assert!(told.iter().all(|line| line.len() < 500 && !line.contains('\n')), "{told:?}");
}

#[test]
fn only_changed_crates_of_the_registry_are_looked_up() {
    let before =
        [registry("same", "1.0.0"), registry("up", "1.0.0"), registry("gone", "1.0.0"), registry("togit", "1.0.0")];
    let after = [
        registry("same", "1.0.0"),
        registry("up", "1.1.0"),
        git("togit", "1.0.0", "https://x.example/a", 'a', &[]),
        git("new", "1.0.0", "https://x.example/b", 'a', &[]),
    ];
    let needs = needs(&[element(&before, &after), element(&before, &after)]);
    assert_eq!(needs.names.iter().collect::<Vec<_>>(), ["up"]);
    let archives: Vec<String> = needs.archives.iter().map(|(n, v, _)| format!("{n} {v}")).collect();
    assert_eq!(archives, ["up 1.0.0", "up 1.1.0"]);
}

/// Names, versions and texts as nobody would write them.
fn any_entry() -> impl Strategy<Value = Entry> {
    let word =
        || prop_oneof!["\\PC{0,6}", Just("serde".to_owned()), Just("1.0.0".to_owned()), Just("1.0.1".to_owned())];
    let from = prop_oneof![
        word().prop_map(|sha| Origin::Registry { sha }),
        (word(), word(), word()).prop_map(|(commit, repo, tag)| Origin::Git {
            commit,
            repo,
            query: vec![("tag".into(), tag)]
        })
    ];
    (word(), word(), from).prop_map(|(name, version, from)| Entry { name, version, from })
}

fn any_archive() -> impl Strategy<Value = ArchiveFacts> {
    (any::<bool>(), any::<bool>(), proptest::option::of("\\PC{0,9}"), any::<u64>()).prop_map(
        |(build, mac, license, size)| ArchiveFacts {
            build_script: build,
            proc_macro: mac,
            license,
            size,
            ..ArchiveFacts::default()
        },
    )
}

proptest! {
    #[test]
    fn no_evidence_breaks_the_judgement(
        before in proptest::collection::vec(any_entry(), 0..6),
        after in proptest::collection::vec(any_entry(), 0..6),
        published in proptest::option::of(any::<i64>()),
        now in any::<i64>(),
        facts in any_archive(),
        range in "\\PC{0,6}",
    ) {
        let mut all = evidence(index(&after));
        all.now = now;
        if let Source::Got(index) = &mut all.index {
            index.values_mut().flatten().flat_map(|c| &mut c.versions).for_each(|v| v.published = published);
        }
        for entry in after.iter().chain(&before) {
            all.archives.insert((entry.name.clone(), entry.version.clone()), Ok(facts.clone()));
        }
        let list = after.iter().map(|e| Advisory { krate: e.name.clone(), patched: vec![range.clone()], ..Advisory::default() });
        all.advisories = Source::Got(Advisories { list: list.collect() });
        let mut elements = [element(&before, &after)];
        let count = elements[0].changes.len();
        let settings = Settings { licenses: vec!["MIT".into(), range.clone()] };
        let findings = judge(&mut elements, &all, &settings);
        prop_assert_eq!(elements[0].changes.len(), count);
        prop_assert!(findings.windows(2).all(|w| w[0].severity >= w[1].severity));
        prop_assert!(findings.iter().all(|f| !f.message.contains('\n') && f.notes.iter().all(|n| !n.contains('\n'))));
    }

    #[test]
    fn no_change_has_no_findings_and_needs_nothing(list in proptest::collection::vec(any_entry(), 0..6)) {
        let mut elements = [element(&list, &list)];
        prop_assert!(needs(&elements).is_empty());
        let all = Evidence {
            index: Source::Failed("gone".into()),
            advisories: Source::Failed("gone".into()),
            archives: BTreeMap::new(),
            now: NOW,
        };
        prop_assert_eq!(judge(&mut elements, &all, &Settings::default()), Vec::new());
    }

    #[test]
    fn every_changed_crate_of_the_registry_is_judged_or_told_as_not_verified(
        before in proptest::collection::vec(any_entry(), 0..6),
        after in proptest::collection::vec(any_entry(), 0..6),
    ) {
        let mut elements = [element(&before, &after)];
        let needs = needs(&elements);
        let silent = evidence(BTreeMap::new());
        let findings = judge(&mut elements, &silent, &Settings::default());
        for name in &needs.names {
            let told = findings.iter().any(|f| {
                f.rule.id == "crate-not-verified" && f.krate.as_deref() == Some(name) && f.severity == Severity::Error
            });
            prop_assert!(told, "{name}");
        }
    }
}
