//! Trackers of real projects: what is known about them must be found, and nothing that is not so.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use cargo2_bot::finding::read::Read;
use cargo2_bot::finding::{Finding, Severity};
use cargo2_bot::text::SourceText;
use cargo2_bot::workflows::{self, Form, LintedWorkflows, Project, ReadScript, RustElement};
use cargo2_bot::yaml;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The corpus, or None where it is absent.
fn corpus() -> Option<PathBuf> {
    let found = crate::support::corpus().map(|folder| folder.join("elements"));
    if found.is_none() {
        println!("skipped: no corpus here");
    }
    found
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(|e| e.unwrap().path()) {
        if entry.is_dir() { files(&entry, out) } else { out.push(entry) }
    }
    out.sort();
}

/// The Rust elements of a project. Older versions of files have an `@` in their name.
fn rust_of(project: &Path) -> Vec<RustElement> {
    let folder = project.join("elements");
    let mut all = Vec::new();
    files(&folder, &mut all);
    let mut out = Vec::new();
    for path in all {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        if !name.ends_with(".bst") || name.contains('@') || !text.contains("kind: cargo2") {
            continue;
        }
        let Ok(root) = yaml::parse(&Arc::new(SourceText::new(&name, text))) else {
            continue;
        };
        let sources = root.get("sources").and_then(|n| n.as_list()).unwrap_or_default();
        if sources.iter().any(|s| s.get_str("kind") == Some("cargo2")) {
            let tracked = sources.iter().any(|s| s.get("track").is_some());
            out.push(RustElement { path: format!("elements/{name}"), name, tracked, untracked: None });
        }
    }
    out
}

struct Judging {
    judged: LintedWorkflows,
    tracker: Arc<SourceText>,
    rust: Vec<RustElement>,
}

fn judge(corpus: &Path, project: &str, workflow: &str, rust: Option<Vec<RustElement>>) -> Judging {
    judge_with(corpus, project, workflow, rust, &workflows::no_scripts)
}

fn judge_with(
    corpus: &Path,
    project: &str,
    workflow: &str,
    rust: Option<Vec<RustElement>>,
    scripts: &ReadScript<'_>,
) -> Judging {
    let folder = corpus.join(project);
    let read = |path: &Path| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        Arc::new(SourceText::new(&name, std::fs::read_to_string(path).unwrap()))
    };
    let mut workflows = Vec::new();
    files(&folder.join(".github/workflows"), &mut workflows);
    let (tracker, others): (Vec<_>, Vec<_>) = workflows.iter().partition(|p| p.ends_with(workflow));
    let others: Vec<_> =
        others.iter().filter(|p| !p.to_str().unwrap().contains("track-bst-sources")).map(|p| read(p)).collect();
    let tracker = read(tracker[0]);
    let rust = rust.unwrap_or_else(|| rust_of(&folder));
    let exists = |name: &str| name != "core/build-oci-rs.bst";
    let others: Vec<_> = others.into_iter().map(|file| (file.path.to_string(), Read::Known(file))).collect();
    let tracker_read = Read::Known(&tracker);
    let project = Project {
        rust: &rust,
        exists: &exists,
        element_path: "elements",
        tracker: tracker_read,
        others: &others,
        scripts,
    };
    Judging { judged: workflows::lint_workflows(&project), tracker, rust }
}

impl Judging {
    fn of(&self, rule: &str) -> Vec<&Finding> {
        self.judged.findings.iter().filter(|f| f.rule.id == rule).collect()
    }

    fn elements(&self, rule: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self.of(rule).into_iter().filter_map(|f| f.element.as_deref()).collect();
        names.sort_unstable();
        names
    }

    fn errors(&self) -> usize {
        self.judged.findings.iter().filter(|f| f.severity == Severity::Error).count()
    }

    /// All fixes together must leave nothing that can be fixed, and change only what they say.
    fn mend(&self) {
        let edits: Vec<_> = self.judged.findings.iter().filter_map(|f| f.fix.clone()).flat_map(|f| f.edits).collect();
        let new = workflows::apply(&self.tracker, &edits).unwrap();
        let project = Project {
            rust: &self.rust,
            exists: &|_| true,
            element_path: "elements",
            tracker: Read::Known(&new),
            others: &[],
            scripts: &workflows::no_scripts,
        };
        let left: Vec<_> = workflows::lint_workflows(&project)
            .findings
            .into_iter()
            .filter(|f| f.fix.is_some())
            .map(|f| f.message)
            .collect();
        assert!(left.is_empty(), "{left:?}");
        for line in self.tracker.text.lines().filter(|l| l.trim_start().starts_with('#')) {
            assert!(new.text.contains(line));
        }
    }
}

const TRACKER: &str = "track-bst-sources.yml";

