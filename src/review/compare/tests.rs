use super::*;
use proptest::prelude::*;

/// Entries as `"name version sha"`, or `"name version repo#commit?query"`, with `, ` between them.
fn entries(text: &str) -> Vec<BlockEntry> {
    let entry = |words: &str| {
        let [name, version, from] = words.split(' ').collect::<Vec<_>>()[..] else { panic!("three words") };
        let from = match from.split_once('#') {
            None => Origin::Registry { sha: from.into() },
            Some((repo, rest)) => {
                let (commit, query) = rest.split_once('?').unwrap_or((rest, ""));
                let query = query.split_once('=').map(|(k, v)| (k.into(), v.into())).into_iter().collect();
                Origin::Git { commit: commit.into(), repo: repo.into(), query }
            }
        };
        BlockEntry { name: name.into(), version: version.into(), from }
    };
    text.split(", ").filter(|t| !t.is_empty()).map(entry).collect()
}

/// Changes as `name before>after Kind`.
fn shown(before: &str, after: &str) -> String {
    let version = |e: &Option<BlockEntry>| e.as_ref().map_or("-".to_owned(), |e| e.version.clone());
    let show = |c: &CrateChange| format!("{} {}>{} {:?}", c.name, version(&c.before), version(&c.after), c.kind);
    compare(&entries(before), &entries(after)).iter().map(show).collect::<Vec<_>>().join("; ")
}

#[test]
fn equal_lists_have_no_changes_in_whatever_order() {
    assert_eq!(shown("a 1.0.0 x, b 1.0.0 y", "b 1.0.0 y, a 1.0.0 x"), "");
}

#[test]
fn each_way_to_differ_has_its_kind() {
    for (before, after, expected) in [
        ("", "a 1.0.0 x", "a ->1.0.0 Added"),
        ("a 1.0.0 x", "", "a 1.0.0>- Removed"),
        ("a 1.0.0 x", "a 1.0.1 y", "a 1.0.0>1.0.1 Up(Patch)"),
        ("a 0.2.0 x", "a 0.3.0 y", "a 0.2.0>0.3.0 Up(Major)"),
        ("a 1.0.1 x", "a 1.0.0 y", "a 1.0.1>1.0.0 Down(Patch)"),
        ("a 1.0.0 x", "a 1.0.0 y", "a 1.0.0>1.0.0 Checksum"),
        ("a 1.0.0 x", "a 1.0.0 r#c", "a 1.0.0>1.0.0 ToGit"),
        ("a 1.0.0 x", "a 1.1.0 r#c", "a 1.0.0>1.1.0 ToGit"),
        ("a 1.0.0 r#c", "a 1.0.0 x", "a 1.0.0>1.0.0 ToRegistry"),
        ("a 1.0.0 r#c", "a 1.0.0 r#d", "a 1.0.0>1.0.0 Commit"),
        ("a 1.0.0 r#c", "a 1.1.0 r#d", "a 1.0.0>1.1.0 Up(Minor)"),
        ("a 1.0.0 r#c", "a 1.1.0 s#d", "a 1.0.0>1.1.0 Repository"),
        ("a 1.0.0 r#c?tag=v1", "a 1.0.0 r#d?tag=v2", "a 1.0.0>1.0.0 Query"),
    ] {
        assert_eq!(shown(before, after), expected);
    }
}

#[test]
fn of_several_versions_the_nearest_are_pairs() {
    assert_eq!(shown("s 1.0.9 x, s 2.0.1 y", "s 2.0.5 z"), "s 1.0.9>- Removed; s 2.0.1>2.0.5 Up(Patch)");
    assert_eq!(shown("s 1.0.0 x", "s 1.0.0 x, s 2.0.0 y"), "s ->2.0.0 Added");
    assert_eq!(
        shown("s 1.0.0 x, s 2.0.0 y", "s 2.1.0 z, s 3.0.0 w"),
        "s 2.0.0>2.1.0 Up(Minor); s 1.0.0>3.0.0 Up(Major)"
    );
    assert_eq!(shown("s 1.0.0 x, s 2.0.0 y", "s 1.0.0 q, s 2.0.0 y"), "s 1.0.0>1.0.0 Checksum");
    assert_eq!(
        shown("s 0.48.0 x, s 0.61.2 y", "s 0.52.0 z, s 0.60.2 w"),
        "s 0.48.0>0.52.0 Up(Major); s ->0.60.2 Added; s 0.61.2>- Removed"
    );
    assert_eq!(shown("s 1.0.0 x", "s 1.0.0 x, s 1.0.0 r#c"), "s ->1.0.0 Added");
}

