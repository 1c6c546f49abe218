//! The report of a review: what it says, in which order, within which limits, and that nothing from outside becomes more than text.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails loudly, can bless a file, and holds whole reports"
)]

mod hostile;
mod limits;
mod reader;
mod sample;

use cargo2_bot::cargo2::block::{BlockEntry, Origin};
use cargo2_bot::finding::{Finding, Rule, Severity};
use cargo2_bot::report::Status;
use cargo2_bot::review::inputs::{InputChange, InputDiff};
use cargo2_bot::review::looked::{Look, Looked};
use cargo2_bot::review::render::{
    self, COMMENT_LIMIT, Frame, Hold, annotations, check_summary, check_title, commands, comment, headline, human,
    json, summary,
};
use cargo2_bot::review::verdict::Verdict;
use cargo2_bot::review::{Attention, ChangeKind, CrateChange, PointState, Review, Semver};
use cargo2_bot::text::{Location, SourceText, Span};
use std::path::Path;

static RULE: Rule = Rule { id: "some-rule", severity: Severity::Error, means: "", remedy: "" };
static OTHER: Rule = Rule { id: "other-rule", severity: Severity::Error, means: "", remedy: "" };

#[test]
fn a_harmless_bump_is_one_line_and_folds() {
    let (review, mut frame) = sample::harmless();
    frame.hold = None;
    let text = comment(&review, &frame, COMMENT_LIMIT);
    let mut depth = 0_i32;
    let open: Vec<&str> = text
        .lines()
        .skip(1)
        .filter(|line| {
            let shown = depth == 0 && !line.is_empty() && *line != "</details>";
            depth += i32::from(line.starts_with("<details>")) - i32::from(*line == "</details>");
            shown
        })
        .collect();
    insta::assert_snapshot!(open.join("\n"), @r##"
### ✅ Routine update of `bluefin/lantern.bst`: v2.3.0 → v2.3.1
[The crate list](https://github.com/example/images/blob/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71/elements/bluefin/lantern.bst#L41) matches `Cargo.lock` at [`9e02d7ab1148`](https://redirect.github.com/example/lantern/commit/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71), which is tag `v2.3.1`; [`v2.3.0` → `v2.3.1`](https://redirect.github.com/example/lantern/compare/4b1f0c6d52a9e7783c10fe5ab64d2290c7715e3a...9e02d7ab1148c3f65d07b2e94af8136c05d9bb71) of `https://github.com/example/lantern.git`. 118 crates: 12 changed, none new, none flagged. Looked at: index, advisories, archives.
<details><summary>12 routine updates</summary>
<details><summary>Checklist: 4 of 4 verified</summary>
<details><summary>Reproduce locally</summary>
cargo2-bot · [how to read this](https://docs.example/cargo2-bot/reviewers.html) · `cargo2-bot explain RULE` explains a rule
"##);
}

#[test]
fn a_risky_bump_says_what_and_why_first() {
    let (review, frame) = sample::risky();
    insta::assert_snapshot!(comment(&review, &frame, COMMENT_LIMIT), @r##"
<!-- cargo2-bot -->
### ⛔ Do not merge yet: `smalvec`, `itoa` in `bluefin/lantern.bst` v2.3.0 → v2.3.1
[The crate list](https://github.com/example/images/blob/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71/elements/bluefin/lantern.bst#L41) matches `Cargo.lock` at [`9e02d7ab1148`](https://redirect.github.com/example/lantern/commit/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71), which is tag `v2.3.1`; [`v2.3.0` → `v2.3.1`](https://redirect.github.com/example/lantern/compare/4b1f0c6d52a9e7783c10fe5ab64d2290c7715e3a...9e02d7ab1148c3f65d07b2e94af8136c05d9bb71) of `https://github.com/example/lantern.git`. 119 crates: 14 changed, 1 new, 3 flagged. Looked at: index, advisories, archives.
**Held**: `cat`'s approval is of another content.

1. ⛔ **The new crate `smalvec` is one letter away from `smallvec`, which is in the same lock.** First version of its name, published 14 hours before the bump; it has a build script, which runs during the build; asked for by `slotmap-lite 0.4.3`, which had no dependency before. [`crate-near-name`](https://docs.example/cargo2-bot/rules/crate-near-name.html) · [crate](https://crates.example/crates/smalvec/1.0.0)
   Do: do not merge before a human has read both crates; `elements:` of the configuration takes a crate that is meant
2. ⛔ **The checksum of `itoa 1.0.15` in lock and block is not the one of the index.** Index and old block: `4a5f13b858c8…`, new block: `b1d94c02e7aa…`; the version did not move. [`crate-checksum-differs`](https://docs.example/cargo2-bot/rules/crate-checksum-differs.html) · [crate](https://crates.example/crates/itoa/1.0.15)
   Do: ask the upstream where its lock came from, and do not merge before that is known
3. **`slotmap-lite 0.4.3` is 16 hours old, and three older versions were yanked since.** Yanked: 0.4.0, 0.4.1, 0.4.2. [`crate-young`](https://docs.example/cargo2-bot/rules/crate-young.html) · [difference](https://diff.example/slotmap-lite/0.4.2/0.4.3)
   Do: wait some days, or read the difference

- Auto-merge was on and is switched off.

| crate | change | why look | used by |
| --- | --- | --- | --- |
| [`smalvec`](https://crates.example/crates/smalvec/1.0.0) | new `1.0.0` | first version, build script | `slotmap-lite` |
| [`itoa`](https://crates.example/crates/itoa/1.0.15) | `1.0.15` with another checksum: `4a5f13b858c8` → `b1d94c02e7aa` | | `serde`, `toml_edit` |
| [`slotmap-lite`](https://crates.example/crates/slotmap-lite/0.4.3) | [`0.4.2` → `0.4.3`, patch](https://diff.example/slotmap-lite/0.4.2/0.4.3) | published 2026-09-21 | `lantern` |
| [`libc`](https://crates.example/crates/libc/0.2.175) | [`0.2.172` → `0.2.175`, patch](https://diff.example/libc/0.2.172/0.2.175) | build script changed | `rustix`, `mio`, `tempfile`, and 1 more |

<details><summary>11 routine updates, 1 of them for other platforms only</summary>

- [`anstyle`](https://crates.example/crates/anstyle/1.0.11) [`1.0.10` → `1.0.11`, patch](https://diff.example/anstyle/1.0.10/1.0.11)
- [`bitflags`](https://crates.example/crates/bitflags/2.9.1) [`2.9.0` → `2.9.1`, patch](https://diff.example/bitflags/2.9.0/2.9.1)
- [`clap`](https://crates.example/crates/clap/4.6.0) [`4.5.37` → `4.6.0`, minor](https://diff.example/clap/4.5.37/4.6.0)
- [`clap_builder`](https://crates.example/crates/clap_builder/4.6.0) [`4.5.37` → `4.6.0`, minor](https://diff.example/clap_builder/4.5.37/4.6.0)
- [`log`](https://crates.example/crates/log/0.4.28) [`0.4.27` → `0.4.28`, patch](https://diff.example/log/0.4.27/0.4.28)
- [`memchr`](https://crates.example/crates/memchr/2.7.5) [`2.7.4` → `2.7.5`, patch](https://diff.example/memchr/2.7.4/2.7.5)
- [`rustix`](https://crates.example/crates/rustix/1.0.8) [`1.0.7` → `1.0.8`, patch](https://diff.example/rustix/1.0.7/1.0.8)
- [`serde`](https://crates.example/crates/serde/1.0.221) [`1.0.219` → `1.0.221`, patch](https://diff.example/serde/1.0.219/1.0.221)
- [`serde_derive`](https://crates.example/crates/serde_derive/1.0.221) [`1.0.219` → `1.0.221`, patch](https://diff.example/serde_derive/1.0.219/1.0.221)
- [`syn`](https://crates.example/crates/syn/2.0.106) [`2.0.101` → `2.0.106`, patch](https://diff.example/syn/2.0.101/2.0.106)
- [`unicode-ident`](https://crates.example/crates/unicode-ident/1.0.19) [`1.0.18` → `1.0.19`, patch](https://diff.example/unicode-ident/1.0.18/1.0.19), for other platforms only

</details>

<details><summary>Checklist: 5 of 6 verified, 1 for the reviewer</summary>

- [x] the block is generated from the lock (verified)
- [x] `--locked` is given to every build command (verified)
- [x] the element is in the `manual-merge` group (verified)
- [x] the element builds (check `build`)
- [x] no shared object is stripped of its symbols by hand (verified)
- [ ] the program was started once

</details>

<details><summary>What was looked at</summary>

- 3 paths changed, 2 harmless
- `elements/bluefin/lantern.bst`: the file of `bluefin/lantern.bst`

</details>

1 finding was there before this change: `cargo2-bot check` has it.

<details><summary>Reproduce locally</summary>

```sh
cargo2-bot review --base origin/main --head HEAD
```

</details>

cargo2-bot · [how to read this](https://docs.example/cargo2-bot/reviewers.html) · `cargo2-bot explain RULE` explains a rule · `/cargo2 recheck` · `/cargo2 regenerate`
"##);
}

#[test]
fn the_picture_of_the_readme_is_made_from_the_risky_bump() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/picture/comment.md");
    let (review, frame) = sample::risky();
    let text = comment(&review, &frame, COMMENT_LIMIT);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), text, "run with BLESS=1, and make the picture again");
}

#[test]
fn a_block_that_was_not_regenerated_comes_before_all_else() {
    let (review, frame) = sample::drifted();
    insta::assert_snapshot!(comment(&review, &frame, COMMENT_LIMIT), @r##"
<!-- cargo2-bot -->
### ⛔ The crate list of `bluefin/lantern.bst` does not match Cargo.lock
[The crate list](https://github.com/example/images/blob/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71/elements/bluefin/lantern.bst#L41) **does not match** `Cargo.lock` at [`9e02d7ab1148`](https://redirect.github.com/example/lantern/commit/9e02d7ab1148c3f65d07b2e94af8136c05d9bb71), which is tag `v2.3.1`; [`v2.3.0` → `v2.3.1`](https://redirect.github.com/example/lantern/compare/4b1f0c6d52a9e7783c10fe5ab64d2290c7715e3a...9e02d7ab1148c3f65d07b2e94af8136c05d9bb71) of `https://github.com/example/lantern.git`. 118 crates: 2 changed, none new, none flagged. Looked at: index, advisories, archives.
**Held** until someone with write access, other than the author, approves this pull request, or comments `/cargo2 approve 6f1d6f1d6f1d6f1d6f1d6f1d6f1d6f1d`.

1. ⛔ **The crate list does not match Cargo.lock: 1 moved, 1 missing.** `~` syn 2.0.101 → 2.0.106; `+` unicode-ident 1.0.19. [`block-drift`](https://docs.example/cargo2-bot/rules/block-drift.html)
   Do: run `cargo2-bot regenerate bluefin/lantern.bst`

- The branch belongs to a fork, so the bot could not update the block: run `cargo2-bot regenerate`.

<details><summary>2 routine updates</summary>

- [`anstyle`](https://crates.example/crates/anstyle/1.0.11) [`1.0.10` → `1.0.11`, patch](https://diff.example/anstyle/1.0.10/1.0.11)
- [`bitflags`](https://crates.example/crates/bitflags/2.9.1) [`2.9.0` → `2.9.1`, patch](https://diff.example/bitflags/2.9.0/2.9.1)

</details>

<details><summary>Patch: <code>bluefin/lantern.bst</code></summary>

```diff
--- a/x
+++ b/x
@@ -1 +1 @@
-  version: 2.0.101
+  version: 2.0.106
```

</details>

Checklist: 3 of 4 verified, 1 not met

- [ ] ❌ **not met**: the block is generated from the lock (1 moved, 1 missing)
- [x] `--locked` is given to every build command (verified)
- [x] the element is in the `manual-merge` group (verified)
- [x] the element builds (check `build`)

<details><summary>What was looked at, and 1 point not</summary>

- not looked at: ages: the index has no times

</details>

<details><summary>Reproduce locally</summary>

```sh
cargo2-bot review --base origin/main --head HEAD
```

</details>

cargo2-bot · [how to read this](https://docs.example/cargo2-bot/reviewers.html) · `cargo2-bot explain RULE` explains a rule · `/cargo2 recheck` · `/cargo2 regenerate`
"##);
}

#[test]
fn the_terminal_gets_the_same_words() {
    let (review, _) = sample::risky();
    insta::assert_snapshot!(human(&review, false), @r##"
Do not merge yet: `smalvec`, `itoa` in `bluefin/lantern.bst` v2.3.0 → v2.3.1

  error: the new crate `smalvec` is one letter away from `smallvec`, which is in the same lock [crate-near-name]
  error: the checksum of `itoa 1.0.15` in lock and block is not the one of the index [crate-checksum-differs]
  warning: `slotmap-lite 0.4.3` is 16 hours old, and three older versions were yanked since [crate-young]

error[crate-near-name]: the new crate `smalvec` is one letter away from `smallvec`, which is in the same lock
   --> elements/bluefin/lantern.bst:612:3
    |
612 | - kind: cargo2
    |   ^^^^
    |
    = note: first version of its name, published 14 hours before the bump
    = note: it has a build script, which runs during the build
    = note: asked for by `slotmap-lite 0.4.3`, which had no dependency before
    = help: do not merge before a human has read both crates; `elements:` of the configuration takes a crate that is meant

error[crate-checksum-differs]: the checksum of `itoa 1.0.15` in lock and block is not the one of the index
   --> elements/bluefin/lantern.bst:388:3
    |
388 | - kind: cargo2
    |   ^^^^
    |
    = note: index and old block: `4a5f13b858c8…`, new block: `b1d94c02e7aa…`; the version did not move
    = help: ask the upstream where its lock came from, and do not merge before that is known

warning[crate-young]: `slotmap-lite 0.4.3` is 16 hours old, and three older versions were yanked since
   --> elements/bluefin/lantern.bst:604:3
    |
604 | - kind: cargo2
    |   ^^^^
    |
    = note: yanked: 0.4.0, 0.4.1, 0.4.2
    = help: wait some days, or read the difference

bluefin/lantern.bst matches Cargo.lock; 118 → 119 crates: 14 crates moved, 1 added
  source https://github.com/example/lantern.git: v2.3.0-0-g4b1f0c6d52a9 → v2.3.1-0-g9e02d7ab1148
  ! smalvec new 1.0.0 — first version, build script (through slotmap-lite)
  ! slotmap-lite 0.4.2 → 0.4.3, patch — published 2026-09-21 (through lantern)
  ! itoa 1.0.15 with another checksum: 4a5f13b858c8 → b1d94c02e7aa (through serde, toml_edit)
  ? libc 0.2.172 → 0.2.175, patch — build script changed (through rustix, mio, tempfile, and 1 more)
    anstyle 1.0.10 → 1.0.11, patch
    bitflags 2.9.0 → 2.9.1, patch
    clap 4.5.37 → 4.6.0, minor
    clap_builder 4.5.37 → 4.6.0, minor
    log 0.4.27 → 0.4.28, patch
    memchr 2.7.4 → 2.7.5, patch
    rustix 1.0.7 → 1.0.8, patch
    serde 1.0.219 → 1.0.221, patch
    serde_derive 1.0.219 → 1.0.221, patch
    syn 2.0.101 → 2.0.106, patch
    unicode-ident 1.0.18 → 1.0.19, patch — other platforms only

checklist:
  [x] the block is generated from the lock (verified)
  [x] `--locked` is given to every build command (verified)
  [x] the element is in the `manual-merge` group (verified)
  [x] the element builds (check `build`)
  [x] no shared object is stripped of its symbols by hand (verified)
  [ ] the program was started once

reproduce locally:
  cargo2-bot review --base origin/main --head HEAD

1 finding was there before this change: `cargo2-bot check` has it.
"##);
    let (_, escape) = human(&review, true).split_once('\x1b').map(|(a, b)| (a.len(), b.to_owned())).unwrap();
    assert!(escape.starts_with("[1m"));
    assert!(!human(&review, false).contains('\x1b'));
}

#[test]
fn the_headline_is_one_line_with_one_of_four_verdicts() {
    let with = |change: &dyn Fn(&mut Review)| {
        let (mut review, _) = sample::harmless();
        change(&mut review);
        let frame = Frame::default();
        format!("{} {}", render::verdict(&review, &frame).sign(), headline(&review, &frame))
    };
    assert_eq!(with(&|_| {}), "✅ Routine update of `bluefin/lantern.bst`: v2.3.0 → v2.3.1");
    let still = |r: &mut Review| r.elements[0].sources.clear();
    assert_eq!(with(&still), "✅ Routine update of `bluefin/lantern.bst`: 12 crates updated or removed");
    assert_eq!(with(&|r| r.elements.clear()), "✅ No Rust element is changed");
    assert_eq!(
        with(&|r| r.elements[0].status = Status::Unverified),
        "❔ Not verified: the crate list of `bluefin/lantern.bst`"
    );
    let drifted = |r: &mut Review| r.elements[0].status = Status::Drifted;
    assert_eq!(with(&drifted), "⛔ The crate list of `bluefin/lantern.bst` does not match Cargo.lock");
    let wrong = |r: &mut Review| {
        r.elements.push(r.elements[0].clone());
        r.findings = ["a", "b", "c", "d", "e", "a"].map(|n| Finding::new(&RULE, "x").about(n)).to_vec();
    };
    assert_eq!(with(&wrong), "⛔ Do not merge yet: `a`, `b`, `c`, and 2 more in 2 Rust elements");
    let reasons = Frame { reasons: vec!["`w.yml` can merge pull requests".into()], ..Frame::default() };
    assert_eq!(headline(&Review::default(), &reasons), "`w.yml` can merge pull requests");
    assert_eq!(render::verdict(&Review::default(), &reasons).sign(), "👀");
}

#[test]
fn the_page_for_reviewers_explains_each_verdict() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reviewers.md");
    let page = std::fs::read_to_string(path).unwrap();
    for (verdict, word) in [
        (Verdict::Routine, "**Routine**"),
        (Verdict::Look, "**Look**"),
        (Verdict::NotVerified, "**Not verified**"),
        (Verdict::Alarm, "**Alarm**"),
    ] {
        assert!(page.contains(&format!("| {} | {word}: ", verdict.sign())), "{word}");
    }
    let (review, frame) = sample::risky();
    let items = comment(&review, &frame, COMMENT_LIMIT);
    assert!(page.contains("At most six") && page.contains("## Besides the crate list") && items.contains("   Do: "));
}

#[test]
fn routine_is_said_only_of_what_was_looked_at() {
    let sign = |change: &dyn Fn(&mut Review)| {
        let (mut review, _) = sample::harmless();
        change(&mut review);
        render::verdict(&review, &Frame::default()).sign()
    };
    assert_eq!(sign(&|r| r.looked.index = Look::NotRequested("offline".into())), "❔");
    assert_eq!(sign(&|r| r.looked.advisories = Look::Failed("damaged".into())), "❔");
    assert_eq!(sign(&|r| r.looked = Looked::default()), "❔");
    assert_eq!(sign(&|r| r.elements[0].status = Status::Exempt), "👀");
    assert_eq!(sign(&|r| r.elements[0].changes[0].attention = Attention::Medium), "👀");
    assert_eq!(sign(&|r| r.elements[0].sources[0].old = None), "👀");
    let track = |r: &mut Review| r.elements[0].sources[0].new.as_mut().unwrap().track = Some("x".into());
    assert_eq!(sign(&track), "👀");
    let diff = || InputDiff::Lines { lines: vec!["+bash ./post.sh".into()], added: 1, removed: 0 };
    let input = |r: &mut Review| {
        r.inputs = vec![InputChange { path: "a.bst".into(), elements: Vec::new(), diff: diff() }];
    };
    assert_eq!(sign(&input), "👀");
}

#[test]
fn a_changed_command_comes_before_the_crates() {
    let (mut review, frame) = sample::harmless();
    let lines: Vec<String> =
        [" build-commands:", "-- cargo build", "+- cargo build --features oci", "+- bash ./post.sh"]
            .map(Into::into)
            .to_vec();
    let diff = InputDiff::Lines { lines, added: 2, removed: 1 };
    let path = "elements/bluefin/lantern.bst".to_owned();
    review.inputs = vec![InputChange { path, elements: vec!["bluefin/lantern.bst".into()], diff }];
    let text = comment(&review, &frame, COMMENT_LIMIT);
    assert!(text.contains("\n#### Besides the crate list\n"), "{text}");
    assert!(text.find("+- bash ./post.sh").unwrap() < text.find("routine updates").unwrap(), "{text}");
    assert!(check_summary(&review, &frame, 65_000).contains("+- bash ./post.sh"));
    let long = InputDiff::Lines { lines: vec!["+x".into(); 31], added: 31, removed: 0 };
    review.inputs[0].diff = long;
    let text = comment(&review, &frame, COMMENT_LIMIT);
    assert!(text.contains("**+31 −0 lines**") && !text.contains("\n+x"), "{text}");
}

#[test]
fn a_flood_of_one_kind_hides_no_other() {
    let (mut review, frame) = sample::harmless();
    let one =
        |n: usize| Finding::new(&RULE, "not verified").about(&format!("crate-{n}")).because_of("the index is down");
    review.findings = (0..500).map(one).collect();
    review.findings.push(Finding::new(&OTHER, "the checksum of `x` is another").about("x"));
    let text = comment(&review, &frame, COMMENT_LIMIT);
    let head: Vec<&str> = text.lines().take(10).collect();
    assert!(head.iter().any(|line| line.contains("so are 499 more crates")), "{head:#?}");
    assert!(head.iter().any(|line| line.contains("he checksum of `x` is another")), "{head:#?}");
}

#[test]
fn six_items_are_shown_and_the_others_counted() {
    let (mut review, frame) = sample::harmless();
    review.findings = (0..8).map(|n| Finding::new(&RULE, format!("fact {n}")).note("because").help("do")).collect();
    let text = comment(&review, &frame, COMMENT_LIMIT);
    for n in 0..6 {
        assert!(text.contains(&format!("{}. ⛔ **Fact {n}.** Because. [`some-rule`]", n + 1)), "{text}");
    }
    assert!(text.contains("\n2 more points below: `some-rule`.\n") && text.contains("fact 7"), "{text}");
}

#[test]
fn crates_of_one_repository_are_one_row() {
    let (mut review, frame) = sample::harmless();
    let git = |name: &str, commit: char| BlockEntry {
        name: name.into(),
        version: "0.7.0".into(),
        from: Origin::Git {
            repo: "https://github.com/o/compose.git".into(),
            commit: commit.to_string().repeat(40),
            query: Vec::new(),
        },
    };
    for name in ["a", "b", "c"] {
        let (before, after) = (Some(git(name, 'a')), Some(git(name, 'b')));
        let change = sample::up(name, "0.7.0", "0.7.0", Semver::Other);
        review.elements[0].changes.push(CrateChange {
            kind: ChangeKind::Commit,
            attention: Attention::Medium,
            before,
            after,
            ..change
        });
    }
    let text = comment(&review, &frame, COMMENT_LIMIT);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| [`compose`]")).collect();
    assert!(rows.len() == 1 && rows[0].contains("(3 crates)"), "{text}");
    assert!(
        text.starts_with("<!-- cargo2-bot -->\n### 👀 `bluefin/lantern.bst` v2.3.0 → v2.3.1: 1 git repository moved\n"),
        "{text}"
    );
}

#[test]
fn errors_come_before_warnings() {
    let (mut review, frame) = sample::harmless();
    let mut warning = Finding::new(&RULE, "less");
    warning.severity = Severity::Warning;
    review.findings = vec![warning, Finding::new(&RULE, "more")];
    let text = comment(&review, &frame, COMMENT_LIMIT);
    assert!(text.find("⛔ **More.**").unwrap() < text.find("2. **Less.**").unwrap(), "{text}");
}

#[test]
fn the_hold_is_said_below_the_verdict() {
    let (review, mut frame) = sample::risky();
    for (hold, line) in [
        (Hold::Held { why: "no approval of `abc` yet".into(), approve: None }, "**Held**: no approval of `abc` yet."),
        (Hold::Released { by: vec!["ann".into(), "bob".into()] }, "**Released**: `ann`, `bob` approved this content."),
        (Hold::NotNeeded, "**Not held**: nothing here needs a human."),
    ] {
        frame.hold = Some(hold);
        assert_eq!(comment(&review, &frame, COMMENT_LIMIT).lines().nth(3), Some(line));
    }
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    let render = || {
        let (review, frame) = sample::risky();
        (comment(&review, &frame, COMMENT_LIMIT), human(&review, true), json(&review).to_string())
    };
    assert_eq!(render(), render());
}

#[test]
fn a_summary_has_a_line_for_each_pull_request_and_its_items() {
    let (a, b) = (sample::harmless(), sample::drifted());
    let text = summary(&[("#12 bump".into(), &a.0, &a.1), ("second".into(), &b.0, &b.1)], render::SUMMARY_LIMIT);
    assert!(
        text.starts_with(
            "- **`#12` bump**: ✅ Routine update of `bluefin/lantern.bst`: v2.3.0 → v2.3.1\n- **second**: ⛔"
        ),
        "{text}"
    );
    assert!(text.contains("\n  1. ⛔ **The crate list does not match"), "{text}");
}

#[test]
fn the_schema_in_the_docs_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.schema.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, render::schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), render::schema(), "run with BLESS=1");
}

#[test]
fn the_json_report_is_complete() {
    let (review, _) = sample::risky();
    let document = json(&review);
    let element = &document["elements"][0];
    assert_eq!(element["changes"].as_array().unwrap().len(), 15);
    assert_eq!(element["changes"][1]["kind"], "up");
    assert_eq!(element["changes"][1]["class"], "patch");
    assert_eq!(element["sources"][0]["new"]["track"], "v*");
    assert_eq!(document["findings"].as_array().unwrap().len(), 3);
    assert_eq!(document["checklist"][5]["state"], "open");
    let schema: serde_json::Value = serde_json::from_str(&render::schema()).unwrap();
    for key in schema["required"].as_array().unwrap() {
        assert!(document.get(key.as_str().unwrap()).is_some(), "{key}");
    }
}

/// A finding with a place, and one that is about a whole file.
fn placed() -> Vec<Finding> {
    let file = SourceText::new("elements/a.bst", "x\ny\n");
    let mut notice = Finding::new(&RULE, "whole\u{202e}").at(Location::file("project.conf"));
    notice.severity = Severity::Notice;
    let error =
        Finding::new(&RULE, "bad").at(file.locate(Span::new(2, 3))).of("a.bst").about("serde").note("n").help("h");
    vec![notice, Finding::new(&RULE, "nowhere"), error]
}

#[test]
fn annotations_stand_below_the_root_of_the_repository() {
    let all = annotations(&placed(), "images/dakota");
    let shown: Vec<(&str, usize, &str, &str, &str)> =
        all.iter().map(|a| (&*a.path, a.line, a.level.as_str(), &*a.title, &*a.message)).collect();
    assert_eq!(
        shown,
        [
            ("images/dakota/elements/a.bst", 2, "failure", "some-rule: serde", "a.bst: bad\nn\nh"),
            ("images/dakota/project.conf", 1, "notice", "some-rule", "whole\\u{202e}"),
        ]
    );
    let huge = Finding::new(&RULE, "ä".repeat(100_000)).at(Location::file("x"));
    assert!(annotations(&[huge], "")[0].message.len() <= 64 * 1024);
}

#[test]
fn the_runner_gets_ten_commands_of_a_level_at_most() {
    let mut findings = placed();
    findings.extend((0..30).map(|n| Finding::new(&RULE, format!("e{n}"))));
    let text = commands(&findings, "sub");
    assert_eq!(text.lines().filter(|l| l.starts_with("::error ")).count(), 10);
    assert_eq!(text.lines().filter(|l| l.starts_with("::notice ")).count(), 1);
    assert!(text.contains("::23 more of this level: the step summary has them"), "{text}");
    assert!(
        text.contains("::error file=sub/elements/a.bst,line=2,col=1,title=some-rule::a.bst: bad%0An%0Ah"),
        "{text}"
    );
}

#[test]
fn a_point_that_is_not_met_is_not_folded() {
    let (mut review, frame) = sample::harmless();
    assert!(comment(&review, &frame, COMMENT_LIMIT).contains("<summary>Checklist: 4 of 4 verified</summary>"));
    review.checklist[1].state = PointState::No;
    let text = comment(&review, &frame, COMMENT_LIMIT);
    assert!(text.contains("\nChecklist: 3 of 4 verified, 1 not met\n\n- [x] the block"), "{text}");
    assert!(text.contains("- [ ] ❌ **not met**: `--locked` is given"), "{text}");
}

#[test]
fn a_title_is_short_and_plain() {
    let wide = "x".repeat(200);
    let findings = (0..9).map(|n| Finding::new(&RULE, "x").about(&format!("{n}\u{202e}{wide}"))).collect();
    let review = Review { findings, ..Review::default() };
    let title = check_title(&review);
    assert!(
        title.chars().count() <= 140
            && title.starts_with("Do not merge yet: ")
            && title.is_ascii() | title.contains('…')
    );
    assert!(!title.contains('\u{202e}'));
    assert_eq!(comment(&review, &Frame::default(), 0), "<!-- cargo2-bot -->\n");
}
