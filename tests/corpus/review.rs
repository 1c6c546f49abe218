//! Real bumps, old and new version of the same element: a harmless one has no finding of severity error.
//!
//! `CARGO2_BOT_COMMENTS=FOLDER` writes the comment on each into a folder that is there.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails loudly, and may write what it made"
)]

use crate::support;

use cargo2_bot::bst::project;
use cargo2_bot::cargo2::block::{BlockEntry, Origin};
use cargo2_bot::cargo2::element::{self, CrateList};
use cargo2_bot::finding::read::{Read, Unreadable};
use cargo2_bot::finding::{Finding, Severity};
use cargo2_bot::report::{Report, Status};
use cargo2_bot::review::change_context::DAY;
use cargo2_bot::review::evaluate::{needs, review_changes};
use cargo2_bot::review::evidence::{Advisories, Archives, Evidence, IndexCrate, IndexVersion, Publishers, Source};
use cargo2_bot::review::looked::{Look, Looked};
use cargo2_bot::review::ref_proof::RefProof;
use cargo2_bot::review::settings::Settings;
use cargo2_bot::review::verdict::Verdict;
use cargo2_bot::review::{Attention, ChangeKind, ElementReview, Review, checklist, compare, graph, render, sources};
use cargo2_bot::text::SourceText;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use support::{corpus, unfolded};

/// How many lines a reviewer sees on one screen, a fold being one.
const SCREEN: usize = 40;

/// When the reports are made.
const NOW: i64 = 1_790_000_000;

/// One state of an element: its crate list, and its lock's text.
struct State {
    crate_list: CrateList,
    aliases: BTreeMap<String, String>,
    lock: String,
}

impl State {
    fn entries(&self) -> Vec<BlockEntry> {
        self.crate_list.current().unwrap().values().cloned().collect()
    }
}

/// The states of each element of the corpus, as the table has them. The name is without the commit that it is from.
fn elements(corpus: &Path) -> BTreeMap<String, Vec<State>> {
    let table = std::fs::read_to_string(corpus.join("pairs.tsv")).unwrap();
    let mut all: BTreeMap<String, Vec<State>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, "cargo2" | "cargo", _, _, _, lock, ..] = cells[..] else { continue };
        let Some((repository, file)) = path.strip_prefix("elements/").and_then(|p| p.split_once('/')) else { continue };
        if file.starts_with('.') || !file.ends_with(".bst") {
            continue; // A cache of BuildStream that was checked in, or a file that elements include.
        }
        let lock = lock.split_once(" -> ").map(|(_, saved)| std::fs::read_to_string(corpus.join(saved)).unwrap());
        let Some((crate_list, aliases)) = crate_list(&corpus.join("elements").join(repository), file) else { continue };
        let name = format!("{repository}/{}", file.split('@').next().unwrap().trim_end_matches(".bst"));
        all.entry(name).or_default().push(State { crate_list, aliases, lock: lock.unwrap_or_default() });
    }
    all
}

/// The first crate list of an element, read with its own project.
fn crate_list(root: &Path, file: &str) -> Option<(CrateList, BTreeMap<String, String>)> {
    let read = |path: &str| match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Read::Known(Arc::new(SourceText::new(path, text))),
        Err(_) => Read::Absent,
    };
    let empty = || Arc::new(SourceText::new("project.conf", "name: p\nelement-path: elements\n"));
    let conf = read("project.conf").optional().unwrap().unwrap_or_else(empty);
    let project = project::parse(&conf, &read, &[]).ok()?;
    let found = element::read(file.trim_start_matches("elements/"), &read(file).optional().unwrap()?, &project, &read);
    let crate_list = found.crate_lists.into_iter().find(|crate_list| crate_list.current().is_ok())?;
    Some((crate_list, project.aliases))
}

