//! A laboratory of updates: attacks, each with the verdict and the words that a reviewer has to see before any fold, and
//! harmless ones that look like them, of which nothing may be said.

mod attacks;
mod commits;
mod harmless;
mod scripts;

use super::evaluate::{self, advisory_notes, review_changes};
use super::evidence::*;
use super::inputs::{InputChange, InputDiff};
use super::looked::Looked;
use super::publisher::{Published, PublishedVersion, Publisher};
use super::ref_proof::{RefProof, Remark, SourceProof, Untruth};
use super::render::{COMMENT_LIMIT, Frame, comment};
use super::settings::Settings;
use super::testing::*;
use super::verdict::Verdict;
use super::*;
use crate::cargo2::block::Origin;
use crate::finding::Severity;
use std::collections::BTreeMap;

/// A change of the evidence.
type Edit = Box<dyn Fn(&mut Evidence)>;

/// An update that a case changes. It begins as a routine one: a release with two crates updated, one of them twice there.
struct Bump {
    before: Vec<BlockEntry>,
    after: Vec<BlockEntry>,
    sources: Vec<SourceMove>,
    inputs: Vec<InputChange>,
    settings: Settings,
    status: Status,
    /// Crates that only other platforms build.
    elsewhere: Vec<&'static str>,
    /// Whether archives were requested.
    deep: bool,
    /// A second element with the same lists.
    twice: bool,
    /// Changes of the evidence, which begins as one that agrees with everything.
    evidence: Vec<Edit>,
}

impl Bump {
    fn new() -> Self {
        let entries = |serde: &str, log: &str| {
            vec![registry("serde", serde), registry("log", log), registry("syn", "1.0.109"), registry("syn", "2.0.1")]
        };
        Self {
            before: entries("1.0.1", "0.4.1"),
            after: entries("1.0.2", "0.4.2"),
            sources: vec![SourceMove { old: pin("v1.0.0", 'a'), new: pin("v1.0.1", 'b'), proof: tagged("v1.0.1") }],
            inputs: Vec::new(),
            settings: Settings::default(),
            status: Status::Right,
            elsewhere: Vec::new(),
            deep: false,
            twice: false,
            evidence: Vec::new(),
        }
    }

    /// A crate that is there before and after.
    fn both(&mut self, before: BlockEntry, after: BlockEntry) {
        self.before.push(before);
        self.after.push(after);
    }

    /// A crate of the registry that is updated.
    fn updated(&mut self, name: &str, before: &str, after: &str) {
        self.both(registry(name, before), registry(name, after));
    }

    /// A new crate of the registry.
    fn added(&mut self, name: &str, version: &str) {
        self.after.push(registry(name, version));
    }

    /// What the evidence holds instead.
    fn with(&mut self, edit: impl Fn(&mut Evidence) + 'static) {
        self.evidence.push(Box::new(edit));
    }

    /// The index's entry of a crate, changed.
    fn index(&mut self, name: &'static str, edit: impl Fn(&mut IndexCrate) + 'static) {
        self.with(move |evidence| edit(of(evidence, name)));
    }

    /// A crate whose only version is the one of the list, so many hours old.
    fn born(&mut self, name: &'static str, hours: i64) {
        self.index(name, move |krate| {
            let mut last = krate.versions.pop().unwrap();
            last.published = Some(NOW - hours * 3_600);
            krate.versions = vec![last];
        });
    }

    /// The newest version of a crate, so many hours old.
    fn released(&mut self, name: &'static str, hours: i64) {
        self.index(name, move |krate| krate.versions.last_mut().unwrap().published = Some(NOW - hours * 3_600));
    }

    /// As `archives`, from the files of both archives, as they are read.
    fn packed(&mut self, before: &[(&str, &str)], after: &[(&str, &str)]) {
        let [before, after] =
            [("1.0.0", before), ("1.0.1", after)].map(|(version, files)| unpacked("a", version, files));
        self.archives(before.facts.clone(), after.facts.clone());
        let key = ("a".to_owned(), "1.0.0".to_owned(), "1.0.1".to_owned());
        let delta = archive::difference(Some(&before), &after);
        self.with(move |evidence| {
            evidence.archives.deltas.insert(key.clone(), delta.clone());
        });
    }

