//! A pull request of a tracker that brings more than Rust elements: what holds it, element by element, and the ways on.

use super::display_budget::DisplayBudget;
use super::words::{self, capital, count, counts};
use super::{Frame, Hold};
use crate::report::markdown::{code, fence, list, text};
use crate::review::{ElementReview, Review};

/// A bundle of updates, as the repository's tracker makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// The number of changed paths that need nobody's approval.
    pub others: usize,
    /// How the Rust elements can be left out. None where the tracker offers no way.
    pub skip: Option<Skip>,
}

/// The way to leave Rust elements out of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    /// The value of the variable.
    pub value: String,
    /// The commands that set it and start the tracker again.
    pub commands: Vec<String>,
    /// Whether the bot then tracks all of them itself.
    pub tracked: bool,
}

/// The repository variable in which a tracker is told what it leaves out.
pub const SKIP: &str = "TRACK_BUNDLE_SKIP";

/// Says what holds a bundle, with a section for each Rust element, and how it goes on, the shortest way first.
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let Some(bundle) = &frame.bundle else { return String::new() };
    let held = matches!(frame.hold, Some(Hold::Held { .. }));
    let elements = count(review.elements.len(), "Rust element");
    let verb = if review.elements.len() == 1 { "holds" } else { "hold" };
    let rest = match bundle.others {
        0 => "nothing else changes".to_owned(),
        1 => "the other changed path needs no approval".to_owned(),
        n => format!("the other {n} changed paths need no approval"),
    };
    let mut out = match held {
        true => format!("**Bundle**: {elements} {verb} it; {rest}.\n"),
        false => format!("**Bundle**: {elements}; {rest}.\n"),
    };
    for element in review.elements.iter().take(room.extras) {
        out.push_str(&format!("\n#### {}\n\n{}", code(&element.element), list(&section(element))));
    }
    if held {
        out.push_str(&ways(bundle));
    }
    out
}

/// What changes in an element.
fn section(element: &ElementReview) -> Vec<String> {
    let mut lines: Vec<String> = words::step(element).map(|step| text(&step)).into_iter().collect();
    let changes: Vec<_> = element.changes.iter().collect();
    lines.push(match changes.is_empty() {
        true => "the same crates".to_owned(),
        false => text(&counts(&changes)),
    });
    lines.push(text(&format!("crate list: {}", words::status(element))));
    lines.into_iter().map(|line| capital(&line)).collect()
}

/// How it goes on.
fn ways(bundle: &Bundle) -> String {
    let Some(skip) = &bundle.skip else { return "\nTo go on, approve it.\n".to_owned() };
    let then = match skip.tracked {
        true => "cargo2-bot then opens a pull request of its own for them, which nothing else waits for.",
        false => "With `track: true` in its configuration, cargo2-bot then opens a pull request of its own for them.",
    };
    format!(
        "\nTo go on, approve it. Or leave the Rust elements out: set the repository variable {} to {}, with what it already names, and start the \
         tracker again. {then}\n\n{}",
        code(SKIP),
        code(&skip.value),
        fence("sh", &skip.commands.join("\n"))
    )
}