fn element(name: &str) -> RustElement {
    RustElement { name: name.into(), tracked: true, path: format!("elements/{name}"), untracked: None }
}

#[test]
fn trackers_with_an_entry_for_each_element_lack_what_is_known_to_lack() {
    let Some(corpus) = corpus() else { return };
    for (project, untracked) in [
        ("castrojo+dakota", vec!["bluefin/ripgrep.bst"]),
        ("StorageB+dakota", vec!["bluefin/ripgrep.bst"]),
        ("T-Py-T+dakota", vec![]),
        ("starlit-os+dakota", vec![]),
        ("starlit-os+krytis", vec!["overrides/rust-bindgen.bst"]),
    ] {
        let judging = judge(&corpus, project, TRACKER, None);
        assert_eq!(judging.judged.style, Form::PerElement, "{project}");
        assert_eq!(judging.elements("matrix-rust-untracked"), untracked, "{project}");
        assert_eq!(judging.errors(), 0, "{project}: {:?}", judging.judged.findings);
        assert!(judging.of("matrix-rust-untracked").iter().all(|f| f.fix.is_some()), "{project}");
        judging.mend();
    }
    let based = judge(&corpus, "T-Py-T+dakota", TRACKER, None);
    assert_eq!(based.of("matrix-base-branch").len(), 1);
    assert!(based.of("workflow-merges-by-author").is_empty(), "it merges what it opened itself");
}

#[test]
fn the_grouped_and_the_dynamic_matrix_of_one_project_do_not_name_libkrun() {
    let Some(corpus) = corpus() else { return };
    let project = "projectbluefin+dakota";
    let grouped = judge(&corpus, project, "track-bst-sources.grouped-excerpt@01fc24d00dad.yml", None);
    assert_eq!(grouped.elements("matrix-rust-untracked"), ["bluefin/libkrun.bst"]);
    let fix = grouped.of("matrix-rust-untracked")[0].fix.clone().unwrap();
    assert_eq!(
        fix.edits[0].text,
        "          - group: manual-merge\n            element: bluefin/libkrun.bst\n            branch: auto/track-libkrun\n            title: \"chore(deps): update libkrun\"\n            base_branch: testing\n"
    );
    grouped.mend();
    let dynamic = judge(&corpus, project, "track-bst-sources.dynamic-excerpt@bdb32cd64391.yml", None);
    assert_eq!(dynamic.judged.style, Form::Dynamic);
    assert!(dynamic.of("matrix-dynamic")[0].notes[0].contains("`bluefin/libkrun.bst`"));
    assert_eq!((grouped.errors(), dynamic.errors()), (0, 0));
}

#[test]
fn a_dynamic_matrix_whose_script_holds_a_list_is_read_as_that() {
    let Some(corpus) = corpus() else { return };
    let project = "projectbluefin+dakota";
    let rust = rust_of(&corpus.join(project));
    let rows = rust.iter().filter(|element| element.name != "bluefin/libkrun.bst");
    let rows: String = rows.map(|element| format!("    (\"{}\", \"x\"),\n", element.name)).collect();
    let script = Arc::new(SourceText::new("scripts/update_sources.py", format!("TRACKED = [\n{rows}]\n")));
    let scripts = |path: &str| if path == &*script.path { Read::Known(script.clone()) } else { Read::Absent };
    let workflow = "track-bst-sources.dynamic-excerpt@bdb32cd64391.yml";
    let judging = judge_with(&corpus, project, workflow, Some(rust.clone()), &scripts);
    assert_eq!((judging.judged.style, judging.judged.listed), (Form::Listed, rust.len() - 1));
    assert_eq!(judging.elements("matrix-rust-untracked"), ["bluefin/libkrun.bst"]);
    assert_eq!((judging.of("matrix-listed").len(), judging.of("matrix-dynamic").len(), judging.errors()), (1, 1, 0));
}

#[test]
fn trackers_with_lists_lack_sudo_and_coreutils() {
    let Some(corpus) = corpus() else { return };
    let both = ["bluefin/sudo-rs.bst", "bluefin/uutils-coreutils.bst"];
    let merges_all = judge(&corpus, "hanthor+dakota", TRACKER, None);
    assert_eq!(merges_all.judged.style, Form::Lists);
    let pinned: Vec<&RustElement> = merges_all.rust.iter().filter(|r| both.contains(&r.name.as_str())).collect();
    assert!(pinned.len() == 2 && pinned.iter().all(|r| !r.tracked), "without `track:` nothing could move them");
    assert!(merges_all.elements("matrix-rust-untracked").is_empty());
    assert_eq!(merges_all.of("matrix-manual-merged").len(), 1, "its merge has no condition");
    assert_eq!(merges_all.errors(), 1);
    merges_all.mend();
    let egg = judge(&corpus, "projectbluefin+egg", TRACKER, None);
    assert_eq!(egg.elements("matrix-rust-untracked"), both);
    assert_eq!(egg.elements("matrix-element-missing"), ["core/build-oci-rs.bst"]);
    assert_eq!(egg.errors(), 0);
    egg.mend();
}

