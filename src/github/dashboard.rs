//! The dashboard: one issue that says what waits, updated in place. Off unless the configuration switches it on.

use super::facts::PullRequest;
use super::ids::PullNumber;
use super::plan::{Action, WriteIssue};
use crate::config::Exception;
use crate::report::markdown;
use crate::report::{BlockReport, Status};

/// The first line of the issue's text: it is known by this and its author.
pub(crate) const MARK: &str = "<!-- cargo2-bot: dashboard -->";

/// The title of the issue.
const TITLE: &str = "cargo2-bot: what waits";

/// The most rows of a list. GitHub takes 65,536 characters.
const MAX_ROWS: usize = 100;

/// The longest row, in characters.
const MAX_ROW: usize = 300;

/// The issue that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    /// Its number.
    pub number: PullNumber,
    /// Its text.
    pub body: String,
}

/// What the dashboard says.
pub(crate) struct Waiting<'a> {
    /// The open pull requests that are held.
    pub held: Vec<&'a PullRequest>,
    /// The blocks of the default branch.
    pub blocks: &'a [BlockReport],
    /// The exceptions of the configuration.
    pub exceptions: Vec<Exception>,
}

/// Plans the issue: a new one, or another text. None where it says all of this.
#[must_use]
pub(crate) fn update(waiting: &Waiting<'_>, there: Option<&Issue>) -> Option<Action> {
    let body = text(waiting);
    let same = |issue: &Issue| issue.body.replace("\r\n", "\n").trim_end() == body.trim_end();
    if there.is_some_and(same) {
        return None;
    }
    Some(Action::Issue(WriteIssue { number: there.map(|issue| issue.number), title: TITLE.into(), body }))
}

fn text(waiting: &Waiting<'_>) -> String {
    let pull = |pull: &&PullRequest| format!("#{} {}", pull.number, markdown::text(&pull.title));
    let open = waiting.blocks.iter().filter(|block| block.is_open());
    let block = |block: &BlockReport| {
        let elements = markdown::code(&block.elements.join(", "));
        match block.status {
            Status::Unverified => format!("{elements}: could not be verified"),
            _ => format!("{elements}: {}", markdown::text(&block.drift.summary())),
        }
    };
    let exception = |exception: &Exception| {
        let of = exception.element.iter().map(|element| format!(" of {}", markdown::code(element))).collect::<String>();
        let until = exception.until.map(|until| format!(", until {until}")).unwrap_or_default();
        format!("{}{of}{until}: {}", markdown::text(&exception.what), markdown::text(&exception.reason))
    };
    let lists = [
        ("Pull requests that wait for an approval", waiting.held.iter().map(pull).collect::<Vec<_>>()),
        ("Elements whose crate list is not that of their lock", open.map(block).collect()),
        ("Exceptions", waiting.exceptions.iter().map(exception).collect()),
    ];
    let mut text = format!("{MARK}\n");
    for (heading, rows) in lists {
        text.push_str(&format!("\n## {heading}\n\n"));
        for row in rows.iter().take(MAX_ROWS) {
            let row: String = row.chars().take(MAX_ROW).collect();
            text.push_str(&format!("- {row}\n"));
        }
        match rows.len() {
            0 => text.push_str("None.\n"),
            all if all > MAX_ROWS => text.push_str(&format!("- and {} more\n", all - MAX_ROWS)),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issue_is_written_once_for_the_same_and_is_bounded() {
        let held: Vec<PullRequest> = (0..250)
            .map(|n| PullRequest { number: PullNumber(n), title: "t @all".repeat(200), ..PullRequest::default() })
            .collect();
        let exception =
            Exception { what: "the exemption".into(), element: Some("a.bst".into()), reason: "r".into(), until: None };
        let waiting = Waiting { held: held.iter().collect(), blocks: &[], exceptions: vec![exception] };
        let Some(Action::Issue(new)) = update(&waiting, None) else { panic!() };
        assert!(new.number.is_none() && new.body.starts_with(MARK) && new.body.len() < 65_000, "{}", new.body.len());
        assert!(
            new.body.contains("- and 150 more\n") && new.body.contains("- the exemption of `a.bst`: r\n"),
            "{}",
            new.body
        );
        assert!(!new.body.contains("t @all"), "nobody is mentioned");
        let there = Issue { number: PullNumber(7), body: new.body.replace('\n', "\r\n") };
        assert_eq!(update(&waiting, Some(&there)), None);
        let less = Waiting { held: Vec::new(), ..waiting };
        assert!(matches!(
            update(&less, Some(&there)),
            Some(Action::Issue(WriteIssue { number: Some(PullNumber(7)), .. }))
        ));
    }
}
