//! No element makes the rules about how it is built panic, and they say the same each time.

use cargo2_bot::bst::project::{self, Project};
use cargo2_bot::finding::read::Read;
use cargo2_bot::lint::{self, Context};
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml;
use std::sync::{Arc, LazyLock};

const CONF: &str = "name: p\nelement-path: elements\nvariables:\n  v: \"1\"\n";

fn read(_: &str) -> Read<Arc<SourceText>> {
    Read::Absent
}

static PROJECT: LazyLock<Project> =
    LazyLock::new(|| project::parse(&Arc::new(SourceText::new("project.conf", CONF)), &read, &[]).unwrap());

/// The property.
pub(crate) fn holds(text: &str) {
    let Ok(root) = yaml::parse(&Arc::new(SourceText::new("elements/a.bst", text))) else { return };
    let subject = lint::subject("a.bst", &root, &PROJECT, &read);
    let context = Context { project: "p", subjects: &[subject], stack: Some("a.bst"), ..Context::default() };
    let findings = lint::lint(&context);
    assert_eq!(findings, lint::lint(&context));
    cargo2_bot::fuzzing::report(findings);
}