/// The review of a bump.
fn review(name: &str, before: &State, after: &State) -> ElementReview {
    let (old, new) = (before.entries(), after.entries());
    let plans = (before.crate_list.plan.as_ref().ok(), after.crate_list.plan.as_ref().ok());
    let sources = match plans {
        (Some(before), Some(after)) => sources::sources(&before.layers, &after.layers),
        _ => Vec::new(),
    };
    let mut review = ElementReview {
        element: name.into(),
        file: String::new(),
        line: 0,
        status: Status::Right,
        lock: None,
        crates: (old.len(), new.len()),
        sources,
        changes: compare::compare(&old, &new),
        list: new,
    };
    // Nobody is asked here: as where each tag names its commit.
    for moved in &mut review.sources {
        let commit = moved.new.as_ref().and_then(|pin| pin.commit.as_ref());
        moved.proof.commit = commit.map(|_| RefProof::Tag { name: "v1".into() });
    }
    graph::explain(&mut review, &graph::Graph::read(&after.lock).unwrap(), None, None);
    review
}

/// An index that agrees with the entries: each version a year old, each crate with some more before.
fn agreeing(entries: &[BlockEntry]) -> Evidence {
    let mut index: BTreeMap<String, Result<IndexCrate, Unreadable>> = BTreeMap::new();
    let version = |version: &str, checksum: &str, days: i64| IndexVersion {
        version: version.into(),
        checksum: checksum.into(),
        published: Some(NOW - days * DAY),
        ..IndexVersion::default()
    };
    for entry in entries {
        let Origin::Registry { sha } = &entry.from else { continue };
        let older = || IndexCrate { versions: (0..5).map(|n| version(&format!("0.0.0-{n}"), "", 900)).collect() };
        let Ok(krate) = index.entry(entry.name.clone()).or_insert_with(|| Ok(older())) else { continue };
        if krate.version(&entry.version).is_none() {
            krate.versions.push(version(&entry.version, sha, 365));
        }
    }
    let advisories = Source::Got(Advisories::default());
    Evidence {
        index: Source::Got(index),
        advisories,
        archives: Archives::default(),
        publishers: Source::Got(Publishers::default()),
        now: NOW,
        bumped: None,
    }
}

/// Whether a bump goes up: the table does not say which of two states is the older one.
fn goes_up(review: &ElementReview) -> bool {
    let count = |up: bool| {
        let of =
            |kind: ChangeKind| if up { matches!(kind, ChangeKind::Up(_)) } else { matches!(kind, ChangeKind::Down(_)) };
        review.changes.iter().filter(|c| of(c.kind)).count()
    };
    count(true) >= count(false)
}

/// The comment on the pull request, with links and the checklist, as on GitHub.
fn comment(reviews: &[ElementReview], findings: Vec<Finding>) -> (String, Verdict) {
    let review = Review {
        elements: reviews.to_vec(),
        findings,
        looked: Looked {
            index: Look::Done,
            advisories: Look::Done,
            archives: Look::Done,
            publishers: Look::NotNeeded,
            ages_unknown: 0,
        },
        checklist: checklist::points(&Report::default(), &[], ("validate", "build")),
        reproduce: vec!["cargo2-bot review --base main".into()],
        ..Review::default()
    };
    let hold = Some(render::Hold::Held {
        why: "needs approval from a maintainer other than the author".into(),
        approve: None,
    });
    let text = render::comment(&review, &render::Frame { hold, ..render::Frame::default() }, render::COMMENT_LIMIT);
    (text, Verdict::of(&review))
}

#[derive(Default)]
struct Figures {
    bumps: usize,
    changed: usize,
    needed: usize,
    silent: usize,
    largest: usize,
    kinds: BTreeMap<String, usize>,
    findings: BTreeMap<String, usize>,
    attention: BTreeMap<String, usize>,
    errors: Vec<String>,
    near: usize,
    verdicts: BTreeMap<String, usize>,
    /// How many lines each comment has unfolded.
    lines: Vec<usize>,
}