#[test]
fn what_has_no_partner_in_its_range_never_goes_down() {
    for (before, after, expected) in [
        // One range goes, another comes.
        ("s 1.0.1 x, s 0.8.5 y", "s 1.0.2 z, s 0.9.1 w", "s 0.8.5>0.9.1 Up(Major); s 1.0.1>1.0.2 Up(Patch)"),
        ("s 2.0.1 x, s 1.4.0 y", "s 1.4.0 y, s 0.9.0 z", "s ->0.9.0 Added; s 2.0.1>- Removed"),
        ("s 2.0.1 x", "s 1.4.0 y, s 0.9.0 z", "s ->0.9.0 Added; s ->1.4.0 Added; s 2.0.1>- Removed"),
        ("s 0.61.2 x, s 0.60.2 y", "s 0.59.0 z", "s ->0.59.0 Added; s 0.60.2>- Removed; s 0.61.2>- Removed"),
        // In its own range it does, beside whatever else.
        ("s 1.0.1 x, s 0.8.5 y", "s 1.0.0 z, s 0.9.1 w", "s 0.8.5>0.9.1 Up(Major); s 1.0.1>1.0.0 Down(Patch)"),
        ("s 0.8.5 x, s 0.9.0 y", "s 0.8.4 z", "s 0.8.5>0.8.4 Down(Patch); s 0.9.0>- Removed"),
        // Where it comes from counts whatever the versions.
        ("s 2.0.0 x, s 1.0.0 y", "s 1.0.0 y, s 0.9.0 r#c", "s 2.0.0>0.9.0 ToGit"),
        ("s 2.0.0 q#c, s 1.0.0 y", "s 1.0.0 y, s 0.9.0 r#d", "s 2.0.0>0.9.0 Repository"),
        ("s 2.0.0 r#c, s 1.0.0 y", "s 1.0.0 y, s 0.9.0 r#d", "s ->0.9.0 Added; s 2.0.0>- Removed"),
        // The only version on both sides.
        ("s 2.0.0 x", "s 1.0.0 y", "s 2.0.0>1.0.0 Down(Major)"),
        ("s 0.2.0 r#c", "s 0.1.0 r#d", "s 0.2.0>0.1.0 Down(Major)"),
    ] {
        assert_eq!(shown(before, after), expected, "{before} > {after}");
    }
}

#[test]
fn an_entry_that_is_listed_twice_is_lost_on_neither_side() {
    assert_eq!(shown("a 1.0.0 x, a 1.0.0 x", "a 1.0.0 x"), "a 1.0.0>- Removed");
}

#[test]
fn a_name_with_thousands_of_versions_ends_in_time() {
    let many = |patch: &str| -> Vec<BlockEntry> {
        entries(&(0..20_000).map(|i| format!("a {i}.0.{patch} x")).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(compare(&many("1"), &many("2")).len(), 20_000);
}

fn any_entries() -> impl Strategy<Value = Vec<BlockEntry>> {
    let version = prop_oneof![Just("1.0.0"), Just("1.0.1"), Just("2.0.0"), Just("0.1.0-rc.1"), Just("x"), Just("")];
    let from = prop_oneof![
        "[xy]".prop_map(|sha| Origin::Registry { sha }),
        ("[rs]", "[cd]", any::<bool>()).prop_map(|(repo, commit, tag)| {
            let query = if tag { vec![("tag".to_owned(), "v1".to_owned())] } else { Vec::new() };
            Origin::Git { commit, repo, query }
        })
    ];
    let entry =
        ("[ab]", version, from).prop_map(|(name, version, from)| BlockEntry { name, version: version.into(), from });
    proptest::collection::vec(entry, 0..12)
}

/// Counts how much more often each entry is in a list than in another.
fn surplus<'a>(list: &'a [BlockEntry], other: &[BlockEntry]) -> HashMap<&'a BlockEntry, usize> {
    let count = |list: &[BlockEntry], e: &BlockEntry| list.iter().filter(|o| *o == e).count();
    let all = list.iter().map(|e| (e, count(list, e).saturating_sub(count(other, e))));
    all.filter(|(_, n)| *n > 0).collect()
}

proptest! {
    #[test]
    fn every_entry_that_differs_is_in_exactly_one_change(before in any_entries(), after in any_entries()) {
        let changes = compare(&before, &after);
        let side = |pick: fn(&CrateChange) -> Option<&BlockEntry>| {
            let mut counts: HashMap<&BlockEntry, usize> = HashMap::new();
            for entry in changes.iter().filter_map(pick) {
                *counts.entry(entry).or_default() += 1;
            }
            counts
        };
        prop_assert_eq!(side(|c| c.before.as_ref()), surplus(&before, &after));
        prop_assert_eq!(side(|c| c.after.as_ref()), surplus(&after, &before));
        for change in &changes {
            prop_assert!(change.before.is_some() || change.after.is_some());
            prop_assert_ne!(&change.before, &change.after);
        }
    }

    #[test]
    fn only_a_compatible_version_or_the_only_one_goes_down(before in any_entries(), after in any_entries()) {
        for change in compare(&before, &after) {
            let (ChangeKind::Down(_), Some(old), Some(new)) = (change.kind, &change.before, &change.after) else { continue };
            let single = |list: &[BlockEntry]| list.iter().filter(|e| e.name == old.name).count() == 1;
            prop_assert!(order(&old.version, &new.version).is_gt());
            prop_assert!(range(&old.version) == range(&new.version) || (single(&before) && single(&after)));
        }
    }

    #[test]
    fn the_same_list_has_no_changes(list in any_entries()) {
        let mut other = list.clone();
        other.reverse();
        prop_assert_eq!(compare(&list, &other), Vec::new());
    }

    #[test]
    fn the_order_of_the_lists_says_nothing(before in any_entries(), after in any_entries()) {
        let changes = compare(&before, &after);
        let (mut b, mut a) = (before, after);
        b.reverse();
        a.reverse();
        prop_assert_eq!(compare(&b, &a), changes);
    }
}
