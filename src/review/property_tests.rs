//! Properties of the evaluation that hold for every input.

use super::evaluate::{needs, review_changes};
use super::evidence::*;
use super::settings::Settings;
use super::testing::*;
use super::*;
use crate::cargo2::block::Origin;
use crate::finding::Severity;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn texts_from_outside_are_escaped_and_bounded() {
    let name = format!("a`\n@user{}", "x".repeat(100_000));
    let messages = bump(&[], &[registry(&name, "1.0.0")]);
    assert!(messages.iter().all(|line| line.len() < 500 && !line.contains('\n')), "{messages:?}");
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
    let archives: Vec<String> =
        needs.archives.iter().flat_map(|a| a.sides().map(move |(v, _)| format!("{} {v}", a.name))).collect();
    assert_eq!(archives, ["up 1.0.0", "up 1.1.0"]);
    assert_eq!(needs.listed.iter().collect::<Vec<_>>(), ["same", "up"]);
}

/// Names, versions and texts as nobody would write them.
fn any_entry() -> impl Strategy<Value = BlockEntry> {
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
    (word(), word(), from).prop_map(|(name, version, from)| BlockEntry { name, version, from })
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
    fn no_evidence_breaks_the_evaluation(
        before in proptest::collection::vec(any_entry(), 0..6),
        after in proptest::collection::vec(any_entry(), 0..6),
        published in proptest::option::of(any::<i64>()),
        now in any::<i64>(),
        bumped in proptest::option::of(any::<i64>()),
        facts in any_archive(),
        range in "\\PC{0,6}",
    ) {
        let mut all = evidence(index(&after));
        all.now = now;
        all.bumped = bumped;
        if let Source::Got(index) = &mut all.index {
            index.values_mut().flatten().flat_map(|c| &mut c.versions).for_each(|v| v.published = published);
        }
        for entry in after.iter().chain(&before) {
            all.archives.facts.insert((entry.name.clone(), entry.version.clone()), Ok(facts.clone()));
        }
        let list = after.iter().map(|e| Advisory { krate: e.name.clone(), patched: vec![range.clone()], ..Advisory::default() });
        all.advisories = Source::Got(Advisories { list: list.collect(), ..Advisories::default() });
        let mut elements = [element(&before, &after)];
        let count = elements[0].changes.len();
        let settings = Settings { licenses: vec!["MIT".into(), range.clone()], ..Settings::default() };
        let findings = review_changes(&mut elements, &all, &settings);
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
            archives: Archives::default(),
            publishers: Source::Got(Publishers::default()),
            now: NOW,
            bumped: None,
        };
        prop_assert_eq!(review_changes(&mut elements, &all, &Settings::default()), Vec::new());
    }

    #[test]
    fn every_changed_crate_of_the_registry_is_checked_or_reported_as_not_verified(
        before in proptest::collection::vec(any_entry(), 0..6),
        after in proptest::collection::vec(any_entry(), 0..6),
    ) {
        let mut elements = [element(&before, &after)];
        let needs = needs(&elements);
        let silent = evidence(BTreeMap::new());
        let findings = review_changes(&mut elements, &silent, &Settings::default());
        for name in &needs.names {
            let reported = findings.iter().any(|f| {
                f.rule.id == "crate-not-verified" && f.krate.as_deref() == Some(name) && f.severity == Severity::Error
            });
            prop_assert!(reported, "{name}");
        }
    }
}
