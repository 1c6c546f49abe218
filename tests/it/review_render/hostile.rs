//! Hostile texts in every field.

use super::reader::read;
use super::sample;
use cargo2_bot::cargo2::block::{BlockEntry, Origin};
use cargo2_bot::finding::{Finding, Rule, Severity};
use cargo2_bot::report::Status;
use cargo2_bot::review::fact::Fact;
use cargo2_bot::review::inputs::{InputChange, InputDiff};
use cargo2_bot::review::looked::Look;
use cargo2_bot::review::render::{
    CHECK_LIMIT, COMMENT_LIMIT, Frame, Hold, check_summary, comment, human, json, summary,
};
use cargo2_bot::review::{
    Attention, ChangeKind, CrateChange, ElementReview, Pin, Point, PointState, Review, Semver, SourceMove,
};
use cargo2_bot::text::Location;
use proptest::prelude::*;

static RULE: Rule = Rule { id: "some-rule", severity: Severity::Error, means: "", remedy: "" };

/// What attackers write.
const NASTY: &[&str] = &[
    "@octocat",
    "@org/team",
    "#123",
    "GH-12",
    "a/b#1",
    "a/b@deadbeef1234",
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "https://evil.example/x",
    "http://evil.example",
    "www.evil.example",
    "x@evil.example",
    "mailto:x@evil.example",
    "[x](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "[x]: https://evil.example",
    "[^1]",
    "[^1]: x",
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "</details>",
    "</summary>",
    "<!-- ",
    "-->",
    "<b>",
    "&lt;b&gt;",
    "&#64;octocat",
    "|",
    "\\|",
    "a|b|c",
    "\\",
    "`",
    "``",
    ":``x",
    "www.``evil.example",
    "dead``beef1",
    "```",
    "````\n",
    "`a",
    "a`",
    "~~~",
    "~~x~~",
    "**x**",
    "__x__",
    "*",
    "_",
    "\n",
    "\r\n",
    "\n\n# x",
    "\n- [x] y",
    "\n> [!NOTE]",
    "\n---\n",
    "\n    code",
    "\n| a | b |",
    "1.",
    "12)",
    "-",
    "+",
    "#",
    "=====",
    "---",
    "> x",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{7f}",
    "\t",
    "\u{a0}",
    "e\u{301}",
    "\u{5d0}",
    "\u{3164}",
    "🦀",
    "$x$",
    "$`x`$",
    "$$",
    ":tada:",
    ":+1:",
    "%{version}",
    "{{x}}",
    "::error::x",
    "1.0.0",
    "serde",
    "ünï",
    "(",
    ")",
    "'",
    "\"",
    ",",
    " ",
    "",
    "javascript:alert(1)",
    "https://github.com/a/b",
    "https://github.com/a/b)](x",
    "git@github.com:a/b",
    "..",
    "../../x",
    "x y",
];

fn hostile() -> impl Strategy<Value = String> {
    let nasty = proptest::sample::select(NASTY).prop_map(str::to_owned);
    let any = prop_oneof![4 => nasty, 1 => ".{0,12}", 1 => "\\PC{0,8}"];
    proptest::collection::vec(any, 1..5).prop_flat_map(|parts| prop_oneof![Just(parts.concat()), Just(parts.join(" "))])
}

/// A review and its frame, with the given texts in every field, one after the other.
fn filled(texts: &[String]) -> (Review, Frame) {
    let mut at = 0;
    let mut next = || {
        at += 1;
        texts[at % texts.len()].clone()
    };
    let (mut review, mut frame) = sample::risky();
    review.elements = (0..2).map(|n| element(n, &mut next)).collect();
    review.findings = (0..3)
        .map(|n| {
            let excerpt = next().replace('\n', " ");
            let place = Location { line: n, excerpt, ..Location::file(&next()) };
            let mut finding = Finding::new(&RULE, next())
                .at(place)
                .of(&next())
                .about(&next())
                .note(format!("x{}", next()))
                .help(next());
            finding.notes.push(format!("{}x", next()));
            finding
        })
        .collect();
    review.checklist = [PointState::Yes, PointState::No, PointState::Open]
        .map(|state| Point { text: next(), state, by: next() })
        .to_vec();
    review.not_looked_up = vec![next(), next()];
    review.reproduce = vec![next(), next()];
    frame.hold = Some(if texts.len().is_multiple_of(2) {
        Hold::Held { why: next(), approve: Some(next()) }
    } else {
        Hold::Released { by: vec![next(), next()] }
    });
    // Notes of blanks alone are left out, here and above.
    frame.notes = vec![format!("x{}", next()), format!("{}x", next())];
    frame.patches = vec![(next(), next()), (next(), next())];
    frame.reasons = vec![format!("x{}", next())];
    frame.looked = vec![next()];
    review.looked.archives = Look::NotRequested(next());
    review.looked.index = Look::Failed(next());
    let lines = vec![format!(" {}", next()), format!("-{}", next()), format!("+{}", next())];
    let diff = InputDiff::Lines { lines, added: 1, removed: 1 };
    let input = |path: String, element: String, diff| InputChange { path, elements: vec![element], diff };
    review.inputs = vec![
        input(next(), next(), diff),
        input(next(), next(), InputDiff::Unreadable(next())),
        input(next(), next(), InputDiff::Content(Some(next()), None)),
    ];
    frame.links.repository = Some(next());
    frame.links.prefix = next();
    (review, frame)
}

