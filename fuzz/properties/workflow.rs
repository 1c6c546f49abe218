//! No workflow makes the reader of trackers and merges panic, and what it finds can be fixed and read again.

use cargo2_bot::finding::read::Read;
use cargo2_bot::text::SourceText;
use cargo2_bot::workflows::{self, Project, RustElement, TRACKER};
use std::sync::Arc;

/// The property.
pub(crate) fn holds(text: &str) {
    let file = Arc::new(SourceText::new(TRACKER, text));
    let rust =
        [RustElement { name: "a/b.bst".into(), tracked: true, path: "elements/a/b.bst".into(), untracked: None }];
    let exists = |name: &str| name.ends_with("b.bst");
    let other = (".github/workflows/x.yml".to_owned(), Read::Known(file.clone()));
    // Every script that it names has its text.
    let scripts = |path: &str| Read::Known(Arc::new(SourceText::new(path, text)));
    let lint = |others: &[(String, Read<Arc<SourceText>>)], tracker: Read<&Arc<SourceText>>| {
        let project =
            Project { rust: &rust, exists: &exists, element_path: "elements", tracker, others, scripts: &scripts };
        workflows::lint_workflows(&project)
    };
    let first = lint(&[], Read::Known(&file));
    assert_eq!(first.findings, lint(&[], Read::Known(&file)).findings);
    for fix in first.findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        let Ok(new) = workflows::apply(&fix.file, &fix.edits) else { continue };
        let _ = lint(&[], Read::Known(&new));
    }
    let _ = lint(&[other], Read::Absent);
    cargo2_bot::fuzzing::report(first.findings);
}
