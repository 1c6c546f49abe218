//! Made-up reviews: names, people and places are invented.

use cargo2_bot::cargo2::block::{BlockEntry, Origin};
use cargo2_bot::finding::{Finding, Rule, Severity};
use cargo2_bot::report::Status;
use cargo2_bot::review::fact::Fact;
use cargo2_bot::review::looked::{Look, Looked};
use cargo2_bot::review::ref_proof::{RefProof, SourceProof};
use cargo2_bot::review::render::{Frame, Hold, Links};
use cargo2_bot::review::{
    Attention, ChangeKind, CrateChange, ElementReview, Pin, Point, PointState, Review, Semver, SourceMove,
};
use cargo2_bot::text::SourceText;

/// A rule of the sample. The real ones have texts.
const fn rule(id: &'static str, severity: Severity) -> Rule {
    Rule { id, severity, means: "", remedy: "" }
}

static NEAR: Rule = rule("crate-near-name", Severity::Error);
static CHECKSUM: Rule = rule("crate-checksum-differs", Severity::Error);
static YOUNG: Rule = rule("crate-young", Severity::Warning);

const OLD: &str = "4b1f0c6d52a9e7783c10fe5ab64d2290c7715e3a";
const NEW: &str = "9e02d7ab1148c3f65d07b2e94af8136c05d9bb71";

/// A crate from the registry.
pub(crate) fn registry(name: &str, version: &str) -> BlockEntry {
    let sha = name
        .bytes()
        .chain(version.bytes())
        .fold(0x1d_u128, |sum, b| sum.wrapping_mul(0x0100_0193_8f51) ^ u128::from(b));
    let sha = format!("{sha:032x}{:032x}", !sha);
    BlockEntry { name: name.into(), version: version.into(), from: Origin::Registry { sha } }
}

/// A crate that moved up.
pub(crate) fn up(name: &str, old: &str, new: &str, class: Semver) -> CrateChange {
    CrateChange {
        name: name.into(),
        kind: ChangeKind::Up(class),
        before: Some(registry(name, old)),
        after: Some(registry(name, new)),
        attention: Attention::Low,
        facts: Vec::new(),
        brought_by: Vec::new(),
    }
}

/// The changes of a routine bump.
fn usual() -> Vec<CrateChange> {
    [
        ("anstyle", "1.0.10", "1.0.11", Semver::Patch),
        ("bitflags", "2.9.0", "2.9.1", Semver::Patch),
        ("clap", "4.5.37", "4.6.0", Semver::Minor),
        ("clap_builder", "4.5.37", "4.6.0", Semver::Minor),
        ("libc", "0.2.172", "0.2.175", Semver::Patch),
        ("log", "0.4.27", "0.4.28", Semver::Patch),
        ("memchr", "2.7.4", "2.7.5", Semver::Patch),
        ("rustix", "1.0.7", "1.0.8", Semver::Patch),
        ("serde", "1.0.219", "1.0.221", Semver::Patch),
        ("serde_derive", "1.0.219", "1.0.221", Semver::Patch),
        ("syn", "2.0.101", "2.0.106", Semver::Patch),
        ("unicode-ident", "1.0.18", "1.0.19", Semver::Patch),
    ]
    .map(|(name, old, new, class)| up(name, old, new, class))
    .to_vec()
}

/// The element, with the crates that moved.
fn element(changes: Vec<CrateChange>) -> ElementReview {
    let pin = |tag: &str, commit: &str| Pin {
        url: "https://github.com/example/lantern.git".into(),
        pinned: format!("{tag}-0-g{commit}"),
        commit: Some(commit.into()),
        track: Some("v*".into()),
        ..Pin::default()
    };
    ElementReview {
        element: "bluefin/lantern.bst".into(),
        file: "elements/bluefin/lantern.bst".into(),
        line: 41,
        status: Status::Right,
        lock: Some(format!("Cargo.lock of https://github.com/example/lantern.git at {NEW}")),
        crates: (118, 118),
        sources: vec![SourceMove {
            old: Some(pin("v2.3.0", OLD)),
            new: Some(pin("v2.3.1", NEW)),
            proof: SourceProof { commit: Some(RefProof::Tag { name: "v2.3.1".into() }), remarks: Vec::new() },
        }],
        changes,
        list: Vec::new(),
    }
}

fn point(text: &str, state: PointState, by: &str) -> Point {
    Point { text: text.into(), state, by: by.into() }
}

/// Where the sample is looked at.
pub(crate) fn links() -> Links {
    Links {
        server: Some("https://github.com".into()),
        repository: Some("example/images".into()),
        head: Some(NEW.into()),
        crate_page: "https://crates.example/crates/{name}/{version}".into(),
        crate_diff: "https://diff.example/{name}/{old}/{new}".into(),
        docs: "https://docs.example/cargo2-bot".into(),
        prefix: String::new(),
    }
}

/// A bump without anything unusual.
pub(crate) fn harmless() -> (Review, Frame) {
    let review = Review {
        elements: vec![element(usual())],
        checklist: vec![
            point("the block is generated from the lock", PointState::Yes, "verified"),
            point("`--locked` is given to every build command", PointState::Yes, "verified"),
            point("the element is in the `manual-merge` group", PointState::Yes, "verified"),
            point("the element builds", PointState::Yes, "check `build`"),
        ],
        looked: Looked {
            index: Look::Done,
            advisories: Look::Done,
            archives: Look::Done,
            publishers: Look::NotNeeded,
            ages_unknown: 0,
        },
        reproduce: vec!["cargo2-bot review --base origin/main --head HEAD".into()],
        ..Review::default()
    };
    (
        review,
        Frame {
            hold: Some(Hold::Held {
                why: "needs approval from a maintainer other than the author".into(),
                approve: Some("6f1d".repeat(8)),
            }),
            links: links(),
            ..Frame::default()
        },
    )
}