fn element(n: usize, next: &mut impl FnMut() -> String) -> ElementReview {
    let mut pin = || Pin { url: next(), pinned: next(), commit: Some(next()), track: Some(next()), ..Pin::default() };
    let sources = vec![
        SourceMove { old: Some(pin()), new: Some(pin()), ..SourceMove::default() },
        SourceMove { old: None, new: Some(pin()), ..SourceMove::default() },
        SourceMove { old: Some(pin()), ..SourceMove::default() },
    ];
    let kinds = [
        ChangeKind::Added,
        ChangeKind::Removed,
        ChangeKind::Up(Semver::Major),
        ChangeKind::Down(Semver::Other),
        ChangeKind::Checksum,
        ChangeKind::Commit,
        ChangeKind::Repository,
        ChangeKind::ToGit,
        ChangeKind::ToRegistry,
        ChangeKind::Query,
    ];
    let changes = kinds.iter().enumerate().map(|(i, kind)| CrateChange {
        name: next(),
        kind: *kind,
        before: Some(entry(i % 2 == 0, next)),
        after: Some(entry(i % 3 == 0, next)),
        attention: [Attention::High, Attention::Medium, Attention::Low, Attention::Elsewhere][i % 4],
        facts: vec![
            Fact::NewFromGit(next(), next()),
            Fact::Links(next()),
            Fact::Fixes(next()),
            Fact::Licence(Some(next()), None),
        ],
        brought_by: vec![next(), next()],
    });
    let changes = changes.collect();
    let status = [Status::Drifted, Status::Unverified][n % 2];
    ElementReview {
        element: next(),
        file: next(),
        line: n,
        status,
        lock: Some(next()),
        crates: (1, 2),
        sources,
        changes,
        list: Vec::new(),
    }
}

fn entry(git: bool, next: &mut impl FnMut() -> String) -> BlockEntry {
    let from = if git {
        Origin::Git { commit: next(), repo: next(), query: vec![(next(), next())] }
    } else {
        Origin::Registry { sha: next() }
    };
    BlockEntry { name: next(), version: next(), from }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_from_outside_is_more_than_text(texts in proptest::collection::vec(hostile(), 1..40)) {
        let (review, frame) = filled(&texts);
        let text = comment(&review, &frame, COMMENT_LIMIT);
        let blocks = read(&text);
        // The same review with harmless words has the same blocks: nothing was opened, closed or swallowed. What is equal
        // stays so, as it shares rows and items.
        let word = |text: &String| format!("word{}", texts.iter().position(|other| other == text).unwrap_or_default());
        let (plain, around) = filled(&texts.iter().map(word).collect::<Vec<_>>());
        prop_assert_eq!(blocks, read(&comment(&plain, &around, COMMENT_LIMIT)));
        read(&check_summary(&review, &frame, CHECK_LIMIT));
        read(&summary(&[(texts[0].clone(), &review, &frame)], 100_000));
        let terminal = human(&review, false);
        prop_assert!(terminal.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(json(&review)["elements"][0]["changes"].as_array().is_some_and(|c| c.len() == 10));
    }

    #[test]
    fn every_limit_is_kept(texts in proptest::collection::vec(hostile(), 1..10), limit in 0_usize..20_000) {
        let (review, frame) = filled(&texts);
        let text = comment(&review, &frame, limit);
        prop_assert!(text.encode_utf16().count() <= limit.max(20));
        read(&text);
        let text = check_summary(&review, &frame, limit);
        prop_assert!(text.len() <= limit);
        read(&text);
        let parts: Vec<(String, &Review, &Frame)> = texts.iter().map(|t| (t.clone(), &review, &frame)).collect();
        let text = summary(&parts, limit);
        prop_assert!(text.len() <= limit);
        read(&text);
    }
}
