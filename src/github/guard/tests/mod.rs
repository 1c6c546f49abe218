//! Verdicts on planted changes.

mod actions;
mod around;
mod rows;
mod scripts;
mod workflows;

use super::*;
use crate::finding::read::Read;
use crate::finding::rules;
use crate::github::tree::Listing;
use crate::text::SourceText;

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";
const PATH: &str = ".github/workflows/w.yml";

/// The mode of a program.
const PROGRAM: u32 = 0o100_755;

/// Files with their modes: the content is the id.
type Files<'a> = &'a [(&'a str, u32, &'a str)];

fn listing(files: Files<'_>) -> Listing {
    let item =
        |(path, mode, text): &(&str, u32, &str)| ((*path).to_owned(), Item { mode: *mode, id: (*text).to_owned() });
    Listing::new(files.iter().map(item)).unwrap()
}

/// The content of a file. `?` is not readable, `\u{0}` is not UTF-8.
fn blob(item: &Item) -> Read<Arc<[u8]>> {
    match item.id.as_str() {
        "?" => Read::unreadable("the connection was lost"),
        text if text.ends_with('\u{0}') => Read::Known(text.replace('\u{0}', "").bytes().chain([0xff]).collect()),
        text => Read::Known(text.as_bytes().into()),
    }
}

fn with(before: Files<'_>, after: Files<'_>, path: &str, rules: &GuardRules, conflict: bool) -> Verdict {
    let [before, after] = [before, after].map(listing);
    let side = |files| Side { files, projects: &[], blob: &blob };
    let [own, other] = [&before, &after].map(|files| files.get(path).cloned());
    assert_ne!(own, other, "{path} does not change");
    let change = Change { path: path.to_owned(), before: own, after: other, conflict };
    evaluate(&change, &side(&before), &side(&after), rules)
}

/// The verdict on one path of a change.
fn verdict(before: Files<'_>, after: Files<'_>, path: &str) -> Verdict {
    with(before, after, path, &GuardRules::default(), false)
}

/// The verdict on a change of one file, besides others that stay. An empty text is no file.
fn changed(others: &[(&str, &str)], path: &str, before: &str, after: &str) -> Verdict {
    let [before, after] = [before, after].map(|text| {
        let all = others.iter().copied().chain([(path, text)]).filter(|(_, text)| !text.is_empty());
        all.map(|(path, text)| (path, Item::FILE, text)).collect::<Vec<_>>()
    });
    verdict(&before, &after, path)
}

fn is_held(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Held(_))
}

fn is_harmless(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Harmless(_))
}

fn is_suspicious(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Suspicious(_))
}

fn rules(text: &str) -> GuardRules {
    let file = SourceText::new(crate::config::CONFIG, text);
    GuardRules::new(&crate::config::parse(&file, rules::CORE).unwrap())
}

#[test]
fn owners_and_configurations_hold_whatever_changes_in_them() {
    for path in
        ["CODEOWNERS", ".github/cargo2-bot.yml", "OWNERS", "renovate.json", ".github/settings.yml", ".mergify.yml"]
    {
        for (before, after) in [("a", "b"), ("", "b"), ("a", "")] {
            assert!(is_held(&changed(&[], path, before, after)), "{path}");
        }
    }
}

#[test]
fn what_is_no_script_and_is_named_nowhere_is_not_guarded() {
    for path in
        ["README.md", "docs/report.png", "elements/a.bst", "include/x.yml", "patches/a.patch", "LICENSE", ".gitignore"]
    {
        assert_eq!(changed(&[], path, "a", "git push origin main"), Verdict::NotGuarded, "{path}");
    }
}

#[test]
fn the_last_rule_of_the_configuration_that_covers_a_path_decides() {
    let rules = rules(
        "guard:\n- {path: 'scripts/**', hold: false, reason: never run}\n- {path: 'scripts/release.sh', hold: true, reason: it releases}\n- {path: docs/x.md, hold: true, reason: a contract}\n- {path: renovate.json, hold: false, reason: nothing is merged by it}\n",
    );
    let of =
        |path: &str, after: &str| with(&[(path, Item::FILE, "a")], &[(path, Item::FILE, after)], path, &rules, false);
    assert_eq!(of("scripts/a.sh", "git push"), Verdict::Harmless("the configuration says so: never run".into()));
    assert_eq!(of("scripts/release.sh", "# b"), Verdict::Held("the configuration says so: it releases".into()));
    assert!(is_held(&of("docs/x.md", "b")) && is_harmless(&of("renovate.json", "b")));
    assert!(is_suspicious(&of("other.sh", "git push")));
}

#[test]
fn the_configuration_exempts_neither_itself_nor_owners_nor_links_nor_the_bots_workflows() {
    let rules = rules("guard:\n- {path: '**', hold: false, reason: all is fine}\n");
    let of = |path: &str, before: &str, after: &str, mode: u32| {
        with(&[(path, Item::FILE, before)], &[(path, mode, after)], path, &rules, false)
    };
    for path in [".github/cargo2-bot.yml", "sub/.github/cargo2-bot.yml", "CODEOWNERS", ".github/CODEOWNERS"] {
        assert!(is_held(&of(path, "a", "b", Item::FILE)), "{path}");
    }
    for (before, after) in [("name: Cargo2", "name: x"), ("name: x", "# uses: o/cargo2-bot@v1"), ("?", "name: x")] {
        assert!(is_held(&of(PATH, before, after, Item::FILE)), "{before} {after}");
    }
    assert!(is_held(&of(PATH, "name: x", "name: y", Item::LINK)));
    assert!(is_harmless(&of(PATH, "name: x", "name: y", Item::FILE)));
    assert!(
        is_held(&of("renovate.json", "a", "b", Item::LINK)) && is_harmless(&of("renovate.json", "a", "b", Item::FILE))
    );
    assert!(is_harmless(&of("a.sh", "a", "git push", Item::FILE)));
}