/// The crates that somebody meddled with.
fn meddled() -> Vec<CrateChange> {
    vec![
        CrateChange {
            kind: ChangeKind::Added,
            before: None,
            attention: Attention::High,
            facts: vec![Fact::FirstVersion, Fact::BuildScript],
            brought_by: vec!["slotmap-lite".into()],
            ..up("smalvec", "", "1.0.0", Semver::Other)
        },
        CrateChange {
            attention: Attention::High,
            facts: vec![Fact::Published(1_790_000_000)],
            brought_by: vec!["lantern".into()],
            ..up("slotmap-lite", "0.4.2", "0.4.3", Semver::Patch)
        },
        CrateChange {
            kind: ChangeKind::Checksum,
            before: Some(BlockEntry {
                from: Origin::Registry { sha: "4a5f13b858c8d314".repeat(4) },
                ..registry("itoa", "1.0.15")
            }),
            attention: Attention::High,
            facts: Vec::new(),
            brought_by: vec!["serde".into(), "toml_edit".into()],
            after: Some(BlockEntry {
                from: Origin::Registry { sha: "b1d94c02e7aa5013".repeat(4) },
                ..registry("itoa", "1.0.15")
            }),
            ..up("itoa", "1.0.15", "1.0.15", Semver::Other)
        },
        CrateChange {
            attention: Attention::Medium,
            facts: vec![Fact::BuildScriptChanged],
            brought_by: vec!["rustix".into(), "mio".into(), "tempfile".into(), "lantern".into()],
            ..up("libc", "0.2.172", "0.2.175", Semver::Patch)
        },
    ]
}

/// What is found about them.
fn found() -> Vec<Finding> {
    let file = SourceText::new("elements/bluefin/lantern.bst", "- kind: cargo2\n");
    let place = file.locate(cargo2_bot::text::Span::new(2, 6));
    let at = |line: usize| cargo2_bot::text::Location { line, ..place.clone() };
    vec![
        Finding::new(&NEAR, "the new crate `smalvec` is one letter away from `smallvec`, which is in the same lock")
            .of("bluefin/lantern.bst")
            .about("smalvec")
            .at(at(612))
            .note("first version of its name, published 14 hours before the bump")
            .note("it has a build script, which runs during the build")
            .note("asked for by `slotmap-lite 0.4.3`, which had no dependency before")
            .help("do not merge before a human has read both crates; `elements:` of the configuration takes a crate that is meant"),
        Finding::new(&CHECKSUM, "the checksum of `itoa 1.0.15` in lock and block is not the one of the index")
            .of("bluefin/lantern.bst")
            .about("itoa")
            .at(at(388))
            .note("index and old block: `4a5f13b858c8…`, new block: `b1d94c02e7aa…`; the version did not move")
            .help("ask the upstream where its lock came from, and do not merge before that is known"),
        Finding::new(&YOUNG, "`slotmap-lite 0.4.3` is 16 hours old, and three older versions were yanked since")
            .of("bluefin/lantern.bst")
            .about("slotmap-lite")
            .at(at(604))
            .note("yanked: 0.4.0, 0.4.1, 0.4.2")
            .help("wait some days, or read the difference"),
    ]
}

/// A bump in the shape of real attacks.
pub(crate) fn risky() -> (Review, Frame) {
    let (mut review, mut frame) = harmless();
    let mut changes = meddled();
    changes.extend(usual().into_iter().filter(|c| c.name != "libc"));
    changes.last_mut().expect("there are some").attention = Attention::Elsewhere;
    let mut element = element(changes);
    element.crates = (118, 119);
    review.elements = vec![element];
    review.findings = found();
    review.before = 1;
    review.checklist.push(point("no shared object is stripped of its symbols by hand", PointState::Yes, "verified"));
    review.checklist.push(point("the program was started once", PointState::Open, ""));
    frame.hold = Some(Hold::Held { why: "`cat`'s approval is of another content".into(), approve: None });
    frame.notes = vec!["Auto-merge was on and is switched off.".into()];
    frame.looked = vec![
        "3 paths changed, 2 harmless".into(),
        "`elements/bluefin/lantern.bst`: the file of bluefin/lantern.bst".into(),
    ];
    (review, frame)
}

/// A block that is wrong, and could not be regenerated.
pub(crate) fn drifted() -> (Review, Frame) {
    static DRIFT: Rule = rule("block-drift", Severity::Error);
    let (mut review, mut frame) = harmless();
    review.elements[0].status = Status::Drifted;
    review.elements[0].changes.truncate(2);
    review.findings = vec![
        Finding::new(&DRIFT, "the crate list does not match Cargo.lock: 1 moved, 1 missing")
            .of("bluefin/lantern.bst")
            .note("~ syn 2.0.101 → 2.0.106")
            .note("+ unicode-ident 1.0.19")
            .help("run `cargo2-bot regenerate bluefin/lantern.bst`"),
    ];
    review.checklist[0].state = PointState::No;
    review.checklist[0].by = "1 moved, 1 missing".into();
    review.not_looked_up = vec!["ages: the index has no times".into()];
    frame.notes = vec![
        "The branch belongs to a fork, so the bot could not update the block: run `cargo2-bot regenerate`.".into(),
    ];
    frame.patches = vec![(
        "`bluefin/lantern.bst`".into(),
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-  version: 2.0.101\n+  version: 2.0.106\n".into(),
    )];
    (review, frame)
}
