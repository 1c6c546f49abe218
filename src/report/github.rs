//! For GitHub: workflow commands, one for each finding, which the runner turns into annotations.

use super::Report;
use crate::finding::{Finding, Severity};

/// The maximum length of a message, in bytes. Longer ones are cut: the rest is in the report.
const MAX_MESSAGE: usize = 4000;

/// Renders a report as workflow commands, one a line.
#[must_use]
pub fn report(report: &Report) -> String {
    report.findings.iter().map(command).collect()
}

/// `::error file=…,line=…,col=…,title=…::message`
fn command(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.location {
        properties.push(format!("file={}", property(&place.path)));
        if place.line > 0 {
            properties.push(format!("line={}", place.line));
        }
        if place.column > 0 {
            properties.push(format!("col={}", place.column));
        }
    }
    properties.push(format!("title={}", property(finding.rule.id)));
    let mut message = match &finding.element {
        Some(element) => format!("{element}: {}", finding.message),
        None => finding.message.clone(),
    };
    for line in finding.notes.iter().take(10).chain(&finding.help) {
        message.push('\n');
        message.push_str(line);
    }
    let mut end = message.len().min(MAX_MESSAGE);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    format!("::{level} {}::{}\n", properties.join(","), data(&message[..end]))
}

/// One line of a log in which the runner finds no command: neither `::name::`, nor the older `##[name]`, which it takes
/// anywhere in a line.
#[must_use]
pub fn harmless(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("::", ": :").replace("##[", "# #[")
}

/// Text of a command: what the runner would read as a line end is escaped, as actions/toolkit does.
#[must_use]
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property: its separators are escaped too.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::rules;
    use crate::text::{SourceText, Span};

    #[test]
    fn nothing_from_outside_ends_or_begins_a_command() {
        let file = SourceText::new("a,b:c\n::error::x.bst", "x\n");
        let finding = Finding::new(&rules::LOCK_UNREADABLE, "50%\r\n::set-output name=x::y")
            .at(file.locate(Span::new(0, 1)))
            .of("e.bst");
        let text = report(&Report { findings: vec![finding], ..Report::default() });
        assert_eq!(
            text,
            "::error file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax.bst,line=1,col=1,title=lock-unreadable::e.bst: 50%25%0D%0A::set-output name=x::y\n"
        );
    }
}