#[test]
fn a_rust_element_that_once_merged_by_itself_is_an_error() {
    let Some(corpus) = corpus() else { return };
    let rust = vec![element("core/build-oci-rs.bst"), element("core/bootc.bst")];
    let old = judge(&corpus, "castrojo+dakota", "track-bst-sources@834a30583108.yml", Some(rust));
    assert_eq!(old.elements("matrix-rust-auto-merge"), ["core/build-oci-rs.bst"]);
    assert_eq!(old.errors(), 1);
    let edits = old.of("matrix-rust-auto-merge")[0].fix.clone().unwrap().edits;
    let new = workflows::apply(&old.tracker, &edits).unwrap();
    assert!(
        new.text.contains("elements/core/efibootmgr.bst\n              elements/core/build-oci-rs.bst\n\n    steps")
    );
}

#[test]
fn folders_that_merge_by_themselves_bring_two_rust_elements() {
    let Some(corpus) = corpus() else { return };
    let judging = judge(&corpus, "tuna-os+tromso", TRACKER, None);
    assert_eq!(judging.judged.style, Form::Folders);
    assert_eq!(judging.elements("matrix-rust-auto-merge"), ["gnomeos-deps/bootc.bst", "tromso/sudo-rs.bst"]);
    assert_eq!(judging.errors(), 2);
    assert!(judging.elements("matrix-rust-untracked").contains(&"kde-linux-deps/bootc.bst"));
}

#[test]
fn groups_without_a_policy_are_a_notice_and_a_bundle_too() {
    let Some(corpus) = corpus() else { return };
    let rust = || Some(vec![element("bluefin/sudo-rs.bst"), element("bluefin/uutils-coreutils.bst")]);
    let factory = judge(&corpus, "joshyorko+dudley-factory", "track-bst-sources.excerpt@35c8200bc912.yml", rust());
    assert!(factory.of("matrix-group-open")[0].message.contains("the group `bluefin` says nothing"));
    let two = factory.judged.entries.iter().find(|row| row.elements.len() == 2).unwrap();
    assert_eq!(two.elements, ["gnome-build-meta.bst", "freedesktop-sdk.bst"]);
    let bundle = judge(&corpus, "highwaytoit+dakota-lts", "track-bst-sources.bundle-excerpt@0a9a3a6bbd7c.yml", rust());
    assert_eq!(bundle.judged.style, Form::Bundle);
    // Its notes mark both: nothing about them is open.
    assert!(bundle.of("matrix-group-open").is_empty() && bundle.of("matrix-note-missing").is_empty());
    let unmarked = Some(vec![element("bluefin/brew.bst"), element("bluefin/sudo-rs.bst")]);
    let unmarked =
        judge(&corpus, "highwaytoit+dakota-lts", "track-bst-sources.bundle-excerpt@0a9a3a6bbd7c.yml", unmarked);
    assert_eq!(unmarked.elements("matrix-note-missing"), ["bluefin/brew.bst"]);
    assert_eq!((factory.errors(), bundle.errors()), (0, 0));
}

#[test]
fn a_tracker_without_matrix_is_said_and_is_no_error() {
    let Some(corpus) = corpus() else { return };
    for (project, workflow) in [("Damillora+aemeath", "update.yml"), ("whelanh+tromso_x", "update-refs.yml")] {
        let judging = judge(&corpus, project, workflow, None);
        assert_eq!(judging.errors(), 0, "{project}: {:?}", judging.judged.findings);
    }
    let all = judge(&corpus, "Damillora+aemeath", "update.yml", None);
    assert_eq!(all.of("matrix-missing").len(), 1);
}

#[test]
fn every_workflow_of_the_corpus_is_read_as_a_tracker() {
    let Some(corpus) = corpus() else { return };
    let mut all = Vec::new();
    files(&corpus, &mut all);
    let mut count = 0;
    for path in all.iter().filter(|p| p.to_str().unwrap().contains("/.github/workflows/")) {
        let project =
            path.strip_prefix(&corpus).unwrap().components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
        let rust = vec![element("x/none.bst")];
        let judging = judge(&corpus, &project, path.file_name().unwrap().to_str().unwrap(), Some(rust));
        assert!(judging.of("workflow-unreadable").is_empty(), "{path:?}");
        assert!(judging.of("matrix-merge-unclear").is_empty(), "{path:?}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}
