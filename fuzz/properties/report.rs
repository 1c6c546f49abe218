//! Findings with any text are shown in every form: nothing moves the cursor, each is one command, and documents are JSON.

use cargo2_bot::finding::{Finding, Rule, Severity};
use cargo2_bot::text::{SourceText, Span};

static RULE: Rule = Rule { id: "some-rule", severity: Severity::Error, means: "It means.", remedy: "Do it." };

/// The property.
pub(crate) fn holds(input: (&str, &str, &str, usize, usize)) {
    let (path, text, message, start, length) = input;
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let start = floor(start);
    let end = floor(start.saturating_add(length)).max(start);
    let file = SourceText::new(path, text);
    let finding = Finding::new(&RULE, message).note(text).help(path);
    cargo2_bot::fuzzing::report(vec![
        finding.clone().at(file.locate(Span::new(start, end))).of(path),
        finding.clone().of(message).about(text),
        finding,
    ]);
}
