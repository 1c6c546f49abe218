//! Bumps in the shape of real attacks: each must be reported, and harmless ones must not.

use super::evaluate::review_changes;
use super::evidence::*;
use super::settings::Settings;
use super::testing::*;
use super::*;
use crate::cargo2::block::Origin;
use crate::finding::read::Unreadable;
use std::collections::BTreeMap;
use std::slice::from_ref;

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
fn a_near_name_with_a_build_script_in_a_patch_release_of_today_is_reported_first() {
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
    all.archives.facts.insert(("arrayreff".into(), "0.1.0".into()), Ok(with_script));
    let mut elements = [element(&before, &after)];
    assert_eq!(
        messages(&mut elements, &all),
        [
            "error release-young: `arrayref 0.3.8` was published on 2026-09-21, less than a day ago, and all 9 older releases are yanked",
            "error crate-near-name: the name of the new crate `arrayreff` has a character more than `arrayref`",
            "warning crate-gained-dependencies: `arrayref 0.3.8` had no dependencies and its patch release brings some",
            "warning release-young: `arrayreff 0.1.0` was published on 2026-09-21, less than a day ago",
            "warning crate-young: `arrayreff 0.1.0` is a new crate, first published on 2026-09-21, less than a day ago",
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
    let after = [BlockEntry { from, ..before[0].clone() }];
    assert_eq!(
        bump(&before, &after),
        [
            "error crate-checksum-swapped: `a 1.0.0` has another checksum at the same version",
            "error crate-checksum-differs: the checksum of `a 1.0.0` differs from the one in the index"
        ]
    );
}

#[test]
fn a_checksum_that_the_index_does_not_have_is_an_error_in_a_bump_too() {
    let after = [BlockEntry { from: Origin::Registry { sha: "ab".repeat(32) }, ..registry("a", "1.0.1") }];
    let messages = bump(&[registry("a", "1.0.0")], &after);
    assert_eq!(messages, ["error crate-checksum-differs: the checksum of `a 1.0.1` differs from the one in the index"]);
}

#[test]
fn the_same_version_from_git_is_an_error() {
    let messages = bump(&[registry("a", "1.0.0")], &[git("a", "1.0.0", "https://x.example/a", 'c', &[])]);
    assert_eq!(messages, ["error crate-to-git: `a 1.0.0` comes from git instead of the registry at the same version"]);
    let messages = bump(&[registry("a", "1.0.0")], &[git("a", "1.0.1", "https://x.example/a", 'c', &[])]);
    assert_eq!(messages, ["error crate-to-git: `a 1.0.1` comes from git instead of the registry"]);
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
    assert_eq!(moved(&[("rev", "refs/pull/1/head")]), [notice]);
    assert_eq!(moved(&[]), [notice]);
}

#[test]
fn a_moved_tag_is_reported_also_where_the_version_goes_up() {
    let side = |version, commit| [git("a", version, "https://x.example/a", commit, &[("tag", "v1")])];
    let messages = bump(&side("1.0.0", 'a'), &side("1.0.1", 'b'));
    assert_eq!(messages, ["error crate-tag-moved: the tag `v1` of `a 1.0.1` names another commit"]);
}

#[test]
fn another_repository_is_an_error() {
    let side = |repo, commit| [git("a", "1.0.0", repo, commit, &[])];
    let messages = bump(&side("https://x.example/a", 'a'), &side("https://y.example/a", 'a'));
    assert_eq!(messages, ["error crate-repository-changed: `a 1.0.0` comes from another repository"]);
}

#[test]
fn crates_of_one_repository_are_reported_together() {
    let side = |repo: &str| ["a", "b", "c"].map(|name| git(name, "1.0.0", repo, 'a', &[]));
    let messages = bump(&side("https://x.example/a"), &side("https://y.example/a"));
    let once = "error crate-repository-changed: `a 1.0.0` comes from another repository, and 2 other crates with it";
    assert_eq!(messages, [once]);
}

#[test]
fn an_alias_is_the_place_that_it_names() {
    let aliases = |url: &str| [("x".to_owned(), url.to_owned())].into();
    let messages = |before: &str, after: &str, now: &str| {
        let side = |repo| [git("a", "1.0.0", repo, 'a', &[])];
        let settings =
            Settings { aliases_before: aliases("https://x.example/"), aliases: aliases(now), ..Settings::default() };
        let mut elements = [element(&side(before), &side(after))];
        let findings = review_changes(&mut elements, &evidence(BTreeMap::new()), &settings);
        findings.iter().map(|f| format!("{} {}", f.severity.name(), f.message)).collect::<Vec<_>>().join("; ")
    };
    let same = "notice `a 1.0.0` is named by another spelling of the same repository";
    assert_eq!(messages("https://x.example/a", "x:a", "https://x.example/"), same);
    assert_eq!(messages("https://x.example/a.git", "https://x.example/a", "https://x.example/"), same);
    let other = messages("https://x.example/a", "x:a", "https://y.example/");
    assert!(other.starts_with("error the alias `x` means `https://y.example/` instead of"), "{other}");
    assert!(other.ends_with("error `a 1.0.0` comes from another repository"), "{other}");
    assert!(messages("x:a", "x:a", "https://y.example/").starts_with("error the alias `x`"));
    assert_eq!(messages("x:a", "x:a", "https://x.example/"), "");
}

#[test]
fn the_same_crate_from_two_sources_is_an_error() {
    let held = registry("a", "1.0.0");
    let messages = bump(from_ref(&held), &[held.clone(), git("a", "1.0.0", "https://x.example/a", 'a', &[])]);
    assert_eq!(messages, ["error crate-two-sources: `a 1.0.0` comes from 2 sources"]);
}

#[test]
fn a_crate_that_is_known_to_do_harm_is_an_error_wherever_it_is() {
    let advisory = Advisory {
        id: "RUSTSEC-2026-0001".into(),
        krate: "evil".into(),
        title: "steals".into(),
        malicious: true,
        ..Advisory::default()
    };
    let list = [registry("evil", "1.0.0"), registry("a", "1.0.0")];
    let error = "error crate-malicious: `evil 1.0.0` is known to be malicious";
    for before in [&list[1..], &list] {
        let mut all = evidence(index(&list));
        all.advisories = Source::Got(Advisories { list: vec![advisory.clone()], ..Advisories::default() });
        assert_eq!(messages(&mut [element(before, &list)], &all), [error]);
    }
}

#[test]
fn an_advisory_counts_by_what_the_bump_does() {
    let advisory = |patched: &str, informational: Option<&str>| Advisory {
        id: "RUSTSEC-2026-0002".into(),
        krate: "a".into(),
        patched: vec![patched.into()],
        unaffected: vec!["<1.0.1".into()],
        informational: informational.map(Into::into),
        ..Advisory::default()
    };
    let messages = |before: &str, after: &str, advisory: Advisory| {
        let (old, new) = (registry("a", before), registry("a", after));
        let mut all = evidence(index(&[old.clone(), new.clone()]));
        all.advisories = Source::Got(Advisories { list: vec![advisory], ..Advisories::default() });
        let mut elements = [element(&[old], &[new])];
        let messages = messages(&mut elements, &all);
        (
            messages.join("; "),
            elements[0]
                .changes
                .first()
                .map(|c| c.facts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
                .unwrap_or_default(),
        )
    };
    let (finding, _) = messages("1.0.0", "1.0.1", advisory(">=2", None));
    assert_eq!(finding, "error crate-vulnerable: `a 1.0.1` is affected by `RUSTSEC-2026-0002`");
    let (finding, _) = messages("1.0.0", "1.0.1", advisory(">=2", Some("unmaintained")));
    assert_eq!(finding, "warning crate-vulnerable: `a 1.0.1` is affected by `RUSTSEC-2026-0002`");
    let (finding, _) = messages("1.0.1", "1.0.2", advisory(">=2", None));
    assert_eq!(finding, "notice crate-vulnerable: `a 1.0.2` is still affected by `RUSTSEC-2026-0002`");
    let (finding, facts) = messages("1.0.1", "1.0.2", advisory(">=1.0.2", None));
    assert_eq!((finding.as_str(), facts.contains("fixes RUSTSEC-2026-0002")), ("", true));
    let (finding, _) = messages("1.0.1", "1.0.1", advisory(">=2", None));
    assert_eq!(finding, "notice crate-vulnerable: `a 1.0.1` is still affected by `RUSTSEC-2026-0002`");
}

#[test]
fn a_licence_that_is_gone_or_not_wanted_is_a_warning() {
    let gone = archives(licensed(), ArchiveFacts::default());
    assert_eq!(gone, ["warning crate-license: `a 1.0.1` no longer names a licence"]);
    let other = ArchiveFacts { license: Some("GPL-3.0-only".into()), ..ArchiveFacts::default() };
    let changed = archives(licensed(), other);
    assert_eq!(changed, ["warning crate-license: `a 1.0.1` names the licence `GPL-3.0-only` instead of `MIT`"]);
}

#[test]
fn what_an_archive_newly_brings_is_reported() {
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
    let grew = "notice crate-grew: `a 1.0.1` is more than ten times as large as the version before, 5120 KiB in 0 files instead of 0 in 0";
    assert_eq!(archives(licensed(), large), [grew]);
}

#[test]
fn what_the_index_does_not_have_is_an_error() {
    let list = [registry("a", "1.0.1")];
    let mut all = evidence(index(&list));
    of(&mut all, "a").versions.retain(|v| v.version != "1.0.1");
    let error = ["error crate-not-in-index: `a 1.0.1` is not in the registry's index"];
    assert_eq!(messages(&mut [element(&[], &list)], &all), error);
    of(&mut all, "a").versions.clear();
    assert_eq!(messages(&mut [element(&[], &list)], &all), error);
}

#[test]
fn what_could_not_be_queried_is_never_silent() {
    let list = [registry("a", "1.0.1"), registry("b", "1.0.0")];
    let mut all = evidence(index(&list));
    let Source::Got(index) = &mut all.index else { panic!() };
    index.insert("a".into(), Err(Unreadable::new("timed out")));
    index.remove("b");
    assert_eq!(
        messages(&mut [element(&[], &list)], &all),
        [
            "error crate-not-verified: `a 1.0.1` is not verified: the index did not answer",
            "error crate-not-verified: `b 1.0.0` is not verified: the index was not queried for it"
        ]
    );
    for silent in [Source::NotRequested("--offline".into()), Source::Failed("no route".into())] {
        all.index = silent;
        let error = "error crate-not-verified: 2 changed crates are not verified: the registry's index was not read";
        assert_eq!(messages(&mut [element(&[], &list)], &all), [error]);
    }
    all.index = Source::Got(BTreeMap::new());
    all.advisories = Source::Failed("no folder".into());
    let messages = messages(&mut [element(&[], &list)], &all);
    assert_eq!(
        messages[0],
        "error advisories-not-read: 2 changed crates are not checked against the security advisories"
    );
}

#[test]
fn young_yanked_and_lower_versions_are_warnings() {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let mut all = evidence(index(&[old.clone(), new.clone()]));
    let own = |all: &mut Evidence, hours: i64| {
        of(all, "a").versions.last_mut().unwrap().published = Some(NOW - hours * 3_600);
    };
    let bump = || [element(from_ref(&old), from_ref(&new))];
    own(&mut all, 23);
    assert_eq!(
        messages(&mut bump(), &all),
        ["warning release-young: `a 1.0.1` was published on 2026-09-20, less than a day ago"]
    );
    own(&mut all, 30);
    assert_eq!(
        messages(&mut bump(), &all),
        ["warning release-young: `a 1.0.1` was published on 2026-09-20, a day ago"]
    );
    own(&mut all, 72);
    assert_eq!(messages(&mut bump(), &all), [""; 0]);
    of(&mut all, "a").versions.last_mut().unwrap().yanked = true;
    assert_eq!(messages(&mut bump(), &all), ["warning crate-yanked: `a 1.0.1` is yanked"]);
    let down = messages(&mut [element(from_ref(&new), from_ref(&old))], &all);
    assert_eq!(down, ["warning crate-downgraded: `a` goes down from `1.0.1` to `1.0.0`"]);
}

#[test]
fn a_near_name_with_a_history_is_none() {
    let messages =
        bump(&[registry("arrayref", "0.3.7")], &[registry("arrayref", "0.3.7"), registry("arrayreff", "1.0.0")]);
    assert_eq!(messages, [""; 0]);
}

#[test]
fn the_elements_own_sources_are_looked_at() {
    let pin = |url: &str, tag: &str, commit: char, track: &str| {
        let commit = commit.to_string().repeat(40);
        let pinned = format!("{tag}-0-g{commit}");
        Some(Pin { url: url.into(), pinned, commit: Some(commit), track: Some(track.into()), ..Pin::default() })
    };
    let messages = |old: Option<Pin>, new: Option<Pin>| {
        let mut own = element(&[], &[]);
        own.crates = (3, 3);
        own.sources = vec![SourceMove { old, new, ..SourceMove::default() }];
        messages(&mut [own], &evidence(BTreeMap::new()))
    };
    let old = || pin("https://x.example/a", "v1", 'a', "v*");
    assert_eq!(messages(old(), pin("https://x.example/a", "v2", 'b', "v*")), [""; 0]);
    assert_eq!(
        messages(old(), pin("https://y.example/a", "v2", 'b', "v*")),
        ["error upstream-changed: the upstream is `https://y.example/a` instead of `https://x.example/a`"]
    );
    assert_eq!(
        messages(old(), pin("https://x.example/a", "v1", 'b', "v*")),
        ["error upstream-tag-moved: the tag `v1` of `https://x.example/a` names another commit"]
    );
    assert_eq!(
        messages(old(), pin("https://x.example/a", "v2", 'b', "main")),
        ["warning track-changed: `https://x.example/a` is tracked by `main` instead of `v*`"]
    );
    let file = |sha: &str| Some(Pin { url: "https://x.example/a.tar".into(), pinned: sha.into(), ..Pin::default() });
    assert_eq!(
        messages(file("aa"), file("bb")),
        ["error upstream-swapped: the file at `https://x.example/a.tar` was replaced: same URL, another sha256"]
    );
    let now_git = messages(file("aa"), pin("https://x.example/a.tar", "v1", 'b', "v*"));
    assert!(now_git.iter().all(|message| !message.contains("upstream-swapped")), "{now_git:?}");
}