impl Figures {
    fn take(&mut self, name: &str, before: &State, after: &State) {
        let mut reviews = [review(name, before, after)];
        // Both states are read with the project of today: there is one for each.
        let (aliases_before, aliases) = (before.aliases.clone(), after.aliases.clone());
        let settings = Settings { aliases_before, aliases, ..Settings::default() };
        if !goes_up(&reviews[0]) {
            reviews = [review(name, after, before)];
        }
        let changes = reviews[0].changes.len();
        self.bumps += 1;
        self.changed += changes;
        self.largest = self.largest.max(changes);
        self.needed += needs(&reviews).names.len();
        let all = [before.entries(), after.entries()].concat();
        let findings = review_changes(&mut reviews, &agreeing(&all), &settings);
        self.silent += usize::from(findings.is_empty());
        for finding in &findings {
            *self.findings.entry(format!("{} {}", finding.severity.name(), finding.rule.id)).or_default() += 1;
            if finding.severity == Severity::Error {
                self.errors.push(format!("{name}: {} {:?}", finding.message, finding.notes));
            }
        }
        let (text, verdict) = comment(&reviews, findings);
        if let Some(folder) = std::env::var_os("CARGO2_BOT_COMMENTS") {
            let file = format!("{:03} {}.md", self.bumps, name.replace('/', " "));
            std::fs::write(Path::new(&folder).join(file), &text).unwrap();
        }
        *self.verdicts.entry(format!("{verdict:?}")).or_default() += 1;
        self.lines.push(unfolded(&text));
        for change in &reviews[0].changes {
            let kind = format!("{:?}", change.kind);
            *self.kinds.entry(kind).or_default() += 1;
            *self.attention.entry(format!("{:?}", change.attention)).or_default() += 1;
            assert!(change.after.is_none() || change.attention != Attention::Elsewhere);
        }
        self.near += self.close_names(&mut reviews, &all);
    }

    /// How many comments fit one screen.
    fn fit(&self) -> usize {
        self.lines.iter().filter(|lines| **lines <= SCREEN).count()
    }

    /// How many new crates would be told as near names if none had a history.
    fn close_names(&self, reviews: &mut [ElementReview], all: &[BlockEntry]) -> usize {
        let mut evidence = agreeing(all);
        evidence.now = NOW - 365 * DAY;
        if let Source::Got(index) = &mut evidence.index {
            index.values_mut().flatten().for_each(|c| c.versions.retain(|v| !v.checksum.is_empty()));
        }
        let findings = review_changes(reviews, &evidence, &Settings::default());
        let near: Vec<_> = findings.iter().filter(|f| f.rule.id == "crate-near-name").collect();
        near.iter().for_each(|f| println!("without a history: {}", f.message));
        near.len()
    }
}

#[test]
fn real_bumps_have_no_errors() {
    let Some(corpus) = corpus() else {
        println!("skipped: the corpus is not here");
        return;
    };
    let mut figures = Figures::default();
    for (name, states) in elements(&corpus) {
        for (at, before) in states.iter().enumerate() {
            for after in &states[at + 1..] {
                figures.take(&name, before, after);
            }
        }
    }
    let Figures { bumps, changed, needed, silent, largest, kinds, findings, attention, errors, near, lines, verdicts } =
        &figures;
    println!("{bumps} bumps with {changed} changed crates, at most {largest} in one; {needed} names to look up");
    println!(
        "{silent} bumps without a finding; {near} new names close to others\n{kinds:#?}\n{attention:#?}\n{findings:#?}"
    );
    let (fit, longest) = (figures.fit(), lines.iter().max().copied().unwrap_or_default());
    println!("{fit} of {bumps} comments fit {SCREEN} lines; the longest has {longest}");
    println!("{verdicts:?}");
    assert!(fit * 20 >= bumps * 19, "{fit} of {bumps} comments fit");
    assert!(longest <= 60, "the longest comment has {longest} lines");
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(*bumps >= 50 && *changed >= 1_000, "{bumps} bumps, {changed} changes");
}
