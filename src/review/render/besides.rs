//! What differs beside the crate lists: nobody finds one changed command among 400 checksums.

use super::display_budget::DisplayBudget;
use super::words::{count, listed};
use super::{Frame, links};
use crate::report::markdown::{code, fence, link, text, visible};
use crate::review::Review;
use crate::review::inputs::{InputChange, InputDiff};

/// The number of lines of all differences that are shown together.
const LINES: usize = 30;

/// The length of a line that is shown, in characters.
const WIDTH: usize = 200;

/// The number of files that are named.
const FILES: usize = 12;

/// The part "Besides the crate list".
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    if review.inputs.is_empty() {
        return String::new();
    }
    let mut out = "#### Besides the crate list\n\n".to_owned();
    let mut left = if room.extras > 0 { LINES } else { 0 };
    let many = review.elements.len() > 1;
    for input in review.inputs.iter().take(FILES) {
        let name = name(input, frame);
        let of = if many { format!(", read by {}", text(&listed(&input.elements, 3))) } else { String::new() };
        match &input.diff {
            InputDiff::Lines { lines, .. } if lines.len() <= left => {
                left -= lines.len();
                let body: Vec<String> = lines.iter().map(|line| shown(line, WIDTH)).collect();
                out.push_str(&format!("{name}{of}:\n\n{}\n", fence("diff", &body.join("\n"))));
            }
            InputDiff::Lines { added, removed, .. } => {
                out.push_str(&format!("- {name}{of}: **+{added} −{removed} lines**, too many to be shown here: read the file's difference\n"));
            }
            InputDiff::Content(before, after) => {
                let sum = |sum: &Option<String>| sum.as_ref().map_or_else(|| "nothing".to_owned(), |sum| code(sum));
                out.push_str(&format!("- {name}{of}: **another content**, sha256 {} → {}\n", sum(before), sum(after)));
            }
            InputDiff::Unreadable(why) => {
                out.push_str(&format!("- {name}{of}: **cannot be compared**: {}\n", text(why)));
            }
        }
    }
    if review.inputs.len() > FILES {
        out.push_str(&format!("- {}\n", count(review.inputs.len() - FILES, "more file")));
    }
    out
}

fn name(input: &InputChange, frame: &Frame) -> String {
    let label = code(&input.path);
    links::file(&frame.links, &input.path, 0).map_or(label.clone(), |href| link(&label, &href))
}

/// A line of a difference, of at most so many characters. Characters that would hide something are shown as escapes.
pub(super) fn shown(line: &str, width: usize) -> String {
    let (sign, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
    let rest = visible(rest);
    match rest.char_indices().nth(width) {
        Some((at, _)) => format!("{sign}{}…", &rest[..at]),
        None => format!("{sign}{rest}"),
    }
}
