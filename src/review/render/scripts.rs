//! How build scripts differ: what runs on the build machine is read before it runs, and without leaving the page.

use super::display_budget::DisplayBudget;
use super::words::count;
use super::{Frame, besides, links};
use crate::report::markdown::{code, fence, fold, ident, link, text};
use crate::review::evidence::{ScriptChange, ScriptDiff};
use crate::review::fact::Fact;
use crate::review::inputs::InputDiff;
use crate::review::{Attention, CrateChange, Review};

/// The number of crates whose scripts are shown.
const SHOWN: usize = 5;

/// The number of lines of a crate's difference that are shown.
const LINES: usize = 120;

/// The number of bytes of a crate's difference that are shown.
const BYTES: usize = 6 << 10;

/// The length of a line that is shown, in characters.
const WIDTH: usize = 1_000;

/// The differences, in one fold; those of crates among the routine updates are there.
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let (_, look) = split(review);
    if look.is_empty() || room.extras == 0 {
        return String::new();
    }
    let title = format!("{}: what runs at the build, as a difference", count(look.len(), "build script"));
    fold(&title, &body(&look, review, frame, room))
}

/// The number of crates among the routine updates whose scripts differ, and how they do.
pub(super) fn of_routine(review: &Review, frame: &Frame, room: DisplayBudget) -> (usize, String) {
    let (routine, _) = split(review);
    let shown =
        if routine.is_empty() || room.extras == 0 { String::new() } else { body(&routine, review, frame, room) };
    (routine.len(), shown)
}

/// The scripts of crates that have a line among the routine updates, as they reach for nothing new, and the others.
fn split(review: &Review) -> (Vec<&ScriptChange>, Vec<&ScriptChange>) {
    review.scripts.iter().partition(|script| {
        changed(script, review).is_some_and(|change| {
            change.attention > Attention::Medium && change.facts.contains(&Fact::BuildScriptWithoutNews)
        })
    })
}

fn changed<'r>(script: &ScriptChange, review: &'r Review) -> Option<&'r CrateChange> {
    let mut changes = review.elements.iter().flat_map(|e| &e.changes);
    changes.find(|c| c.name == script.krate && c.after.as_ref().is_some_and(|e| e.version == script.new))
}

fn body(scripts: &[&ScriptChange], review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let mut left = if room.patches { SHOWN } else { 0 };
    let parts: Vec<String> =
        scripts.iter().take(room.extras).map(|change| one(change, review, frame, &mut left)).collect();
    let mut body = parts.join("\n");
    if scripts.len() > parts.len() {
        body.push_str(&format!("\n{} left out here\n", count(scripts.len() - parts.len(), "more crate")));
    }
    body
}

fn one(change: &ScriptChange, review: &Review, frame: &Frame, left: &mut usize) -> String {
    let name = code(&ident(&change.krate));
    let step = match change.old.as_str() {
        "" => format!("{name} {}, new", code(&change.new)),
        old => format!("{name} {} → {}", code(old), code(&change.new)),
    };
    let step = changed(change, review)
        .and_then(|c| links::change(&frame.links, c))
        .map_or(step.clone(), |href| link(&step, &href));
    let lines: Vec<Vec<String>> = change.files.iter().map(shown).collect();
    let bytes: usize = lines.iter().flatten().map(|line| line.len() + 1).sum();
    let fits = *left > 0 && lines.iter().map(Vec::len).sum::<usize>() <= LINES && bytes <= BYTES;
    *left -= usize::from(fits);
    let mut out = format!("{step}:\n\n");
    for (file, lines) in change.files.iter().zip(lines) {
        let path = code(&file.path);
        out.push_str(&match &file.diff {
            InputDiff::Lines { .. } if fits => format!("{path}\n\n{}\n", fence("diff", &lines.join("\n"))),
            InputDiff::Lines { added, removed, .. } => {
                format!("- {path}: **+{added} −{removed} lines**, not shown here: read the difference of the crate\n")
            }
            InputDiff::Content(..) => format!("- {path}: **another content**, which is too long to be compared\n"),
            InputDiff::Unreadable(why) => format!("- {path}: **cannot be shown**: {}\n", text(why)),
        });
    }
    out
}

fn shown(file: &ScriptDiff) -> Vec<String> {
    match &file.diff {
        InputDiff::Lines { lines, .. } => lines.iter().map(|line| besides::shown(line, WIDTH)).collect(),
        InputDiff::Content(..) | InputDiff::Unreadable(_) => Vec::new(),
    }
}
