//! For people at a terminal: findings as rustc shows them, then a line for each regenerated block, then the totals.

use super::{Report, Status};
use crate::finding::fixes;
use crate::finding::{Finding, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt::Write as _;

/// The maximum number of notes of one finding that are shown. The JSON report has all.
const MAX_NOTES: usize = 24;

/// Renders a report. `color` says whether escape codes may be written.
#[must_use]
pub fn report(report: &Report, color: bool) -> String {
    let mut out = findings(&report.findings, color);
    let (on, off) = if color { ("\x1b[1;32m", "\x1b[0m") } else { ("", "") };
    for moved in report.moves.iter().filter(|moved| moved.written) {
        let from = moved.from.as_deref().unwrap_or("no ref");
        let _ =
            writeln!(out, "{on}moved{off} {}: {} → {}", printable(&moved.file), printable(from), printable(&moved.to));
    }
    for block in report.blocks.iter().filter(|b| b.status == Status::Regenerated) {
        let _ = writeln!(out, "{on}regenerated{off} {}: {}", printable(&block.file), block.drift.summary());
        if block.elements.len() > 1 {
            let _ = writeln!(out, "       used by {}", printable(&block.elements.join(", ")));
        }
    }
    out.push_str(&sum(report));
    out
}

/// Renders the changes as diffs.
#[must_use]
pub fn changes(report: &Report, color: bool) -> String {
    let mut out = String::new();
    for line in report.changes.iter().flat_map(|c| fixes::diff(c).lines().map(str::to_owned).collect::<Vec<_>>()) {
        let code = match line.as_bytes().first() {
            Some(b'+') if color => "\x1b[32m",
            Some(b'-') if color => "\x1b[31m",
            Some(b'@') if color => "\x1b[36m",
            _ => "",
        };
        let _ =
            writeln!(out, "{code}{}{}", uncommanding(&printable(&line)), if code.is_empty() { "" } else { "\x1b[0m" });
    }
    out
}

/// Renders findings alone.
#[must_use]
pub fn findings(findings: &[Finding], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in findings {
        out.push_str(&one(finding, &renderer).replace("##[", "# #["));
        out.push_str("\n\n");
    }
    out
}

/// One finding with its line.
fn one(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE.with_name("notice"),
    };
    let message = match (&finding.element, &finding.location) {
        (Some(element), None) => format!("{element}: {}", finding.message),
        _ => finding.message.clone(),
    };
    let mut group = level.primary_title(printable(&message)).id(finding.rule.id).element_opt(finding);
    let hidden = finding.notes.len().saturating_sub(MAX_NOTES);
    for note in finding.notes.iter().take(if hidden > 0 { MAX_NOTES } else { finding.notes.len() }) {
        group = group.element(Level::NOTE.message(printable(note)));
    }
    if hidden > 0 {
        group = group.element(Level::NOTE.message(format!("and {hidden} more; `--format json` has all")));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    renderer.render(&[group])
}

/// Puts the line of a finding below its title, where there is one.
trait Place<'a> {
    fn element_opt(self, finding: &'a Finding) -> Group<'a>;
}

impl<'a> Place<'a> for annotate_snippets::Title<'a> {
    fn element_opt(self, finding: &'a Finding) -> Group<'a> {
        let Some(place) = &finding.location else {
            return Group::with_title(self);
        };
        if place.line == 0 {
            return self.element(annotate_snippets::Origin::path(printable(&place.path)));
        }
        if place.excerpt.is_empty() {
            // Findings of a review have a line number, but no text of the line.
            return self.element(annotate_snippets::Origin::path(printable(&place.path)).line(place.line));
        }
        let line = place.excerpt.as_str();
        let mark = place.mark.start..place.mark.end.max(place.mark.start);
        self.element(
            Snippet::source(line)
                .line_start(place.line)
                .path(printable(&place.path))
                .annotation(AnnotationKind::Primary.span(mark)),
        )
    }
}

/// Text from outside, without anything that would move the cursor or the text around it.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let moves =
            matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if moves || c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A line in which GitHub's runner, should it read it, finds no command.
fn uncommanding(line: &str) -> String {
    let line = line.replace("##[", "# #[");
    if line.trim_start().starts_with("::") { line.replacen("::", ": :", 1) } else { line }
}

/// The last line: how many of what.
fn sum(report: &Report) -> String {
    let total = report.blocks.len();
    let parts = [
        (Status::Right, "right"),
        (Status::Regenerated, "regenerated"),
        (Status::Drifted, "drifted"),
        (Status::Unverified, "not verified"),
        (Status::Exempt, "exempt"),
    ];
    let words: Vec<String> = parts
        .iter()
        .map(|(s, word)| (report.count(*s), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let errors = report.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let mut out = match total {
        0 => "no cargo2 block found".to_owned(),
        1 => format!("1 cargo2 block: {}", words.join(", ")),
        n => format!("{n} cargo2 blocks: {}", words.join(", ")),
    };
    if errors > 0 {
        let _ = write!(out, "; {errors} error{}", if errors == 1 { "" } else { "s" });
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::rules;
    use crate::text::{SourceText, Span};

    #[test]
    fn nothing_from_outside_moves_the_cursor_or_commands_the_runner() {
        let file = SourceText::new("a\n::error::x\u{1b}[2J\u{202e}.bst", "x # ##[error]y\u{202e}\n");
        for element in [None, Some("b\n::error::y")] {
            let mut finding =
                Finding::new(&rules::LOCK_UNREADABLE, "50%\n::error::z").note("##[stop-commands]z\u{2066}");
            finding = match element {
                Some(element) => finding.of(element),
                None => finding.at(file.locate(Span::new(0, 1))),
            };
            let text = findings(&[finding], false);
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2066}']) && !text.contains("##["), "{text}");
        }
        assert_eq!(uncommanding("   ::error::x ##[y"), "   : :error::x # #[y");
        assert_eq!(uncommanding("+ ::error::x"), "+ ::error::x");
    }
}