    /// The contents of both archives of `a`, which goes from 1.0.0 to 1.0.1.
    fn archives(&mut self, before: ArchiveFacts, after: ArchiveFacts) {
        self.deep = true;
        self.updated("a", "1.0.0", "1.0.1");
        self.with(move |evidence| {
            evidence.archives.facts.insert(("a".into(), "1.0.0".into()), Ok(before.clone()));
            evidence.archives.facts.insert(("a".into(), "1.0.1".into()), Ok(after.clone()));
        });
    }

    fn advisory(&mut self, advisory: Advisory) {
        self.with(move |evidence| {
            evidence.advisories = Source::Got(Advisories { list: vec![advisory.clone()], ..Advisories::default() });
        });
    }

    /// Who published the versions of `a`, the new one last.
    fn publishers(&mut self, versions: &[(&str, Publisher)], yanked_by: &'static [u64]) {
        let of = |(version, by): &(&str, Publisher)| {
            ((*version).to_owned(), PublishedVersion { by: by.clone(), commit: None, yanked_by: yanked_by.to_vec() })
        };
        let published = Published { versions: versions.iter().map(of).collect(), owners: None };
        self.updated("a", "1.0.0", "1.0.1");
        self.with(move |evidence| {
            evidence.publishers = Source::Got([("a".to_owned(), Ok(published.clone()))].into());
        });
    }

    /// `a`, whose new version names this commit, and whose workflow ran at that one.
    fn made(&mut self, declared: &str, ran_at: &str) {
        let facts = |commit: &str| ArchiveFacts { vcs_commit: Some(commit.into()), ..licensed() };
        self.archives(facts(&"c".repeat(40)), facts(declared));
        let version = |commit: Option<&str>| PublishedVersion {
            by: workflow("o/a"),
            commit: commit.map(str::to_owned),
            yanked_by: Vec::new(),
        };
        let versions = [("1.0.0".into(), version(None)), ("1.0.1".into(), version(Some(ran_at)))].into();
        let published = Published { versions, owners: None };
        self.with(move |evidence| {
            evidence.publishers = Source::Got([("a".to_owned(), Ok(published.clone()))].into());
        });
    }

    fn lines(&mut self, path: &str, lines: &[&str]) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let count = |sign: char| lines.iter().filter(|line| line.starts_with(sign)).count();
        let diff = InputDiff::Lines { added: count('+'), removed: count('-'), lines: lines.clone() };
        self.input(path, diff);
    }

    fn input(&mut self, path: &str, diff: InputDiff) {
        self.inputs.push(InputChange { path: path.into(), elements: vec!["tool.bst".into()], diff });
    }

    /// The review, its verdict, and the lines of its comment that are not folded.
    fn reviewed(&self) -> (Review, Verdict, String) {
        let mut evidence = evidence(index(&[self.before.as_slice(), &self.after].concat()));
        let mut all = vec![element(&self.before, &self.after)];
        evidence.archives.off = (!self.deep).then(|| "switched off".to_owned());
        if self.deep {
            for entry in self.before.iter().chain(&self.after) {
                evidence.archives.facts.insert((entry.name.clone(), entry.version.clone()), Ok(licensed()));
            }
        }
        self.evidence.iter().for_each(|edit| edit(&mut evidence));
        all[0].sources.clone_from(&self.sources);
        all[0].status = self.status;
        for change in all[0].changes.iter_mut().filter(|change| self.elsewhere.contains(&change.name.as_str())) {
            change.attention = Attention::Elsewhere;
        }
        if self.twice {
            all.push(ElementReview { element: "other.bst".into(), ..all[0].clone() });
        }
        let needs = evaluate::needs(&all);
        let findings = review_changes(&mut all, &evidence, &self.settings);
        let looked = Looked::new(&needs, &evidence);
        let scripts = evaluate::scripts(&all, &evidence);
        let (inputs, advisories) = (self.inputs.clone(), advisory_notes(&all, &evidence));
        let mut review = Review { elements: all, findings, looked, inputs, scripts, advisories, ..Review::default() };
        review.looked.ages_unknown = review.ages_unknown();
        let (verdict, text) = (Verdict::of(&review), comment(&review, &Frame::default(), COMMENT_LIMIT));
        (review, verdict, unfolded(&text))
    }
}

