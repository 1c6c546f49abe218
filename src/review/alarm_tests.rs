//! What looks like an attack and is none, each beside the nearest attack, which must still be reported.

use super::change_context::DAY;
use super::evaluate::review_changes;
use super::evidence::*;
use super::settings::Settings;
use super::testing::*;
use super::*;
use crate::config::QuietDays;
use crate::finding::read::Unreadable;
use std::slice::from_ref;

/// Findings as `severity rule: message`, one a line.
fn report(element: ElementReview, evidence: &Evidence, settings: &Settings) -> String {
    let findings = review_changes(&mut [element], evidence, settings);
    let line = |f: &Finding| format!("{} {}: {}", f.severity.name(), f.rule.id, f.message);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is said of a bump of `a` from 1.0.0 to 1.0.1 with these dependencies.
fn gained(before: &[IndexDependency], after: &[IndexDependency], list: &[BlockEntry]) -> String {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let after_list = [from_ref(&new), list].concat();
    let mut all = evidence(index(&[from_ref(&old), &after_list].concat()));
    for (version, dependencies) in [("1.0.0", before), ("1.0.1", after)] {
        let known = of(&mut all, "a").versions.iter_mut().find(|v| v.version == version).unwrap();
        known.dependencies = dependencies.to_vec();
    }
    let mut own = element(&[old, registry("known", "1.0.0")], &[after_list, vec![registry("known", "1.0.0")]].concat());
    own.changes.iter_mut().filter(|c| c.name == "feature").for_each(|c| c.brought_by = vec!["a".into()]);
    own.changes.iter_mut().filter(|c| c.name == "other").for_each(|c| c.brought_by = vec!["b".into()]);
    report(own, &all, &Settings::default())
}

fn needs(name: &str) -> IndexDependency {
    IndexDependency { name: name.into(), kind: DependencyKind::Normal, optional: false, target: None }
}

#[test]
fn dependencies_that_no_linux_build_brings_are_none() {
    let on = |target: &str| IndexDependency { target: Some(target.into()), ..needs("new") };
    let optional = |name: &str| IndexDependency { optional: true, ..needs(name) };
    let harmless = [
        on("cfg(any())"),
        on("cfg(windows)"),
        on("cfg(target_os = \"macos\")"),
        on("x86_64-pc-windows-msvc"),
        IndexDependency { kind: DependencyKind::Dev, ..needs("new") },
        optional("new"),
    ];
    for dependency in harmless {
        assert_eq!(gained(&[], from_ref(&dependency), &[]), "", "{dependency:?}");
    }
    // Optional ones that something else brings, or that could be had before.
    assert_eq!(gained(&[], &[optional("other")], &[registry("other", "1.0.0")]), "");
    assert_eq!(gained(&[optional("feature")], &[optional("feature")], &[registry("feature", "1.0.0")]), "");
    assert_eq!(gained(&[needs("known")], &[needs("known"), needs("new")], &[]), "");
    let warning = "warning crate-gained-dependencies: `a 1.0.1` had no dependencies and its patch release brings some";
    for dependency in [needs("new"), on("cfg(unix)"), on("cfg(not(windows))"), on("cfg(broken")] {
        assert_eq!(gained(&[], from_ref(&dependency), &[registry("new", "1.0.0")]), warning, "{dependency:?}");
    }
    assert_eq!(gained(&[], &[optional("feature")], &[registry("feature", "1.0.0")]), warning);
    assert_eq!(gained(&[], &[needs("known")], &[]), warning.replace("warning", "notice"));
}

#[test]
fn programs_for_tests_and_other_systems_are_quiet_unless_a_new_build_script_could_use_them() {
    let with = |files: &[&str], script: Option<&str>| ArchiveFacts {
        odd_elsewhere: files.iter().map(ToString::to_string).collect(),
        build_script: script.is_some(),
        build_script_digest: script.map(Into::into),
        ..licensed()
    };
    assert_eq!(archives(licensed(), with(&["tests/x.so", "x.dll"], None)), [""; 0]);
    assert_eq!(archives(with(&[], Some("s")), with(&["x.dll"], Some("s"))), [""; 0]);
    insta::assert_snapshot!(archives(with(&[], Some("s")), with(&["tests/x.xz"], Some("t"))).join("\n"), @r"
    warning crate-build-script: `a 1.0.1` has another build script in a patch release
    notice crate-odd-files: the archive of `a 1.0.1` holds programs for tests or other systems, and its build script is new
    ");
    let new = registry("a", "1.0.0");
    let mut all = evidence(index(from_ref(&new)));
    let odd = ArchiveFacts { odd_files: vec!["lib/x.a".into()], ..licensed() };
    all.archives.facts.insert(("a".into(), "1.0.0".into()), Ok(odd));
    let mut elsewhere = element(&[], from_ref(&new));
    let files = "warning crate-odd-files: the archive of `a 1.0.0` holds files that are not source";
    assert_eq!(report(elsewhere.clone(), &all, &Settings::default()), files);
    elsewhere.changes[0].attention = Attention::Elsewhere;
    assert_eq!(report(elsewhere, &all, &Settings::default()), "");
}

#[test]
fn a_native_library_is_news_only_where_it_was_not_claimed_before() {
    let links = |before: Option<&str>, after: &str, added: bool, young: bool| {
        let (old, new) = (registry("z-sys", "1.0.0"), registry("z-sys", "1.0.1"));
        let mut all = evidence(index(&[old.clone(), new.clone()]));
        let known = of(&mut all, "z-sys");
        if young {
            known.versions.retain(|v| v.version == "1.0.1");
            known.versions[0].published = Some(NOW - 20 * DAY);
        }
        known.versions.iter_mut().for_each(|v| v.links = before.map(Into::into));
        known.versions.last_mut().unwrap().links = Some(after.into());
        let before: &[BlockEntry] = if added { &[] } else { from_ref(&old) };
        let mut elements = [element(before, from_ref(&new))];
        review_changes(&mut elements, &all, &Settings::default());
        let change = &elements[0].changes[0];
        (change.facts.iter().any(|fact| matches!(fact, Fact::Links(_))), change.attention)
    };
    assert_eq!(links(Some("z"), "z", false, false), (false, Attention::Low));
    assert_eq!(links(Some("z"), "z", true, false), (false, Attention::Medium), "of long standing, if new here");
    assert_eq!(links(Some("z"), "z2", false, false), (true, Attention::Medium));
    assert_eq!(links(None, "z", false, false), (true, Attention::Medium));
    assert_eq!(links(None, "z", true, false), (true, Attention::Medium), "it claims it from now on");
    assert!(links(Some("z"), "z", true, true).0, "it is new itself");
}

/// What is said where the repository of a crate is named in another way.
fn renamed(old: &str, new: &str, settings: &Settings) -> String {
    let side = |repo: &str, commit| [git("a", "1.0.0", repo, commit, &[("tag", "v1")])];
    report(element(&side(old, 'a'), &side(new, 'a')), &evidence(index(&[])), settings)
}

#[test]
fn another_spelling_of_a_repository_or_a_known_mirror_is_no_other_one() {
    let settings = Settings {
        aliases_before: [("gh".to_owned(), "https://github.com/".to_owned())].into(),
        aliases: [("gh".to_owned(), "https://github.com/".to_owned())].into(),
        mirrors_before: [("gh".to_owned(), vec!["https://mirror.example/gh/".to_owned()])].into(),
        ..Settings::default()
    };
    let old = "https://github.com/o/r";
    for new in [
        "https://github.com/o/r.git",
        "https://GitHub.com/O/r/",
        "http://github.com/o/r",
        "https://me@github.com/o/r",
        "ssh://git@github.com/o/r.git",
        "git@github.com:o/r.git",
        "gh:o/r",
    ] {
        let notice = "notice crate-repository-spelling: `a 1.0.0` is named by another spelling of the same repository";
        assert_eq!(renamed(old, new, &settings), notice, "{new}");
    }
    let mirror = "https://mirror.example/gh/o/r.git";
    let notice = "notice crate-repository-spelling: `a 1.0.0` comes from a mirror that project.conf names";
    assert_eq!((renamed(old, mirror, &settings), renamed(mirror, "gh:o/r", &settings)), (notice.into(), notice.into()));
    let error = "error crate-repository-changed: `a 1.0.0` comes from another repository";
    for new in ["https://github.com/other/r", "https://mirror.example/other/o/r", "https://github.com@y.example/o/r"] {
        assert_eq!(renamed(old, new, &settings), error, "{new}");
    }
    // A mirror counts only where project.conf named it before the change.
    assert_eq!(renamed(old, mirror, &Settings { mirrors_before: [].into(), ..settings.clone() }), error);
}

#[test]
fn a_commit_does_not_move_unseen_behind_another_spelling() {
    let side = |repo: &str, commit, query: &[(&str, &str)]| [git("a", "1.0.0", repo, commit, query)];
    let moved = |query: &[(&str, &str)]| {
        let (old, new) = (side("https://x.example/a", 'a', query), side("https://x.example/a.git", 'b', query));
        bump(&old, &new).join("\n")
    };
    insta::assert_snapshot!(moved(&[("tag", "v1")]), @r"
    error crate-tag-moved: the tag `v1` of `a 1.0.0` names another commit
    notice crate-repository-spelling: `a 1.0.0` is named by another spelling of the same repository
    ");
    insta::assert_snapshot!(moved(&[]), @r"
    notice crate-repository-spelling: `a 1.0.0` is named by another spelling of the same repository
    notice crate-commit-moved: `a 1.0.0` moved to another commit at the same version
    ");
}

#[test]
fn names_that_differ_by_a_usual_part_count_only_for_crates_without_a_history() {
    let new = |name: &str, versions: usize, days: i64| {
        let list = [registry("arrayref", "0.3.7"), registry("z-zip-core", "0.1.0"), registry(name, "1.0.0")];
        let mut all = evidence(index(&list));
        let own = of(&mut all, name);
        own.versions.retain(|v| v.version == "1.0.0");
        own.versions.extend((1..versions).map(|n| version(&format!("0.9.{n}"), days)));
        own.versions.iter_mut().for_each(|v| v.published = Some(NOW - days * DAY));
        report(element(&list[..2], &list), &all, &Settings::default())
    };
    for (name, how) in [("array-ref", "looks the same as `arrayref`"), ("core-z-zip", "swaps words of `z-zip-core`")] {
        assert_eq!(new(name, 3, 200), "", "{name} has a history");
        let message = format!("warning crate-near-name: the name of the new crate `{name}` {how}");
        assert_eq!(new(name, 2, 200), message);
    }
    assert_eq!(
        new("arrayreff", 2, 200),
        "error crate-near-name: the name of the new crate `arrayreff` has a character more than `arrayref`"
    );
}

/// An element whose source moves between two tags while some crates go down and some up.
fn moved(old: &str, new: &str, down: usize, up: usize) -> String {
    let pin = |tag: &str, commit: &str| {
        let commit = commit.repeat(40);
        let (url, pinned) = ("https://x.example/up".to_owned(), format!("{tag}-0-g{commit}"));
        Some(Pin { url, pinned, commit: Some(commit), ..Pin::default() })
    };
    let side = |low: bool| -> Vec<BlockEntry> {
        let version = |low: bool| if low { "1.0.0" } else { "1.0.1" };
        let one = |(n, up): (usize, bool)| registry(&format!("c{n}"), version(low != up));
        let all = (0..down).map(|n| (n, false)).chain((down..down + up).map(|n| (n, true)));
        all.map(one).collect()
    };
    let (before, after) = (side(false), side(true));
    let mut own = element(&before, &after);
    own.sources = vec![SourceMove { old: pin(old, "a"), new: pin(new, "b"), ..SourceMove::default() }];
    report(own, &evidence(index(&[before, after].concat())), &Settings::default())
}

#[test]
fn crates_that_go_back_with_their_source_are_one_finding() {
    let reverted = "warning crate-downgraded: 41 crates go back, as `https://x.example/up` is reverted";
    assert_eq!(moved("v1.3.0", "v1.2.9", 41, 2), reverted);
    assert_eq!(moved("nightly", "stable", 41, 2), reverted, "no versions: most crates go back");
    // In an update each stays its own.
    assert_eq!(moved("v1.2.9", "v1.3.0", 3, 1).lines().count(), 3);
    assert_eq!(moved("nightly", "stable", 3, 9).lines().count(), 3);
    assert_eq!(moved("v1.3.0", "v1.2.9", 2, 0).lines().count(), 2);
}

#[test]
fn an_index_that_does_not_answer_is_one_finding_that_names_all() {
    let list: Vec<BlockEntry> = (0..40).map(|n| registry(&format!("c{n}"), "1.0.0")).collect();
    let mut all = evidence(index(&list));
    let Source::Got(answers) = &mut all.index else { panic!() };
    for (n, answer) in answers.values_mut().enumerate() {
        *answer = Err(Unreadable::new(if n == 7 { "status 500" } else { "no route" }));
    }
    let unverified = |list: &[BlockEntry]| -> Vec<Finding> {
        let findings = review_changes(&mut [element(&[], list)], &all, &Settings::default());
        findings.into_iter().filter(|f| f.rule.id == "crate-not-verified").collect()
    };
    let findings = unverified(&list);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "index unreachable: 40 crates not verified");
    let notes = findings[0].notes.join("\n");
    assert!(list.iter().all(|entry| notes.contains(&format!("`{entry}`"))), "{notes}");
    assert!(notes.contains("reason: no route") && notes.contains("reason: status 500"), "{notes}");
    assert_eq!(unverified(&list[..2]).len(), 2, "each of a few is named for itself");
}

#[test]
fn the_same_version_in_several_elements_has_one_cause() {
    let (old, new) = (registry("a", "1.0.1"), registry("a", "1.0.0"));
    let mut elements = [element(from_ref(&old), from_ref(&new)), element(from_ref(&old), from_ref(&new))];
    "other.bst".clone_into(&mut elements[1].element);
    let findings = review_changes(&mut elements, &evidence(index(&[old, new])), &Settings::default());
    assert_eq!(findings.len(), 2);
    assert!(findings[0].cause.is_some() && findings[0].cause == findings[1].cause);
    assert_ne!(findings[0].element, findings[1].element);
}

/// What is said of a release of so many hours, with the notes that say when that ends.
fn released(hours: i64, change: impl Fn(&mut Evidence, &mut Settings)) -> String {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let mut all = evidence(index(&[old.clone(), new.clone()]));
    of(&mut all, "a").versions.last_mut().unwrap().published = Some(NOW - hours * 3_600);
    let mut settings = Settings::default();
    change(&mut all, &mut settings);
    let findings = review_changes(&mut [element(&[old], &[new])], &all, &settings);
    findings.iter().map(|f| format!("{}; {}", f.message, f.notes.join("; "))).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_age_is_that_of_the_bump_and_a_quiet_time_ends() {
    insta::assert_snapshot!(released(50, |_, _| {}), @"`a 1.0.1` was published on 2026-09-19, 2 days ago; this warning ends on 2026-09-22");
    // A report that is made later says the same of the bump.
    let bumped = |all: &mut Evidence, _: &mut Settings| all.bumped = Some(NOW - 49 * 3_600);
    insta::assert_snapshot!(released(50, bumped), @"`a 1.0.1` was published on 2026-09-19, less than a day before the bump; this warning ends on 2026-09-22");
    let earlier = |all: &mut Evidence, _: &mut Settings| all.bumped = Some(NOW - 60 * 3_600);
    assert!(released(50, earlier).contains("which is after the bump;"));
    assert_eq!(released(73, bumped), "", "what the bump's date is does not make a release young again");
    assert_eq!(released(50, |all, _| all.now += 23 * 3_600), "");
    assert_eq!(released(50, |_, settings| settings.quiet.release = 2), "");
    assert!(released(100, |_, settings| settings.quiet.release = 5).ends_with("ends on 2026-09-22"));
    assert_eq!(released(1, |_, settings| settings.quiet = QuietDays { release: 0, new: 0 }), "");
}

#[test]
fn a_new_build_script_has_the_longer_quiet_time() {
    let scripts = |before: bool, after: bool| {
        move |all: &mut Evidence, _: &mut Settings| {
            for (version, build_script) in [("1.0.0", before), ("1.0.1", after)] {
                all.archives
                    .facts
                    .insert(("a".into(), version.into()), Ok(ArchiveFacts { build_script, ..licensed() }));
            }
        }
    };
    let young = |text: String| text.lines().filter(|line| line.contains("was published")).count();
    assert_eq!(young(released(100, scripts(false, true))), 1);
    assert_eq!(young(released(100, scripts(true, true))), 0);
    assert_eq!(young(released(14 * 24, scripts(false, true))), 0);
}

#[test]
fn quiet_days_do_not_hide_that_all_older_releases_are_yanked() {
    let yanked = |all: &mut Evidence, settings: &mut Settings| {
        settings.quiet = QuietDays { release: 0, new: 0 };
        of(all, "a").versions.iter_mut().for_each(|v| v.yanked = v.version != "1.0.1");
    };
    assert!(released(100, yanked).contains("all 9 older releases are yanked"));
}

#[test]
fn a_crate_of_which_only_later_versions_have_a_time_is_not_taken_for_new() {
    let new = registry("a", "1.0.0");
    let born = |first: Option<i64>| {
        let mut all = evidence(index(from_ref(&new)));
        let own = of(&mut all, "a");
        own.versions.iter_mut().for_each(|v| v.published = first);
        own.versions.last_mut().unwrap().published = Some(NOW - 5 * DAY);
        report(element(&[], from_ref(&new)), &all, &Settings::default())
    };
    assert_eq!(born(None), "");
    let young = "warning crate-young: `a 1.0.0` is a new crate, first published on 2026-09-11, 10 days ago";
    assert_eq!(born(Some(NOW - 10 * DAY)), young);
}
