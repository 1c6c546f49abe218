//! No project file makes the bot panic or run away, also when it includes itself under other names.

use cargo2_bot::bst::project;
use cargo2_bot::cargo2::element;
use cargo2_bot::finding::read::Read;
use cargo2_bot::text::SourceText;
use std::sync::Arc;

/// Conditions, an include of the text itself, sources that use aliases and variables.
const ELEMENT: &str = "(@): own.inc\nvariables:\n  v: \"%{w}\"\n(?):\n- arch == \"x86_64\":\n    variables:\n      w: z\nsources:\n- kind: git_repo\n  url: up:a.git\n  track: \"%{v}\"\n  ref: 0123456789abcdef0123456789abcdef01234567\n- kind: cargo2\n  ref: []\n";

/// The property.
pub(crate) fn holds(text: &str) {
    let file = |path: &str| Arc::new(SourceText::new(path, text));
    let read = |path: &str| if path.len() < 20 { Read::Known(file(path)) } else { Read::Absent };
    let Ok(project) = project::parse(&file(project::PROJECT_CONF), &read, &[]) else { return };
    let path = project.path_of("a/b.bst");
    assert_eq!(project.element_of(&path), Some("a/b.bst"), "names and paths go both ways");
    let variables = project.variables_of("a/b.bst", None, &project.options);
    for line in text.lines() {
        let _ = variables.expand(line);
        let _ = project.translate(line);
        let _ = project.options.holds(line);
    }
    for element in [ELEMENT, text] {
        let file = Arc::new(SourceText::new(&path, element));
        let _ = element::read("a/b.bst", &file, &project, &read);
    }
}