/// The contents of an archive with these files.
fn unpacked(name: &str, version: &str, files: &[(&str, &str)]) -> archive::Contents {
    let manifest =
        ("Cargo.toml", format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nlicense = \"MIT\"\n"));
    let given = files.iter().map(|(path, text)| (*path, (*text).to_owned()));
    let mut all: BTreeMap<&str, String> = [manifest].into_iter().collect();
    given.for_each(|(path, text)| match all.get_mut(path) {
        // A manifest that a case gives is more of it.
        Some(known) => known.push_str(&text),
        None => drop(all.insert(path, text)),
    });
    let file = |(path, text): (&&str, &String)| {
        let path = format!("{name}-{version}/{path}");
        let (size, sha256) = (text.len() as u64, crate::encode::sha256(text));
        let (kind, start) = (archive::FileKind::File, text.as_bytes().to_vec());
        archive::File { scan: archive::scan(&path, &start, 1_000), path, kind, size, sha256, start }
    };
    let files: Vec<archive::File> = all.iter().map(file).collect();
    let mut contents = archive::contents(name, version, &files).unwrap();
    contents.follow(files);
    contents
}

/// The lines outside of folds, and the titles of the folds.
fn unfolded(markdown: &str) -> String {
    let mut depth = 0;
    let mut out = String::new();
    for line in markdown.lines() {
        let opens = line.starts_with("<details>");
        if depth == 0 || (opens && depth == 1) {
            out.push_str(line);
            out.push('\n');
        }
        depth += i32::from(opens) - i32::from(line == "</details>");
    }
    out
}

/// A pin of the element's own source.
fn pin(tag: &str, commit: char) -> Option<Pin> {
    let commit = commit.to_string().repeat(40);
    let pinned = format!("{tag}-0-g{commit}");
    Some(Pin {
        url: "https://github.com/o/tool".into(),
        pinned,
        commit: Some(commit),
        track: Some("v*".into()),
        ..Pin::default()
    })
}

/// The proof that a tag leads to the new commit.
fn tagged(name: &str) -> SourceProof {
    SourceProof { commit: Some(RefProof::Tag { name: name.into() }), remarks: Vec::new() }
}

fn from_git(name: &str, version: &str, commit: char, query: &[(&str, &str)]) -> BlockEntry {
    git(name, version, "https://github.com/o/lib", commit, query)
}

/// An advisory on all versions of a crate below the one that patches it.
fn advisory(krate: &str, patched: &str) -> Advisory {
    Advisory {
        id: "RUSTSEC-2026-0009".into(),
        krate: krate.into(),
        title: "reads beyond its buffer".into(),
        patched: vec![patched.into()],
        ..Advisory::default()
    }
}

fn account(number: u64) -> Publisher {
    Publisher::Account(number, format!("account-{number}"))
}

fn workflow(repository: &str) -> Publisher {
    Publisher::Workflow(format!("github:{repository}"))
}

/// All versions from this one on.
fn since(version: &str) -> Affected {
    Affected { ranges: vec![vec![RangeEvent::Introduced(version.into())]], ..Affected::default() }
}

#[test]
fn the_update_that_all_cases_begin_with_is_routine() {
    let (review, verdict, text) = Bump::new().reviewed();
    assert_eq!((verdict, review.findings.len()), (Verdict::Routine, 0), "{text}");
}

#[test]
fn each_attack_is_seen_before_any_fold() {
    let mut missed = Vec::new();
    for (name, expected, words, change) in attacks::ALL.iter().chain(scripts::ATTACKS).chain(commits::ATTACKS) {
        let mut bump = Bump::new();
        change(&mut bump);
        let (review, verdict, text) = bump.reviewed();
        if verdict != *expected || !text.contains(words) {
            let findings: Vec<&str> = review.findings.iter().map(|f| f.rule.id).collect();
            missed.push(format!("{name}: {verdict:?} {findings:?}, expected {expected:?} and `{words}` in\n{text}"));
        }
        // The headline says that there is something, and the sign agrees.
        assert!(text.contains(&format!("### {} ", verdict.sign())), "{name}: {text}");
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), attacks::ALL.len(), missed.join("\n\n"));
    assert!(attacks::ALL.len() >= 60);
}

#[test]
fn nothing_is_said_of_what_only_looks_like_an_attack() {
    let mut wrong = Vec::new();
    for (name, expected, change) in harmless::ALL.iter().chain(scripts::HARMLESS).chain(commits::HARMLESS) {
        let mut bump = Bump::new();
        change(&mut bump);
        let (review, verdict, text) = bump.reviewed();
        let loud: Vec<&str> =
            review.findings.iter().filter(|f| f.severity > Severity::Notice).map(|f| f.rule.id).collect();
        if verdict != *expected || !loud.is_empty() {
            wrong.push(format!("{name}: {verdict:?} {loud:?}, expected {expected:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), harmless::ALL.len(), wrong.join("\n\n"));
    assert!(harmless::ALL.len() >= 60);
}

#[test]
fn what_is_fixed_is_in_the_headline_and_what_stays_is_one_fold() {
    let seen = |change: fn(&mut Bump)| {
        let mut bump = Bump::new();
        change(&mut bump);
        bump.reviewed()
    };
    let (review, verdict, text) = seen(|b| {
        b.updated("a", "1.0.0", "1.0.1");
        b.advisory(Advisory { aliases: vec!["CVE-2026-7".into()], ..advisory("a", ">=1.0.1") });
    });
    assert_eq!(verdict, Verdict::Routine);
    assert!(text.lines().next_back().is_some() && text.contains("v1.0.0 → v1.0.1, fixes 1 advisory\n"), "{text}");
    let whole = comment(&review, &Frame::default(), COMMENT_LIMIT);
    let line = "- fixed: [`RUSTSEC-2026-0009`](https://rustsec.org/advisories/RUSTSEC-2026-0009.html) (`CVE-2026-7`) in `a 1.0.0`: reads beyond its buffer";
    assert!(whole.contains(line), "{whole}");
    let (_, verdict, text) = seen(|b| {
        b.both(registry("a", "1.0.0"), registry("a", "1.0.0"));
        b.advisory(advisory("a", ">=2"));
    });
    assert_eq!(verdict, Verdict::Routine);
    assert_eq!(text.matches("RUSTSEC").count(), 0, "{text}");
    assert!(text.contains("Still affected by 1 advisory"), "{text}");
}

#[test]
fn an_error_is_beside_the_claim_and_not_in_it() {
    let error =
        "cannot list the branches and tags of https://github.com/o/tool: error sending request: connection timed out";
    let mut bump = Bump::new();
    bump.sources[0].proof.commit = Some(RefProof::NotKnown { why: error.into() });
    bump.with(move |evidence| evidence.advisories = Source::Failed(error.into()));
    let (review, _, text) = bump.reviewed();
    for claim in [
        "**The commit of `https://github.com/o/tool` is not proven to be of its tag or branch.**",
        "security advisories.**",
    ] {
        assert!(text.contains(&format!("{claim} Reason: cannot list the branches and tags")), "{claim}: {text}");
    }
    let first = text.lines().find(|line| line.starts_with("###"));
    assert!(first.is_some_and(|line| !line.contains("timed out")), "{text}");
    assert!(review.findings.iter().all(|finding| !finding.message.contains("timed out")));
}
